using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Segments;

/// <summary>Counts a bucket's customers by segment while they are classified; what it counted merges exactly.</summary>
public sealed class SegmentTally(SegmentScheme scheme, DateTimeOffset asOf)
{
    private readonly Cell[] cells = new Cell[scheme.Segments.Count];
    private readonly long[] overlap = new long[scheme.Segments.Count * scheme.Segments.Count];
    private readonly List<SegmentExample>[] examples = [.. scheme.Segments.Select(_ => new List<SegmentExample>())];
    private readonly DateTimeOffset yearAgo = asOf.AddDays(-SegmentReport.LastYearDays);
    private long known;
    private long email;
    private long sms;

    private int Segments => cells.Length;

    /// <summary>Counts a customer row, whether or not there are orders.</summary>
    public void AddKnown(CustomerRow customer)
    {
        known++;
        email += customer.ContactableOn(Channel.Email) ? 1 : 0;
        sms += customer.ContactableOn(Channel.Sms) ? 1 : 0;
    }

    /// <summary>Counts a customer. Customers come in order of their keys.</summary>
    /// <param name="key">Customer.</param>
    /// <param name="history">Purchases.</param>
    /// <param name="customer">Addresses and consent, or null.</param>
    /// <param name="set">Its segments.</param>
    /// <param name="row">Its memberships as they stand afterwards, or null.</param>
    public void Add(CustomerKey key, PurchaseHistory history, CustomerRow? customer, SegmentSet set, MembershipRow? row)
    {
        AddMoves(row);
        if (set.IsEmpty)
        {
            return;
        }

        foreach (var i in set)
        {
            foreach (var j in set)
            {
                overlap[(i * Segments) + j]++;
            }
        }

        var byEmail = customer?.ContactableOn(Channel.Email) == true;
        var bySms = customer?.ContactableOn(Channel.Sms) == true;
        ref var cell = ref cells[set.PrimaryIndex];
        cell.Customers++;
        cell.RevenueMinor += history.SpendMinor;
        cell.LastYearMinor += LastYearMinor(history);
        cell.ContactableEmail += byEmail ? 1 : 0;
        cell.ContactableSms += bySms ? 1 : 0;
        cell.Contactable += byEmail || bySms ? 1 : 0;
        var some = examples[set.PrimaryIndex];
        if (some.Count < SegmentReport.ExampleLimit)
        {
            some.Add(new SegmentExample(key.Text, history.CustomerId));
        }
    }

    /// <summary>Adds a bucket's tally.</summary>
    public void Merge(TallySummary other)
    {
        known += other.Known;
        email += other.Email;
        sms += other.Sms;
        for (var i = 0; i < Segments; i++)
        {
            cells[i].Add(other.Cells[i]);
            examples[i].AddRange(other.Examples[i]);
            examples[i].Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
            examples[i].RemoveRange(Math.Min(SegmentReport.ExampleLimit, examples[i].Count), Math.Max(0, examples[i].Count - SegmentReport.ExampleLimit));
        }

        for (var i = 0; i < overlap.Length; i++)
        {
            overlap[i] += other.Overlap[i];
        }
    }

    /// <summary>What was counted.</summary>
    public TallySummary ToSummary(byte[] pairs) => new()
    {
        Known = known,
        Email = email,
        Sms = sms,
        Cells = [.. cells],
        Overlap = [.. overlap],
        Examples = Array.ConvertAll(examples, e => e.ToArray()),
        Pairs = pairs,
    };

    /// <summary>The report.</summary>
    public SegmentReport ToReport(string job)
    {
        var segments = new SegmentCount[Segments];
        var customers = 0L;
        for (var i = 0; i < Segments; i++)
        {
            customers += cells[i].Customers;
            segments[i] = new SegmentCount
            {
                Segment = scheme.SegmentIds[i],
                Members = overlap[(i * Segments) + i],
                Customers = cells[i].Customers,
                RevenueMinor = cells[i].RevenueMinor,
                LastYearMinor = cells[i].LastYearMinor,
                ContactableEmail = cells[i].ContactableEmail,
                ContactableSms = cells[i].ContactableSms,
                Contactable = cells[i].Contactable,
                MovedIn = cells[i].MovedIn,
                MovedOut = cells[i].MovedOut,
                Examples = [.. examples[i]],
            };
        }

        return new SegmentReport
        {
            Job = job,
            AsOf = asOf,
            Customers = customers,
            KnownCustomers = known,
            ContactableEmail = email,
            ContactableSms = sms,
            Segments = segments,
            Overlap = [.. overlap],
        };
    }

    /// <summary>Moves are read off the row, not off the change, so that a part that runs again counts the same.</summary>
    private void AddMoves(MembershipRow? row)
    {
        foreach (var membership in row?.Present ?? [])
        {
            if (membership.Since == asOf && scheme.IndexOf(membership.Segment) is >= 0 and var index)
            {
                cells[index].MovedIn++;
            }
        }

        foreach (var membership in row?.Past ?? [])
        {
            if (membership.Until == asOf && scheme.IndexOf(membership.Segment) is >= 0 and var index)
            {
                cells[index].MovedOut++;
            }
        }
    }

    private long LastYearMinor(PurchaseHistory history)
    {
        var sum = 0L;
        foreach (var order in history.RecentOrders)
        {
            sum += order.At > yearAgo ? order.AmountMinor : 0;
        }

        return sum;
    }
}

/// <summary>A bucket's counts by segment and its pairs of products.</summary>
[MemoryPackable]
public sealed partial record TallySummary : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Customer rows.</summary>
    public long Known { get; init; }

    /// <summary>Of these, contactable by e-mail.</summary>
    public long Email { get; init; }

    /// <summary>Of these, contactable by SMS.</summary>
    public long Sms { get; init; }

    /// <summary>Counts by primary segment.</summary>
    public Cell[] Cells { get; init; } = [];

    /// <summary>Members shared by segments: see <see cref="SegmentReport.Overlap"/>.</summary>
    public long[] Overlap { get; init; } = [];

    /// <summary>Examples by primary segment.</summary>
    public SegmentExample[][] Examples { get; init; } = [];

    /// <summary>Pairs: see <see cref="PairCounts.ToBytes"/>.</summary>
    public byte[] Pairs { get; init; } = [];
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
