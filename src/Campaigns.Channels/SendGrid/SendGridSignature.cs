using System.Security.Cryptography;
using System.Text;

namespace Campaigns.Channels.SendGrid;

/// <summary>
/// The signature of SendGrid's signed Event Webhook: ECDSA (P-256, SHA-256, DER) over the timestamp followed by the raw
/// body. Pure. Signatures can be varied without the key (s and n − s both fit), so they never identify an event.
/// See https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features.
/// </summary>
public static class SendGridSignature
{
    /// <summary>Header with the signature, base64.</summary>
    public const string Header = "X-Twilio-Email-Event-Webhook-Signature";

    /// <summary>Header with the time of the request, epoch seconds.</summary>
    public const string TimestampHeader = "X-Twilio-Email-Event-Webhook-Timestamp";

    /// <summary>Requests are repeated for 24 hours; an older one is a replay.</summary>
    public static readonly TimeSpan Oldest = TimeSpan.FromHours(25);

    /// <summary>What clocks may differ by.</summary>
    public static readonly TimeSpan Newest = TimeSpan.FromMinutes(5);

    /// <summary>The text is a public key as SendGrid shows it: base64 of an EC key's SubjectPublicKeyInfo.</summary>
    public static bool IsKey(string publicKey)
    {
        using var key = KeyOf(publicKey);
        return key is not null;
    }

    /// <summary>The body and the timestamp were signed with the key's private half.</summary>
    /// <param name="publicKey">Base64 as SendGrid shows it; empty = nothing is accepted.</param>
    /// <param name="timestamp">Value of <see cref="TimestampHeader"/>.</param>
    /// <param name="body">The body's bytes as they came.</param>
    /// <param name="signature">Value of <see cref="Header"/>.</param>
    public static bool IsValid(string publicKey, string? timestamp, ReadOnlySpan<byte> body, string? signature)
    {
        if (string.IsNullOrEmpty(timestamp) || Decode(signature) is not { } given)
        {
            return false;
        }

        using var key = KeyOf(publicKey);
        if (key is null)
        {
            return false;
        }

        var time = Encoding.UTF8.GetBytes(timestamp);
        var signed = new byte[time.Length + body.Length];
        time.CopyTo(signed, 0);
        body.CopyTo(signed.AsSpan(time.Length));
        try
        {
            return key.VerifyData(signed, given, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false; // Not even the form of a signature.
        }
    }

    /// <summary>The signed timestamp is near enough to now.</summary>
    public static bool IsFresh(string? timestamp, DateTimeOffset now) =>
        long.TryParse(timestamp, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds)
        && seconds >= (now - Oldest).ToUnixTimeSeconds()
        && seconds <= (now + Newest).ToUnixTimeSeconds();

    private static ECDsa? KeyOf(string publicKey)
    {
        if (Decode(publicKey) is not { } bytes)
        {
            return null;
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(bytes, out _);
            return key;
        }
        catch (CryptographicException)
        {
            key.Dispose();
            return null;
        }
    }

    private static byte[]? Decode(string? base64)
    {
        var bytes = new byte[base64?.Length ?? 0];
        return Convert.TryFromBase64String(base64 ?? "", bytes, out var length) && length > 0 ? bytes[..length] : null;
    }
}
