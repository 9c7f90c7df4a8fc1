using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Campaigns.Channels.Tests;

public class ChannelRegistrationTests
{
    private static async Task<Dictionary<Channel, string>> ChosenAsync(Dictionary<string, string?> settings)
    {
        await using var store = TempStore.Create(1);
        var services = new ServiceCollection().AddSingleton(store.Rows).AddSingleton<Workspace>(store.Workspace);
        services.AddChannels(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        await using var provider = services.BuildServiceProvider();
        return provider.GetServices<IMessageChannel>().ToDictionary(c => c.Channel, c => c.Name);
    }

    [Fact]
    public async Task The_outbox_is_the_default() =>
        Assert.Equal(new Dictionary<Channel, string> { [Channel.Email] = "outbox", [Channel.Sms] = "outbox" }, await ChosenAsync([]));

    [Fact]
    public async Task Providers_are_chosen_by_configuration() =>
        Assert.Equal(
            new Dictionary<Channel, string> { [Channel.Email] = "sendgrid", [Channel.Sms] = "twilio" },
            await ChosenAsync(new()
            {
                ["Channels:Email"] = "SendGrid",
                ["Channels:SendGrid:ApiKey"] = "k",
                ["Channels:SendGrid:FromAddress"] = "shop@shop.example",
                ["Channels:Sms"] = "twilio",
                ["Channels:Twilio:AccountSid"] = Messages.AccountSid,
                ["Channels:Twilio:AuthToken"] = "t",
                ["Channels:Twilio:From"] = "+447700900000",
            }));

    [Theory]
    [InlineData("Channels:Email", "pigeon", "it can be outbox or sendgrid or smtp")]
    [InlineData("Channels:Email", "sendgrid", "Channels:SendGrid:ApiKey")]
    [InlineData("Channels:Email", "smtp", "Channels:Smtp:Host")]
    [InlineData("Channels:Sms", "twilio", "Channels:Twilio:AccountSid")]
    public async Task What_is_missing_is_said_at_the_start(string key, string value, string says)
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => ChosenAsync(new() { [key] = value }));
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_are_not_written_where_options_are()
    {
        Assert.DoesNotContain("secret", new SendGrid.SendGridOptions { ApiKey = "secret" }.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", new Smtp.SmtpOptions { UserName = "secret", Password = "secret" }.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", new Twilio.TwilioOptions { AuthToken = "secret" }.ToString(), StringComparison.Ordinal);
    }
}
