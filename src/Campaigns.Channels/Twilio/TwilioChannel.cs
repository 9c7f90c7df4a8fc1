using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Tracking;

namespace Campaigns.Channels.Twilio;

/// <summary>
/// Text messages through Twilio's Messages API: one request each, never repeated. Twilio cannot be asked for a message by
/// our id; the address for its status reports carries the id, signed.
/// </summary>
public sealed class TwilioChannel : IMessageChannel
{
    /// <summary>Messages claimed together: few, as each is a request of its own.</summary>
    public const int MessagesPerBatch = 10;

    /// <summary>Errors that lie with the recipient, and the reason for which the number is not tried again, if so.</summary>
    private static readonly Dictionary<int, string?> RecipientErrors = new()
    {
        [21211] = "not a phone number",
        [21214] = "not a phone number",
        [21217] = "not a phone number",
        [21408] = null, // Sending to the country is not allowed.
        [21610] = "unsubscribed",
        [21612] = null, // No route from this sender.
        [21614] = "not a mobile number",
        [21617] = null, // Body too long.
        [21635] = "a landline",
    };

    private readonly HttpClient http;
    private readonly TwilioOptions options;
    private readonly Func<CancellationToken, ValueTask<WorkspaceSettings>> settings;
    private readonly TimeProvider time;

    /// <param name="http">A client without retries; its time-out is set here.</param>
    /// <param name="options">Settings, checked.</param>
    /// <param name="settings">The workspace's settings: public address and salt for the address of status reports.</param>
    /// <param name="time">System time, for waits that Twilio asks for.</param>
    public TwilioChannel(HttpClient http, TwilioOptions options, Func<CancellationToken, ValueTask<WorkspaceSettings>> settings, TimeProvider time)
    {
        this.http = http;
        this.options = options;
        this.settings = settings;
        this.time = time;
        http.Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds);
    }

    /// <inheritdoc/>
    public string Name => "twilio";

    /// <inheritdoc/>
    public Channel Channel => Channel.Sms;

    /// <inheritdoc/>
    public bool OneWay => options.OneWay;

    /// <inheritdoc/>
    public int BatchSize => MessagesPerBatch;

    /// <inheritdoc/>
    public double? MessagesPerSecond => options.MessagesPerSecond;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SendResult>> SendAsync(IReadOnlyList<OutgoingMessage> batch, CancellationToken cancellation)
    {
        var workspace = await settings(cancellation);
        var results = new List<SendResult>(batch.Count);
        foreach (var message in batch)
        {
            var broken = results.Exists(r => r is SendResult.NotSent or SendResult.Unknown);
            results.Add(broken ? new SendResult.NotSent("not tried after an earlier failure") : await PostAsync(message, workspace, cancellation));
        }

        return results;
    }

    /// <summary>Twilio's API cannot be asked for a message by our id; its status reports tell.</summary>
    public ValueTask<FindResult> FindAsync(SendId id, CancellationToken cancellation) => new(FindResult.CannotTell);

    private async ValueTask<SendResult> PostAsync(OutgoingMessage message, WorkspaceSettings workspace, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{options.Host.TrimEnd('/')}/2010-04-01/Accounts/{options.AccountSid}/Messages.json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.AccountSid}:{options.AuthToken}")));
        request.Content = new FormUrlEncodedContent(Form(message, workspace));
        try
        {
            using var response = await http.SendAsync(request, cancellation);
            var body = await response.Content.ReadAsStringAsync(cancellation);
            var status = (int)response.StatusCode;
            return status is >= 200 and < 300 ? new SendResult.Accepted(Property(body, "sid") is { ValueKind: JsonValueKind.String } sid ? sid.GetString() : null)
                : status is >= 500 or 408 ? new SendResult.Unknown($"Twilio answered {status}")
                : Refusal(status, Property(body, "code") is { ValueKind: JsonValueKind.Number } code && code.TryGetInt32(out var number) ? number : 0, response.Headers);
        }
        catch (Exception error) when (LostAnswer.Of(error, "Twilio") is { } result)
        {
            return result;
        }
    }

    private SendResult Refusal(int status, int code, HttpResponseHeaders headers) =>
        RecipientErrors.TryGetValue(code, out var suppression) ? new SendResult.Rejected($"refused by Twilio ({code})", suppression)
        : status == 401 ? new SendResult.NotSent("Twilio does not know the account or its token (401): set Channels:Twilio:AccountSid and AuthToken")
        : status == 429 ? new SendResult.NotSent("Twilio asks to wait (429)", LostAnswer.RetryAfter(headers, time.GetUtcNow()))
        : new SendResult.NotSent($"Twilio answered {status}, code {code}");

    private Dictionary<string, string> Form(OutgoingMessage message, WorkspaceSettings workspace)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal) { ["To"] = message.To, ["Body"] = message.Text, ["ValidityPeriod"] = options.ValiditySeconds.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        form[options.MessagingServiceSid.Length > 0 ? "MessagingServiceSid" : "From"] = options.MessagingServiceSid.Length > 0 ? options.MessagingServiceSid : options.From;
        // Twilio refuses addresses that it cannot reach.
        if (Uri.TryCreate(workspace.PublicBaseUrl, UriKind.Absolute, out var address) && !address.IsLoopback)
        {
            form["StatusCallback"] = SignedLinks.Of(workspace).TwilioStatus(message.Id);
        }

        return form;
    }

    private static JsonElement? Property(string body, string name)
    {
        try
        {
            using var parsed = JsonDocument.Parse(body);
            return parsed.RootElement.ValueKind == JsonValueKind.Object && parsed.RootElement.TryGetProperty(name, out var value) ? value.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
