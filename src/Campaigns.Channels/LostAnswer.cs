using Campaigns.Core.Dispatch;

namespace Campaigns.Channels;

/// <summary>What a failure of the network says about a message: provably not sent, or perhaps sent.</summary>
internal static class LostAnswer
{
    /// <summary>The result for an exception of <see cref="HttpClient"/>; null where it is a fault of ours.</summary>
    public static SendResult? Of(Exception error, string provider) => error switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError } =>
            new SendResult.NotSent($"{provider} cannot be reached"),
        HttpRequestException or IOException => new SendResult.Unknown($"{provider}: the connection broke"),
        OperationCanceledException => new SendResult.Unknown($"{provider}: no answer in time"),
        _ => null,
    };

    /// <summary>How long a 429 asks us to wait: Retry-After in seconds, or the epoch second of X-RateLimit-Reset.</summary>
    public static TimeSpan? RetryAfter(System.Net.Http.Headers.HttpResponseHeaders? headers, DateTimeOffset now)
    {
        if (headers?.RetryAfter?.Delta is { } delta)
        {
            return delta;
        }

        return headers is not null && headers.TryGetValues("X-RateLimit-Reset", out var values)
            && long.TryParse(values.FirstOrDefault(), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var epoch)
            && DateTimeOffset.FromUnixTimeSeconds(Math.Min(epoch, MaxEpoch)) is var reset && reset > now
            ? TimeSpan.FromTicks(Math.Min((reset - now).Ticks, MaxWait.Ticks))
            : null;
    }

    /// <summary>Year 9999: what the type can hold.</summary>
    private const long MaxEpoch = 253_402_300_799;

    /// <summary>A provider that asks for longer is not waited for longer.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromHours(1);
}
