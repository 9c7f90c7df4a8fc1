using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Segments;

/// <summary>A bucket's counts by segment and its pairs of products: sums of integers, which merge exactly.</summary>
[MemoryPackable]
public sealed partial record TallySummary : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 2;

    /// <summary>Customer rows.</summary>
    public long Known { get; set; }

    /// <summary>Of these, contactable by e-mail.</summary>
    public long Email { get; set; }

    /// <summary>Of these, contactable by SMS.</summary>
    public long Sms { get; set; }

    /// <summary>Customers with a customer row or a history.</summary>
    public long Seen { get; set; }

    /// <summary>Customers with a net order.</summary>
    public long Ordered { get; set; }

    /// <summary>Of these, in no segment.</summary>
    public long OrderedInNone { get; set; }

    /// <summary>Net revenue of all customers, minor units.</summary>
    public long RevenueMinor { get; set; }

    /// <summary>Counts by primary segment.</summary>
    public Cell[] Cells { get; init; } = [];

    /// <summary>Members shared by segments: see <see cref="SegmentReport.Overlap"/>.</summary>
    public long[] Overlap { get; init; } = [];

    /// <summary>Customers by primary segment before (rows, the last for none) and now (columns, the last for none); empty where there was no recompute before.</summary>
    public long[] Migration { get; init; } = [];

    /// <summary>Values by attribute.</summary>
    public long[] AttributeValues { get; init; } = [];

    /// <summary>Of these, values that do not fit the attribute's type.</summary>
    public long[] AttributeUnknown { get; init; } = [];

    /// <summary>Examples by primary segment.</summary>
    public SegmentExample[][] Examples { get; set; } = [];

    /// <summary>Pairs: see <see cref="PairCounts.ToBytes"/>.</summary>
    public byte[] Pairs { get; set; } = [];

    /// <summary>How often conditions decided among the customers sampled: see <c>ConditionCounts</c>.</summary>
    public long[] Conditions { get; set; } = [];

    /// <summary>Adds another's sums; examples and pairs are merged by who keeps them.</summary>
    public void Add(TallySummary other)
    {
        Known += other.Known;
        Email += other.Email;
        Sms += other.Sms;
        Seen += other.Seen;
        Ordered += other.Ordered;
        OrderedInNone += other.OrderedInNone;
        RevenueMinor += other.RevenueMinor;
        for (var i = 0; i < Cells.Length; i++)
        {
            Cells[i].Add(other.Cells[i]);
        }

        Add(Overlap, other.Overlap);
        Add(Migration, other.Migration);
        Add(AttributeValues, other.AttributeValues);
        Add(AttributeUnknown, other.AttributeUnknown);
    }

    private static void Add(long[] sums, long[] others)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            sums[i] += others[i];
        }
    }
}

/// <summary>Sums over the customers of one primary segment; moves are of memberships.</summary>
[MemoryPackable]
public partial record struct Cell(
    long Customers, long RevenueMinor, long LastYearMinor, long ContactableEmail, long ContactableSms, long Contactable, long MovedIn, long MovedOut)
{
    /// <summary>Adds another's sums.</summary>
    public void Add(Cell other)
    {
        Customers += other.Customers;
        RevenueMinor += other.RevenueMinor;
        LastYearMinor += other.LastYearMinor;
        ContactableEmail += other.ContactableEmail;
        ContactableSms += other.ContactableSms;
        Contactable += other.Contactable;
        MovedIn += other.MovedIn;
        MovedOut += other.MovedOut;
    }
}
