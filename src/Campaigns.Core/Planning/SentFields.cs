using Campaigns.Core.Primitives;
using MemoryPack;

namespace Campaigns.Core.Planning;

/// <summary>
/// What a message was made from that may change after it was sent; kept in the sending record so that the message can be made
/// again as it was. Template, offer, code, end of the offer and the instant of sending stand in the run and in the record.
/// </summary>
/// <param name="To">Mailbox or number.</param>
/// <param name="FirstName">First name, or "".</param>
/// <param name="Zone">IANA id of the recipient's time zone.</param>
/// <param name="Products">Products named in the message.</param>
/// <param name="Letterhead">Key of the shop's name and addresses: see <c>Dispatch.Ledger.Letterheads</c>.</param>
/// <param name="Fingerprint">64 bits of the rendered message: what is made again must have the same.</param>
/// <param name="OneWay">Replies reached nobody: the sender had a name for a number.</param>
[MemoryPackable]
public sealed partial record SentFields(string To, string FirstName, string Zone, SentProduct[] Products, string Letterhead, ulong Fingerprint, bool OneWay = false)
{
    /// <summary>The fingerprint of a message.</summary>
    public static ulong FingerprintOf(string subject, string? html, string text) => StableHash.Of(subject, html ?? "", text);
}

/// <summary>A product in a message: its key, name and reason as they were.</summary>
[MemoryPackable]
public readonly partial record struct SentProduct(string Sku, string Name, string Reason);
