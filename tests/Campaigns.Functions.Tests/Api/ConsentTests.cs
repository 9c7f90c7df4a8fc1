using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Functions.Tests.Api;

/// <summary>Consent by HTTP, per channel and purpose, and its confirmation by a link.</summary>
public sealed partial class ConsentTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Consent_counts_once_the_recipient_has_pressed_the_button_and_its_proof_says_when()
    {
        await using var app = await StartAsync();
        Assert.Equal("asked", await SayAsync(app, new { email = "Ann@Example.com", purposes = new[] { "marketing", "newsletter" }, given = true, source = "footer form", proof = "form 3" }));
        Assert.Equal("asked", await SayAsync(app, new { email = "ann@example.com", purposes = new[] { "marketing", "newsletter" }, given = true }));
        Assert.Null(await CustomerAsync(app, "email:ann@example.com"));
        var link = Assert.Single(await LinksAsync(app));

        using (var page = await app.Anonymous.GetAsync(link, Cancelled))
        {
            Assert.Contains("our monthly newsletter", await page.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        }

        await app.QuietAsync();
        Assert.Null(await CustomerAsync(app, "email:ann@example.com")); // A scanner that follows the link confirms nothing.
        for (var i = 0; i < 2; i++)
        {
            using var pressed = await app.Anonymous.PostAsync(link, null, Cancelled);
            Assert.Equal(HttpStatusCode.OK, pressed.StatusCode);
            await app.QuietAsync();
        }

        var ann = (await CustomerAsync(app, "email:ann@example.com"))!;
        Assert.Equal((true, true, null), (ann.ConsentOn(Channel.Email).Given, ann.ConsentOn(Channel.Email, "newsletter").Given, ann.ConsentOn(Channel.Sms).Given));
        Assert.Equal("footer form", ann.EmailConsent.Source);
        Assert.Matches("^double opt-in: asked .*, message consent-.*, confirmed .*; form 3$", ann.EmailConsent.Proof);
        var import = (await app.GetAsync("/api/imports")).EnumerateArray();
        Assert.Empty(import); // One of many small ones: not listed.
    }

    [Fact]
    public async Task Another_link_or_a_late_one_confirms_nothing_and_what_was_not_confirmed_is_deleted()
    {
        await using var app = await StartAsync();
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        await app.SetNowAsync(now);
        await SayAsync(app, new { email = "ann@example.com", given = true });
        var link = Assert.Single(await LinksAsync(app));

        foreach (var wrong in new[] { link[..^2] + "AA", link.Replace("/o/", "/u/", StringComparison.Ordinal) })
        {
            using var refused = await app.Anonymous.PostAsync(wrong, null, Cancelled);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }

        await app.SetNowAsync(now.AddDays(14));
        using var late = await app.Anonymous.PostAsync(link, null, Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, late.StatusCode);
        Assert.Single(await RequestsAsync(app));
        await app.TickAsync("RecomputeSegments");
        Assert.Empty(await RequestsAsync(app));
        Assert.Empty(await LinksAsync(app));
        Assert.Null(await CustomerAsync(app, "email:ann@example.com"));
    }

    [Fact]
    public async Task Without_confirmation_consent_is_stored_at_once_and_taken_back_the_same_way()
    {
        await using var app = await StartAsync();
        Assert.Equal("stored", await SayAsync(app, new { phone = "020 7946 0018", given = true, confirm = false, source = "till" }));
        await app.QuietAsync();
        Assert.Equal((true, "till"), ((await CustomerAsync(app, "phone:+442079460018"))!.SmsConsent.Given, (await CustomerAsync(app, "phone:+442079460018"))!.SmsConsent.Source));

        await SayAsync(app, new { phone = "+442079460018", given = false });
        await app.QuietAsync();
        Assert.False((await CustomerAsync(app, "phone:+442079460018"))!.SmsConsent.Given);
        Assert.Empty(await LinksAsync(app));
    }

    [Fact]
    public async Task A_confirmed_request_takes_the_recipients_own_unsubscription_back_and_no_other_reason()
    {
        await using var app = await StartAsync();
        var book = app.Get<AddressBook>();
        await book.SuppressAsync(Channel.Email, "ann@example.com", SuppressionRow.Unsubscribed, DateTimeOffset.UtcNow.AddDays(-1), Cancelled);
        await book.SuppressAsync(Channel.Email, "bob@example.com", SuppressionRow.Complaint, DateTimeOffset.UtcNow.AddDays(-1), Cancelled);

        await SayAsync(app, new { email = "ann@example.com", given = true });
        using var pressed = await app.Anonymous.PostAsync(Assert.Single(await LinksAsync(app)), null, Cancelled);
        Assert.Null(await book.SuppressionAsync("ann@example.com", Cancelled));
        using var refused = await app.Admin.PostAsJsonAsync("/api/consents", new { email = "bob@example.com", given = true }, Cancelled);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("complaint", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"email": "ann@example.com"}""", "Say given")]
    [InlineData("""{"email": "ann", "given": true}""", "Send an e-mail address")]
    [InlineData("""{"given": true}""", "Send an e-mail address")]
    [InlineData("""{"email": "ann@example.com", "phone": "+442079460018", "given": true}""", "not both")]
    [InlineData("""{"email": "ann@example.com", "given": true, "purposes": ["club"]}""", "no purpose of consent 'club'")]
    public async Task What_does_not_say_who_and_what_is_refused_with_a_sentence(string body, string sentence)
    {
        await using var app = await StartAsync();
        using var answer = await app.Admin.PostAsync("/api/consents", new StringContent(body, null, "application/json"), Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(sentence, await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_erased_customer_leaves_no_request_behind()
    {
        await using var app = await StartAsync();
        await app.ImportAsync("/api/customers", new StringContent("customer_id,email\nann,ann@example.com\n"));
        await SayAsync(app, new { email = "ann@example.com", given = true });
        Assert.Single(await RequestsAsync(app));

        await app.SendAsync(HttpMethod.Delete, "/api/customers/ann");
        await app.QuietAsync();
        Assert.Empty(await RequestsAsync(app));
        Assert.Empty(await LinksAsync(app));
    }

    private static async Task<AppUnderTest> StartAsync()
    {
        var app = await AppUnderTest.StartAsync(false);
        await app.Workspace.ChangeAsync(s => s with { Contact = new ContactRules { DoubleOptIn = true, Purposes = [new("newsletter", "our monthly newsletter")] } }, Cancelled);
        return app;
    }

    private static async Task<string> SayAsync(AppUnderTest app, object body) =>
        (await app.SendAsync(HttpMethod.Post, "/api/consents", body)).GetProperty("status").GetString()!;

    private static async Task<CustomerRow?> CustomerAsync(AppUnderTest app, string id)
    {
        var settings = await app.Workspace.SettingsAsync(Cancelled);
        var key = CustomerKey.Of(settings.Salt, id);
        return (await app.Get<IRowStore>().FindAsync<CustomerRow>(Tables.Customers, new Bucketing(settings.Buckets).PartitionOf(key), Tables.Customer(key), Cancelled))?.Value;
    }

    private static async Task<List<Row>> RequestsAsync(AppUnderTest app)
    {
        var found = new List<Row>();
        await foreach (var partition in app.Get<IRowStore>().PartitionsAsync(Tables.Customers, Cancelled))
        {
            await foreach (var row in app.Get<IRowStore>().ScanPrefixAsync(Tables.Customers, partition, Tables.AllConsentRequests, Cancelled))
            {
                found.Add(row);
            }
        }

        return found;
    }

    /// <summary>Paths of the links in the outbox's messages that ask to confirm.</summary>
    private static async Task<List<string>> LinksAsync(AppUnderTest app)
    {
        var found = new List<string>();
        await foreach (var partition in app.Get<IRowStore>().PartitionsAsync(Tables.Outbox, Cancelled))
        {
            await foreach (var row in app.Get<IRowStore>().ScanAsync(Tables.Outbox, partition, " ", "\x7e", Cancelled))
            {
                found.Add(Link().Match(RowCodec.Decode<Channels.Outbox.OutboxRow>(row.Payload).Text).Value);
            }
        }

        return found;
    }

    [GeneratedRegex("/o/[^\\s]+")]
    private static partial Regex Link();
}
