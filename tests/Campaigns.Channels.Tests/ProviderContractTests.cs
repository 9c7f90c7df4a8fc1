namespace Campaigns.Channels.Tests;

/// <summary>Requests against the providers' own descriptions, which Prism serves and enforces.</summary>
public class ProviderContractTests
{
    [Fact]
    public async Task Sendgrids_description_accepts_our_batches()
    {
        await using var prism = await PrismServer.StartAsync("providers/sendgrid_mail_v3.openapi.json");
        var results = await Messages.SendGrid(prism.Address).SendAsync([Messages.Email(1), Messages.Email(2), Messages.Email(3), Messages.Email(4, html: new string('x', 20_000))], default);
        Assert.All(results, r => Assert.True(r is Core.Dispatch.SendResult.Accepted, $"{r}\n{prism.Output}"));
    }

    [Fact]
    public async Task Twilios_description_accepts_our_messages()
    {
        await using var prism = await PrismServer.StartAsync("providers/twilio_api_v2010.openapi.json");
        var results = await Messages.Twilio(prism.Address).SendAsync([Messages.Sms(1), Messages.Sms(2)], default);
        Assert.All(results, r => Assert.True(r is Core.Dispatch.SendResult.Accepted { ProviderId: not null }, $"{r}\n{prism.Output}"));
    }
}
