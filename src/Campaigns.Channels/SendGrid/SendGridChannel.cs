using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Campaigns.Channels.Sender;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Primitives;

namespace Campaigns.Channels.SendGrid;

/// <summary>
/// E-mail through SendGrid's v3 mail/send. One request for up to 1,000 recipients, and no retries: SendGrid knows no idempotency key.
/// </summary>
public sealed partial class SendGridChannel : IMessageChannel
{
    /// <summary>The argument that comes back with every event of the message.</summary>
    public const string SendIdArgument = "send_id";

    private readonly SendGridOptions options;
    private readonly HttpClient http;
    private readonly Uri address;
    private readonly AuthenticationHeaderValue key;
    private readonly TimeProvider time;

    /// <param name="http">A client without retries; its time-out is set here.</param>
    /// <param name="options">Settings, checked.</param>
    /// <param name="time">System time, for waits that SendGrid asks for.</param>
    public SendGridChannel(HttpClient http, SendGridOptions options, TimeProvider time)
    {
        (this.http, this.options, this.time) = (http, options, time);
        http.Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds);
        address = new Uri(options.Host.TrimEnd('/') + "/v3/mail/send");
        key = new AuthenticationHeaderValue("Bearer", options.ApiKey);
    }

    /// <inheritdoc/>
    public string Name => "sendgrid";

    /// <inheritdoc/>
    public Channel Channel => Channel.Email;

    /// <inheritdoc/>
    public int BatchSize => SharedContent.MaxMessages;

    /// <inheritdoc/>
    public MailSender? Sender => SenderOf.Settings(options.FromAddress, options.DkimSelectors, "Channels:SendGrid:DkimSelectors");

    /// <inheritdoc/>
    public double? MessagesPerSecond => options.MessagesPerSecond;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SendResult>> SendAsync(IReadOnlyList<OutgoingMessage> batch, CancellationToken cancellation)
    {
        var results = new Dictionary<SendId, SendResult>();
        SendResult? stopped = null;
        foreach (var call in SharedContent.Of(batch))
        {
            var answers = stopped is null
                ? await RefusedBatch.SendAsync(call, CallAsync, cancellation)
                : [.. call.Messages.Select(_ => (SendResult)new SendResult.NotSent("not tried after an earlier failure"))];
            for (var i = 0; i < answers.Count; i++)
            {
                results[call.Messages[i].Message.Id] = answers[i];
            }

            stopped ??= answers.FirstOrDefault(a => a is SendResult.NotSent or SendResult.Unknown);
        }

        return [.. batch.Select(m => results[m.Id])];
    }

    /// <summary>SendGrid's API cannot be asked for a message by our id; its events tell.</summary>
    public ValueTask<FindResult> FindAsync(SendId id, CancellationToken cancellation) => new(FindResult.CannotTell);

    private async ValueTask<CallAnswer> CallAsync(SharedContent call, CancellationToken cancellation)
    {
        try
        {
            var body = new PooledBytes();
            MailSendRequest.Write(body, call, options);
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ReadOnlyMemoryContent(body.Written) };
            request.Headers.Authorization = key;
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await http.SendAsync(request, cancellation);
            body.Dispose(); // Not where the call failed: its memory must not be used again while anything may still be reading it.
            var status = (int)response.StatusCode;
            if (status is >= 200 and < 300)
            {
                return new CallAnswer.Same(new SendResult.Accepted(response.Headers.TryGetValues("X-Message-Id", out var ids) ? ids.FirstOrDefault() : null));
            }

            return status == 400 ? Refused(await response.Content.ReadAsStringAsync(cancellation))
                : new CallAnswer.Same(status is >= 500 or (int)HttpStatusCode.RequestTimeout
                    ? new SendResult.Unknown($"SendGrid answered {status}")
                    : new SendResult.NotSent(Explain(status), LostAnswer.RetryAfter(response.Headers, time.GetUtcNow())));
        }
        catch (Exception error) when (LostAnswer.Of(error, "SendGrid") is { } result)
        {
            return new CallAnswer.Same(result);
        }
    }

    /// <summary>A 400 sends to nobody. It may name recipients, or a field that all have in common: then none of them is at fault.</summary>
    private static CallAnswer Refused(string body)
    {
        var fields = FieldsOf(body);
        var named = fields.Select(f => Personalization().Match(f)).Where(m => m.Success).Select(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).ToHashSet();
        return named.Count == 0 && fields.Find(f => !f.StartsWith("personalizations", StringComparison.Ordinal)) is { Length: > 0 } field
            ? new CallAnswer.Same(new SendResult.NotSent($"SendGrid refuses the request (400, {field})"))
            : new CallAnswer.Refused(named);
    }

    private static List<string> FieldsOf(string body)
    {
        try
        {
            using var parsed = JsonDocument.Parse(body);
            return parsed.RootElement.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array
                ? [.. errors.EnumerateArray().Select(e => e.TryGetProperty("field", out var f) ? f.GetString() : null).OfType<string>()]
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string Explain(int status) => status switch
    {
        401 => "SendGrid does not know the API key (401): set Channels:SendGrid:ApiKey",
        403 => "SendGrid forbids the sending (403): verify the sender address and the key's right \"Mail Send\"",
        413 => "SendGrid finds the request too large (413)",
        429 => "SendGrid asks to wait (429)",
        _ => $"SendGrid answered {status}",
    };

    [GeneratedRegex(@"^personalizations\.(\d{1,4})\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Personalization();
}
