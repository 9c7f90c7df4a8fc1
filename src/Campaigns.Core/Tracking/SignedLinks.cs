using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Tracking;

/// <summary>What a signed link is for. A token of one purpose is refused for every other.</summary>
public enum LinkPurpose
{
    /// <summary>Goes to a destination and records a click.</summary>
    Click,

    /// <summary>The picture in an e-mail: records an open.</summary>
    Open,

    /// <summary>Stops further messages on the channel.</summary>
    Unsubscribe,

    /// <summary>Takes an unsubscribe back.</summary>
    Resubscribe,

    /// <summary>Where a provider reports what became of a message.</summary>
    Status,

    /// <summary>Confirms consent.</summary>
    Consent,
}

/// <summary>What reading a token came to.</summary>
public abstract record LinkReading
{
    /// <summary>Ours, and for this purpose. <paramref name="Destination"/> only for clicks.</summary>
    public sealed record Valid(SendId Id, Uri? Destination) : LinkReading;

    /// <summary>Not ours; <paramref name="Why"/> says how it failed. Pages say no more than "this link is not valid".</summary>
    public sealed record Refused(LinkRefusal Why) : LinkReading;
}

/// <summary>Why a token is refused.</summary>
public enum LinkRefusal
{
    /// <summary>Not of the form v1.key.payload.signature, or its payload makes no sense.</summary>
    Malformed,

    /// <summary>Signed with a key that is not, or no longer, accepted.</summary>
    UnknownKey,

    /// <summary>The signature does not fit: the link was changed, or made for another purpose.</summary>
    WrongSignature,
}

/// <summary>
/// Links in messages that only this workspace can make: <c>v1.{key id}.{base64url payload}.{base64url HMAC-SHA256}</c>.
/// The payload names the purpose, the sending record and, for clicks, the destination, so that a link can never be bent to
/// lead elsewhere. Keys are derived from the workspace's signing keys (HKDF, RFC 5869), one per purpose and key id.
/// </summary>
public sealed class SignedLinks : IMessageLinks
{
    /// <summary>The longest token that is read: browsers and mail programs pass addresses of about this length.</summary>
    public const int MaxTokenLength = 2000;

    private readonly string baseUrl;
    private readonly string current;
    private readonly Dictionary<(string Key, LinkPurpose Purpose), byte[]> keys = [];

    /// <param name="secret">The workspace's first signing key.</param>
    /// <param name="publicBaseUrl">Base of the links as customers reach it.</param>
    /// <param name="later">Keys that came after it: the last one signs. Of more than <see cref="LinkKey.MaxKept"/> − 1, links of the first key are no longer accepted.</param>
    public SignedLinks(ReadOnlySpan<byte> secret, string publicBaseUrl, params ReadOnlySpan<LinkKey> later)
    {
        baseUrl = publicBaseUrl.TrimEnd('/');
        current = later.Length > 0 ? later[^1].Id : LinkKey.First;
        if (later.Length < LinkKey.MaxKept)
        {
            Derive(secret, LinkKey.First);
        }

        foreach (var key in later)
        {
            Derive(key.Secret, key.Id);
        }
    }

    /// <summary>The links of a workspace.</summary>
    public static SignedLinks Of(WorkspaceSettings settings) => new(settings.SigningKey, settings.PublicBaseUrl, settings.LinkKeys);

    /// <summary>A link through us to <paramref name="destination"/>.</summary>
    public string Click(SendId id, Uri destination) => $"{baseUrl}/t/c/{Token(LinkPurpose.Click, id, destination)}";

    /// <summary>The picture that shows an open.</summary>
    public string Open(SendId id) => $"{baseUrl}/t/o/{Token(LinkPurpose.Open, id)}";

    /// <summary>The unsubscribe page; a POST to it unsubscribes at once (RFC 8058).</summary>
    public string Unsubscribe(SendId id) => $"{baseUrl}/u/{Token(LinkPurpose.Unsubscribe, id)}";

    /// <summary>The page on which a recipient confirms consent.</summary>
    public string Consent(SendId id) => $"{baseUrl}/o/{Token(LinkPurpose.Consent, id)}";

    /// <summary>Where the provider of text messages reports their status.</summary>
    public string TwilioStatus(SendId id) => $"{baseUrl}/webhooks/twilio/{Token(LinkPurpose.Status, id)}";

    /// <summary>The token. Throws <see cref="ArgumentException"/> for a click whose destination is no absolute http(s) address.</summary>
    public string Token(LinkPurpose purpose, SendId id, Uri? destination = null)
    {
        if (purpose == LinkPurpose.Click && !IsWeb(destination))
        {
            throw new ArgumentException("A click link leads to an absolute http or https address.", nameof(destination));
        }

        var payload = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{purpose}\n{id}\n{(purpose == LinkPurpose.Click ? destination!.AbsoluteUri : "")}"));
        var signed = $"v1.{current}.{payload}";
        return $"{signed}.{Base64Url.EncodeToString(Sign(keys[(current, purpose)], signed))}";
    }

    /// <summary>Reads a token that should be for <paramref name="purpose"/>.</summary>
    public LinkReading Read(LinkPurpose purpose, string token)
    {
        var parts = token.Length <= MaxTokenLength ? token.Split('.') : [];
        if (parts.Length != 4 || parts[0] != "v1" || !TryDecode(parts[3], out var signature) || !TryDecode(parts[2], out var payload))
        {
            return new LinkReading.Refused(LinkRefusal.Malformed);
        }

        if (!keys.TryGetValue((parts[1], purpose), out var key))
        {
            return new LinkReading.Refused(LinkRefusal.UnknownKey);
        }

        // Over the text as it came, not over what it decodes to: two spellings of one payload are two tokens.
        if (!CryptographicOperations.FixedTimeEquals(Sign(key, token[..token.LastIndexOf('.')]), signature))
        {
            return new LinkReading.Refused(LinkRefusal.WrongSignature);
        }

        var fields = Encoding.UTF8.GetString(payload).Split('\n');
        if (fields.Length != 3 || fields[0] != purpose.ToString() || SendId.Parse(fields[1]) is not { } id)
        {
            return new LinkReading.Refused(LinkRefusal.Malformed);
        }

        if (purpose != LinkPurpose.Click)
        {
            return new LinkReading.Valid(id, null);
        }

        return Uri.TryCreate(fields[2], UriKind.Absolute, out var destination) && IsWeb(destination)
            ? new LinkReading.Valid(id, destination)
            : new LinkReading.Refused(LinkRefusal.Malformed);
    }

    private void Derive(ReadOnlySpan<byte> salt, string key)
    {
        foreach (var purpose in Enum.GetValues<LinkPurpose>())
        {
            var derived = new byte[32];
            HKDF.DeriveKey(HashAlgorithmName.SHA256, salt, derived, [], Encoding.UTF8.GetBytes($"campaigns links v1 {key} {purpose}"));
            keys[(key, purpose)] = derived;
        }
    }

    private static byte[] Sign(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static bool IsWeb(Uri? address) =>
        address is { IsAbsoluteUri: true } && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps);

    private static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = [];
        if (!Base64Url.IsValid(text))
        {
            return false;
        }

        bytes = Base64Url.DecodeFromChars(text);
        return true;
    }
}
