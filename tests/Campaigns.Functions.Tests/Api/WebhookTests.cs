using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Campaigns.Channels.SendGrid;
using Campaigns.Channels.Twilio;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using Campaigns.Core.Tracking;
using Campaigns.Functions.Api;
using Campaigns.Testing;

namespace Campaigns.Functions.Tests.Api;

/// <summary>Reports of the providers: what proves itself is applied, everything else is refused and leaves nothing behind.</summary>
public sealed class WebhookTests : IDisposable
{
    private const string AuthToken = "0123456789abcdef0123456789abcdef";
    private const string Public = "https://mail.example.com";

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string PublicKey => Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());

    private static SendId Send { get; } = new("run-none", CustomerKey.Of([1], "ann"));

    [Fact]
    public void SendGrids_published_vectors_verify_and_anything_else_does_not()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("providers/webhook_vectors.json")));
        var v = vectors.RootElement.GetProperty("sendgrid");
        string Of(string name) => v.GetProperty(name).GetString()!;
        var body = Encoding.UTF8.GetBytes(Of("payload"));

        Assert.True(SendGridSignature.IsValid(Of("public_key"), Of("timestamp"), body, Of("signature")));
        Assert.True(SendGridSignature.IsValid(Of("public_key"), Of("timestamp"), body, Of("malleated_but_valid_signature(computed here)")));
        Assert.False(SendGridSignature.IsValid(Of("bad_key"), Of("timestamp"), body, Of("signature")));
        Assert.False(SendGridSignature.IsValid(Of("public_key"), Of("timestamp"), body, Of("bad_signature")));
        Assert.False(SendGridSignature.IsValid(Of("public_key"), "1600112503", body, Of("signature")));
        Assert.False(SendGridSignature.IsValid(Of("public_key"), Of("timestamp"), body.AsSpan(0, body.Length - 2), Of("signature")));
        foreach (var wrong in new[] { "", "x", "AAAA", "MEUCIGHQVtGj", Of("signature")[..^4] })
        {
            Assert.False(SendGridSignature.IsValid(Of("public_key"), Of("timestamp"), body, wrong));
            Assert.False(SendGridSignature.IsValid(wrong, Of("timestamp"), body, Of("signature")));
        }
    }

    [Fact]
    public void Twilios_published_vectors_verify_with_and_without_the_port()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("providers/webhook_vectors.json")));
        var v = vectors.RootElement.GetProperty("twilio");
        var token = v.GetProperty("token").GetString()!;
        var form = v.GetProperty("params").EnumerateObject().Select(p => KeyValuePair.Create(p.Name, p.Value.GetString()!)).ToList();
        var cases = v.GetProperty("cases").EnumerateArray().Select(c => (Url: c[0].GetString()!, Signature: c[1].GetString()!)).ToList();

        Assert.Equal(6, cases.Count);
        foreach (var (url, signature) in cases)
        {
            Assert.True(TwilioSignature.IsValid(token, url, form, signature), url);
            Assert.False(TwilioSignature.IsValid(token + "x", url, form, signature));
            Assert.False(TwilioSignature.IsValid("", url, form, signature));
            Assert.False(TwilioSignature.IsValid(token, url + "&x=1", form, signature));
            Assert.False(TwilioSignature.IsValid(token, url, form.Skip(1), signature));
            Assert.False(TwilioSignature.IsValid(token, url, form, signature.ToLowerInvariant()));
            Assert.False(TwilioSignature.IsValid(token, url, form, ""));
        }

        // The address without a port, signed with the usual one, and the other way round.
        Assert.True(TwilioSignature.IsValid(token, cases[0].Url, form, cases[1].Signature));
        Assert.True(TwilioSignature.IsValid(token, cases[1].Url, form, cases[0].Signature));
        Assert.True(TwilioSignature.IsValid(token, cases[3].Url, form, cases[0].Signature));
    }

    [Fact]
    public async Task SendGrids_events_close_sends_and_only_hard_bounces_complaints_and_opt_outs_suppress()
    {
        await using var app = await CampaignTests.ShopAsync("--Channels:SendGrid:WebhookPublicKey=" + PublicKey);
        await app.SendAsync(HttpMethod.Post, "/api/campaigns/win-back/launch");
        await app.QuietAsync();
        var sent = await SentAsync(app);
        Assert.True(sent.Count >= 6, $"only {sent.Count} were sent");
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        object Event(int who, string name, string type = "", bool machine = false) =>
            new { send_id = sent[who], @event = name, type, sg_machine_open = machine, timestamp = now, sg_event_id = $"e{who}{name}", email = "c@example.com" };
        var body = JsonSerializer.Serialize(new[]
        {
            Event(0, "delivered"), Event(0, "processed"), Event(0, "delivered"),
            Event(1, "bounce", "bounce"), Event(2, "bounce", "blocked"), Event(3, "spamreport"), Event(4, "open", machine: true), Event(5, "open"), Event(5, "deferred"),
            new { send_id = "run-other.ABC", @event = "bounce", type = "bounce", timestamp = now }, new { @event = "bounce", timestamp = now },
        });

        for (var repeat = 0; repeat < 2; repeat++)
        {
            Assert.Equal(HttpStatusCode.NoContent, await PostEventsAsync(app, body));
            await app.TickAsync(nameof(ApplyWebhooks));
        }

        var rows = await RowsAsync(app);
        SendState[] states = [.. sent.Select(s => rows[s].State).Take(6)];
        Assert.Equal([SendState.Delivered, SendState.Bounced, SendState.Bounced, SendState.Complained, SendState.Accepted, SendState.Accepted], states);
        Assert.Null(rows[sent[4]].OpenedAt);
        Assert.NotNull(rows[sent[5]].OpenedAt);
        var suppressed = new List<string>();
        foreach (var row in rows.Values)
        {
            var customer = await app.Get<IRowStore>().FindAsync<Core.Ingest.CustomerRow>(
                Tables.Customers, (await BucketingAsync(app)).PartitionOf(KeyOf(app, row.CustomerId)), Tables.Customer(KeyOf(app, row.CustomerId)), Cancelled);
            if (customer!.Value.SuppressionOn(Channel.Email) is not null)
            {
                suppressed.Add(row.CustomerId);
            }
        }

        Assert.Equal(new[] { rows[sent[1]].CustomerId, rows[sent[3]].CustomerId }.Order(), suppressed.Order());
    }

    [Fact]
    public async Task Events_that_do_not_prove_themselves_are_refused_and_nothing_is_stored()
    {
        await using var app = await AppUnderTest.StartAsync(true, "--Channels:SendGrid:WebhookPublicKey=" + PublicKey);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var body = $$"""[{"send_id":"{{Send}}","event":"delivered","timestamp":1}]""";
        var now = DateTimeOffset.UtcNow;

        Assert.Equal(HttpStatusCode.Forbidden, await PostEventsAsync(app, body, signer: other));
        Assert.Equal(HttpStatusCode.Forbidden, await PostEventsAsync(app, body, sign: false));
        Assert.Equal(HttpStatusCode.Forbidden, await PostEventsAsync(app, body, at: now.AddHours(-26)));
        Assert.Equal(HttpStatusCode.Forbidden, await PostEventsAsync(app, body, at: now.AddMinutes(10)));
        Assert.Equal(HttpStatusCode.Forbidden, await PostEventsAsync(app, body + " ", signedBody: body));
        Assert.Equal(HttpStatusCode.BadRequest, await PostEventsAsync(app, "{}"));
        Assert.Equal(HttpStatusCode.BadRequest, await PostEventsAsync(app, "[{"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostEventsAsync(app, new string(' ', 2 * 1024 * 1024) + "[]"));
        Assert.Empty(await KeptAsync(app));

        Assert.Equal(HttpStatusCode.NoContent, await PostEventsAsync(app, body, at: now.AddHours(-24)));
        Assert.Single(await KeptAsync(app));
    }

    [Fact]
    public async Task Without_a_key_nothing_is_accepted_and_a_key_that_is_none_stops_the_start()
    {
        await using var app = await AppUnderTest.StartAsync(underHost: true);

        Assert.Equal(HttpStatusCode.Forbidden, await PostEventsAsync(app, "[]"));
        Assert.Equal(HttpStatusCode.Forbidden, await PostStatusAsync(app, "delivered", null, token: ""));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => AppUnderTest.StartAsync(true, "--Channels:SendGrid:WebhookPublicKey=nonsense"));
        Assert.Contains("WebhookPublicKey", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_touches_go_in_messages_that_fit_the_queue_and_none_is_lost()
    {
        var touches = Enumerable.Range(0, 3000)
            .Select(i => new Touch($"run-{i:x16}.{Send.Customer}", TouchKind.Delivered, DateTimeOffset.UnixEpoch.AddSeconds(i), false, new string('ü', 100)))
            .ToList();

        var messages = WebhooksApi.MessagesOf(touches);

        Assert.All(messages, m => QueueLimits.Check(m.Queue, m.Body));
        Assert.Equal(touches, messages.SelectMany(m => Touch.Parse(Envelope.Parse(m.Body).Content)));
        Assert.InRange(messages.Count, 2, 200);
        Assert.Empty(WebhooksApi.MessagesOf([]));
    }

    [Theory]
    [InlineData("sent", null, TouchKind.Accepted)]
    [InlineData("delivered", null, TouchKind.Delivered)]
    [InlineData("undelivered", "30003", TouchKind.SoftBounced)]
    [InlineData("undelivered", "30007", TouchKind.SoftBounced)]
    [InlineData("undelivered", "30006", TouchKind.HardBounced)]
    [InlineData("failed", "21614", TouchKind.HardBounced)]
    [InlineData("failed", "21635", TouchKind.HardBounced)]
    [InlineData("failed", "21610", TouchKind.Unsubscribed)]
    [InlineData("failed", "30001", TouchKind.SoftBounced)]
    [InlineData("failed", null, TouchKind.SoftBounced)]
    [InlineData("queued", null, null)]
    [InlineData("nonsense", "21610", null)]
    public async Task A_status_of_twilio_becomes_the_touch_that_it_means(string status, string? code, TouchKind? kind)
    {
        await using var app = await AppUnderTest.StartAsync(true, "--Channels:Twilio:AuthToken=" + AuthToken, "--Campaigns:PublicBaseUrl=" + Public);

        Assert.Equal(HttpStatusCode.NoContent, await PostStatusAsync(app, status, code));

        var touches = await KeptAsync(app);
        Assert.Equal(kind is null ? [] : [(Send.ToString(), kind.Value)], touches.Select(t => (t.Send, t.Kind)));
    }

    [Fact]
    public async Task A_status_that_does_not_prove_itself_is_refused_and_nothing_is_stored()
    {
        await using var app = await AppUnderTest.StartAsync(true, "--Channels:Twilio:AuthToken=" + AuthToken, "--Campaigns:PublicBaseUrl=" + Public);
        var links = SignedLinks.Of(await app.Workspace.SettingsAsync(Cancelled));
        var token = links.Token(LinkPurpose.Status, Send);

        Assert.Equal(HttpStatusCode.Forbidden, await PostStatusAsync(app, "delivered", null, token: new string('f', 32)));
        Assert.Equal(HttpStatusCode.Forbidden, await PostStatusAsync(app, "delivered", null, link: links.Token(LinkPurpose.Unsubscribe, Send)));
        Assert.Equal(HttpStatusCode.Forbidden, await PostStatusAsync(app, "delivered", null, link: token[..^2] + (token[^2] == 'A' ? "BA" : "AA")));
        Assert.Equal(HttpStatusCode.Forbidden, await PostStatusAsync(app, "delivered", null, link: "x"));
        Assert.Equal(HttpStatusCode.Forbidden, await PostStatusAsync(app, "delivered", null, signedFor: "http://127.0.0.1:1"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostStatusAsync(app, new string('d', 100_000), null));
        using var json = new StringContent("{}", Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await app.Anonymous.PostAsync("/webhooks/twilio/" + token, json, Cancelled)).StatusCode);

        Assert.Empty(await KeptAsync(app));
    }

    private async Task<HttpStatusCode> PostEventsAsync(
        AppUnderTest app, string body, ECDsa? signer = null, DateTimeOffset? at = null, bool sign = true, string? signedBody = null)
    {
        var timestamp = (at ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/sendgrid") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.ExpectContinue = body.Length > 1_000_000;
        request.Headers.Add(SendGridSignature.TimestampHeader, timestamp);
        if (sign)
        {
            var signature = (signer ?? key).SignData(Encoding.UTF8.GetBytes(timestamp + (signedBody ?? body)), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
            request.Headers.Add(SendGridSignature.Header, Convert.ToBase64String(signature));
        }

        using var answer = await app.Anonymous.SendAsync(request, Cancelled);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> PostStatusAsync(
        AppUnderTest app, string status, string? code, string token = AuthToken, string? link = null, string signedFor = Public)
    {
        var path = "/webhooks/twilio/" + (link ?? SignedLinks.Of(await app.Workspace.SettingsAsync(Cancelled)).Token(LinkPurpose.Status, Send));
        var form = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["MessageSid"] = "SM0123",
            ["MessageStatus"] = status,
            ["To"] = "+447700900123",
            ["Body"] = "Grüße & more",
        };
        if (code is not null)
        {
            form["ErrorCode"] = code;
        }

        // Written out here once more, from Twilio's description.
#pragma warning disable CA5350 // SHA-1 is what Twilio defines.
        var signature = HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(signedFor + path + string.Concat(form.Select(f => f.Key + f.Value))));
#pragma warning restore CA5350
        using var content = new FormUrlEncodedContent(form);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.ExpectContinue = status.Length > 1000;
        request.Headers.Add(TwilioSignature.Header, Convert.ToBase64String(signature));
        using var answer = await app.Anonymous.SendAsync(request, Cancelled);
        return answer.StatusCode;
    }

    /// <summary>What is kept and not yet applied.</summary>
    private static async Task<List<Touch>> KeptAsync(AppUnderTest app)
    {
        var kept = new List<Touch>();
        await foreach (var blob in app.Get<IBlobStore>().ListAsync("touches/", Cancelled))
        {
            await using var content = await app.Get<IBlobStore>().OpenAsync(blob.Name, Cancelled);
            using var parsed = await JsonDocument.ParseAsync(content!, cancellationToken: Cancelled);
            kept.AddRange(Touch.Parse(parsed.RootElement));
        }

        return kept;
    }

    private static async Task<Bucketing> BucketingAsync(AppUnderTest app) => new((await app.Workspace.SettingsAsync(Cancelled)).Buckets);

    private static CustomerKey KeyOf(AppUnderTest app, string customer) =>
        CustomerKey.Of(app.Workspace.SettingsAsync(Cancelled).AsTask().GetAwaiter().GetResult().Salt, customer);

    /// <summary>The messages that were taken by the outbox, in order of their ids.</summary>
    private static async Task<List<string>> SentAsync(AppUnderTest app) =>
        [.. (await RowsAsync(app)).Where(r => r.Value.State == SendState.Accepted).Select(r => r.Key).Order(StringComparer.Ordinal)];

    private static async Task<Dictionary<string, AssignmentRow>> RowsAsync(AppUnderTest app)
    {
        var rows = new Dictionary<string, AssignmentRow>(StringComparer.Ordinal);
        var run = Campaign.RunId("win-back", 0);
        var prefix = Tables.Assignments(run);
        for (var bucket = 0; bucket < (await BucketingAsync(app)).Count; bucket++)
        {
            await foreach (var row in app.Get<IRowStore>().ScanPrefixAsync(Tables.Customers, Bucketing.Partition(bucket), prefix, Cancelled))
            {
                rows[new SendId(run, new CustomerKey(row.Key[prefix.Length..])).ToString()] = RowCodec.Decode<AssignmentRow>(row.Payload);
            }
        }

        return rows;
    }

    public void Dispose() => key.Dispose();
}
