using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Ingest;

/// <summary>What an import came to. Sums over parts; the same for any number of buckets.</summary>
[MemoryPackable]
public sealed partial record ImportSummary : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>What it turned out to be about.</summary>
    public ImportSubject Subject { get; init; }

    /// <summary>Rows read, the header not counted.</summary>
    public long Rows { get; init; }

    /// <summary>Rows rejected.</summary>
    public long Rejected { get; init; }

    /// <summary>Rejected rows by reason.</summary>
    public SortedDictionary<string, long> RejectedByReason { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Blob with the rejected rows (line, reason, raw), or null.</summary>
    public string? RejectsBlob { get; init; }

    /// <summary>Runs of sorted records per bucket: what the ingest stage reads.</summary>
    public int[] Runs { get; init; } = [];

    /// <summary>Records per bucket.</summary>
    public long[] Records { get; init; } = [];

    /// <summary>Distinct orders in the content (refunds and other events included).</summary>
    public long Orders { get; init; }

    /// <summary>Distinct customers in the content.</summary>
    public long Customers { get; init; }

    /// <summary>Orders that were not there before.</summary>
    public long New { get; init; }

    /// <summary>Orders that were there just so.</summary>
    public long Unchanged { get; init; }

    /// <summary>Orders that replaced an older version.</summary>
    public long Replaced { get; init; }

    /// <summary>Orders with other content than the stored one, but not newer: left alone.</summary>
    public long Ignored { get; init; }

    /// <summary>Customers that were not there before.</summary>
    public long NewCustomers { get; init; }

    /// <summary>Revenue of the content's lines with a positive quantity, after discount, in minor units.</summary>
    public long GrossMinor { get; init; }

    /// <summary>Refunds in the content (lines with a negative quantity), in minor units, ≥ 0.</summary>
    public long RefundMinor { get; init; }

    /// <summary>Refunds of the touched customers, over all imports, that no earlier line explains, in minor units, ≥ 0.</summary>
    public long UnmatchedRefundMinor { get; init; }

    /// <summary>Customers in the whole store who can be reached by e-mail; null where no customers were imported.</summary>
    public long? ContactableByEmail { get; init; }

    /// <summary>Customers in the whole store who can be reached by SMS; null where no customers were imported.</summary>
    public long? ContactableBySms { get; init; }

    /// <summary>Time of the first order in the content, or null.</summary>
    public DateTimeOffset? FirstOrderAt { get; init; }

    /// <summary>Time of the last order in the content, or null.</summary>
    public DateTimeOffset? LastOrderAt { get; init; }

    /// <summary>What people should know: another encoding, a currency that was taken over.</summary>
    public string[] Notices { get; init; } = [];

    /// <summary>Customers in the content who were erased: left out, with their orders.</summary>
    public long Erased { get; init; }

    /// <summary>Products of a feed in the content.</summary>
    public long Products { get; init; }

    /// <summary>Revenue less refunds of the content, in minor units.</summary>
    [MemoryPackIgnore]
    public long NetMinor => GrossMinor - RefundMinor;

    /// <summary>This and what a part of the ingest stage counted.</summary>
    internal ImportSummary Plus(ImportSummary part) => this with
    {
        Orders = Orders + part.Orders,
        Customers = Customers + part.Customers,
        New = New + part.New,
        Unchanged = Unchanged + part.Unchanged,
        Replaced = Replaced + part.Replaced,
        Ignored = Ignored + part.Ignored,
        NewCustomers = NewCustomers + part.NewCustomers,
        Erased = Erased + part.Erased,
        GrossMinor = GrossMinor + part.GrossMinor,
        RefundMinor = RefundMinor + part.RefundMinor,
        UnmatchedRefundMinor = UnmatchedRefundMinor + part.UnmatchedRefundMinor,
        ContactableByEmail = Sum(ContactableByEmail, part.ContactableByEmail),
        ContactableBySms = Sum(ContactableBySms, part.ContactableBySms),
        FirstOrderAt = FirstOrderAt is { } first && (part.FirstOrderAt is not { } otherFirst || first < otherFirst) ? first : part.FirstOrderAt,
        LastOrderAt = LastOrderAt is { } last && (part.LastOrderAt is not { } otherLast || last > otherLast) ? last : part.LastOrderAt,
    };

    private static long? Sum(long? a, long? b) => a is null ? b : b is null ? a : a + b;
}
