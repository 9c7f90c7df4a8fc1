using System.Security.Cryptography;
using System.Text;

namespace Campaigns.Channels.Twilio;

/// <summary>
/// The signature of Twilio's requests, header <c>X-Twilio-Signature</c>: base64 of HMAC-SHA1, keyed with the auth token,
/// over the address followed by the form's names and values, sorted by name. Pure.
/// See https://www.twilio.com/docs/usage/webhooks/webhooks-security.
/// </summary>
public static class TwilioSignature
{
    /// <summary>Name of the header.</summary>
    public const string Header = "X-Twilio-Signature";

    /// <summary>
    /// The request is Twilio's. Twilio signs some addresses with the port and some without, so both forms count, as in its own
    /// libraries. Compared in constant time.
    /// </summary>
    /// <param name="authToken">The account's auth token; empty = nothing is accepted.</param>
    /// <param name="url">The address as Twilio was given it: behind a proxy not the one that arrived.</param>
    /// <param name="form">Fields of the body.</param>
    /// <param name="signature">Value of the header.</param>
    public static bool IsValid(string authToken, string url, IEnumerable<KeyValuePair<string, string>> form, string? signature)
    {
        if (authToken.Length == 0 || string.IsNullOrEmpty(signature))
        {
            return false;
        }

        var fields = string.Concat(form
            .OrderBy(f => f.Key, StringComparer.Ordinal)
            .ThenBy(f => f.Value, StringComparer.Ordinal)
            .Select(f => f.Key + f.Value));
        var given = Encoding.UTF8.GetBytes(signature);
        var valid = false;
        foreach (var address in Forms(url))
        {
            valid |= CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(authToken, address + fields)), given);
        }

        return valid;
    }

    private static string Sign(string authToken, string text) =>
        // SHA-1 is what Twilio defines; as a keyed hash it is not known to be broken.
#pragma warning disable CA5350
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(authToken), Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350

    /// <summary>The address with a port and without one. On the text: parsing would change the case of the host, which is signed.</summary>
    private static string[] Forms(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return [url];
        }

        var start = scheme + 3;
        var end = url.AsSpan(start).IndexOfAny('/', '?') is var i and >= 0 ? start + i : url.Length;
        var colon = url.LastIndexOf(':', end - 1, end - start);
        if (colon >= 0)
        {
            return [url, url.Remove(colon, end - colon)];
        }

        return [url, url.Insert(end, url.StartsWith("https", StringComparison.OrdinalIgnoreCase) ? ":443" : ":80")];
    }
}
