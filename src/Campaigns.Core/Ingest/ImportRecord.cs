using Campaigns.Core.Primitives;

namespace Campaigns.Core.Ingest;

/// <summary>
/// One order line as read: what CSV rows and JSON objects become before they are sorted. One instance is filled again and
/// again by its reader; who keeps it, copies it.
/// </summary>
internal sealed class OrderRecord
{
    /// <summary>Raw id of the customer, or "" where only an address is known.</summary>
    public string CustomerId = "";

    /// <summary>Normalised e-mail address, or null.</summary>
    public string? Email;

    /// <summary>Phone number in E.164, or null.</summary>
    public string? Phone;

    /// <summary>Id of the order.</summary>
    public string OrderId = "";

    /// <summary>When, in UTC ticks.</summary>
    public long AtTicks;

    /// <summary>When this version was made, in UTC ticks; 0 = at the import.</summary>
    public long RevisedTicks;

    /// <summary>
    /// 0 = a line of an order whose other lines are other rows; else the number of the row that is a whole order: of
    /// several whole orders with one id, one stands.
    /// </summary>
    public long Group;

    /// <summary>Name of the event.</summary>
    public string Event = OrderRow.OrderEvent;

    /// <summary>The line.</summary>
    public OrderLine Line;

    /// <summary>Coupon code, or null.</summary>
    public string? CouponCode;

    /// <summary>Country, or null.</summary>
    public string? Country;

    /// <summary>Name of the product, or null. Goes to the table of products, not to the order.</summary>
    public string? ProductName;
}

/// <summary>One customer as read. Null = not said, which leaves what is stored.</summary>
[MemoryPack.MemoryPackable]
internal sealed partial record CustomerRecord
{
    public required string CustomerId { get; init; }

    public string? Email { get; init; }

    public string? Phone { get; init; }

    public string? FirstName { get; init; }

    public bool? EmailConsent { get; init; }

    public bool? SmsConsent { get; init; }

    public string? ConsentSource { get; init; }

    public DateTimeOffset? ConsentAt { get; init; }

    public string? Language { get; init; }

    public string? TimeZone { get; init; }

    public string? Country { get; init; }

    /// <summary>When this version was made; default = at the import.</summary>
    public DateTimeOffset RevisedAt { get; init; }

    public Dictionary<string, string> Attributes { get; init; } = [];

    /// <summary>What shows the consent, or null.</summary>
    public string? ConsentProof { get; init; }

    /// <summary>What was said of purposes of the workspace's own.</summary>
    public PurposeSaid[] Purposes { get; init; } = [];

    /// <summary>Why the e-mail address must not be contacted, or null.</summary>
    public string? EmailSuppression { get; init; }

    /// <summary>Why the phone number must not be contacted, or null.</summary>
    public string? SmsSuppression { get; init; }

    /// <summary>The customer objects to profiling.</summary>
    public bool? NoProfiling { get; init; }
}

/// <summary>Consent to a channel for a purpose, as read.</summary>
[MemoryPack.MemoryPackable]
internal readonly partial record struct PurposeSaid(string Purpose, Channel Channel, bool Given);

/// <summary>Where readers put what they read.</summary>
internal interface IRecordSink
{
    /// <summary>A good order line.</summary>
    ValueTask OrderAsync(OrderRecord record);

    /// <summary>A good customer.</summary>
    ValueTask CustomerAsync(CustomerRecord record);

    /// <summary>A good product of a feed.</summary>
    ValueTask ProductAsync(ProductRow product);

    /// <summary>A row that cannot be imported: its line number from 1, a plain reason, and the row as it stood.</summary>
    void Reject(long line, string reason, ReadOnlySpan<char> raw);

    /// <summary>One more row read.</summary>
    void Row();

    /// <summary>A sentence about the whole source, for whoever imports it.</summary>
    void Notice(string sentence)
    {
        // Only an import that is kept tells it.
    }
}

/// <summary>What reading needs to know of the workspace and the request.</summary>
internal sealed record ReadingContext
{
    /// <summary>ISO 4217 currency of the workspace; others are rejected.</summary>
    public required string Currency { get; init; }

    /// <summary>Whose currency that is, for reasons in words.</summary>
    public string Whose { get; init; } = "the workspace's";

    /// <summary>Zone of dates without one.</summary>
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>Country of phone numbers without a country code.</summary>
    public required string PhoneCountry { get; init; }

    /// <summary>Format of dates, or several parted by "|"; or null.</summary>
    public string? DateFormat { get; init; }

    /// <summary>The formats of dates.</summary>
    public string[] DateFormats => DateFormat?.Split('|') ?? [];

    /// <summary>Business time: nothing may lie far after it.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The instant lies further ahead than clocks and zones explain: taken at its word, nothing newer would ever count.</summary>
    public bool IsFuture(long utcTicks) => utcTicks > (Now + ImportLimits.Future).UtcTicks;
}
