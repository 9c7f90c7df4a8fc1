using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Segments;

/// <summary>A customer after classification: what a tally counts.</summary>
/// <param name="Key">Key of the customer.</param>
/// <param name="History">Purchases, or null.</param>
/// <param name="Customer">Addresses, consent, attributes, or null.</param>
/// <param name="Set">Its segments.</param>
/// <param name="Row">Its memberships as they stand afterwards, or null.</param>
public readonly record struct Classified(string Key, PurchaseHistory? History, CustomerRow? Customer, SegmentSet Set, MembershipRow? Row);

/// <summary>Counts customers by segment while they are classified; what it counted merges exactly, whatever the buckets.</summary>
public sealed class SegmentTally
{
    private readonly SegmentScheme scheme;
    private readonly DateTimeOffset asOf;
    private readonly DateTimeOffset yearAgo;
    private readonly PreviousRecompute? previous;
    private readonly AttributeTypes attributes;
    private readonly TallySummary sums;
    private readonly List<SegmentExample>[] examples;

    /// <summary>Nothing counted.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <param name="asOf">Business time of the recompute.</param>
    /// <param name="previous">The recompute that moves are counted against, or null.</param>
    /// <param name="attributes">Types of the attributes, whose unknown values are counted.</param>
    public SegmentTally(SegmentScheme scheme, DateTimeOffset asOf, PreviousRecompute? previous, AttributeTypes attributes)
    {
        (this.scheme, this.asOf, this.previous, this.attributes) = (scheme, asOf, previous, attributes);
        yearAgo = asOf.AddDays(-SegmentReport.LastYearDays);
        var segments = scheme.Segments.Count;
        sums = new TallySummary
        {
            Cells = new Cell[segments],
            Overlap = new long[segments * segments],
            Migration = previous is null ? [] : new long[(previous.Segments.Length + 1) * (segments + 1)],
            AttributeValues = new long[attributes.All.Length],
            AttributeUnknown = new long[attributes.All.Length],
        };
        examples = [.. scheme.Segments.Select(_ => new List<SegmentExample>())];
    }

    private int Segments => sums.Cells.Length;

    /// <summary>Counts a customer. Customers come in order of their keys.</summary>
    public void Add(in Classified one)
    {
        AddKnown(one.Customer);
        AddMoves(one.Row, one.Set);
        var ordered = one.History is { Orders: > 0 };
        sums.Seen += one.History is not null || one.Customer is not null ? 1 : 0;
        sums.Ordered += ordered ? 1 : 0;
        sums.RevenueMinor += one.History?.SpendMinor ?? 0;
        if (one.Set.IsEmpty)
        {
            sums.OrderedInNone += ordered ? 1 : 0;
            return;
        }

        foreach (var i in one.Set)
        {
            foreach (var j in one.Set)
            {
                sums.Overlap[(i * Segments) + j]++;
            }
        }

        var byEmail = one.Customer?.ContactableOn(Channel.Email) == true;
        var bySms = one.Customer?.ContactableOn(Channel.Sms) == true;
        ref var cell = ref sums.Cells[one.Set.PrimaryIndex];
        cell.Customers++;
        cell.RevenueMinor += one.History?.SpendMinor ?? 0;
        cell.LastYearMinor += LastYearMinor(one.History);
        cell.ContactableEmail += byEmail ? 1 : 0;
        cell.ContactableSms += bySms ? 1 : 0;
        cell.Contactable += byEmail || bySms ? 1 : 0;
        var some = examples[one.Set.PrimaryIndex];
        if (some.Count < SegmentReport.ExampleLimit)
        {
            some.Add(new SegmentExample(one.Key, one.History?.CustomerId ?? one.Customer?.CustomerId ?? ""));
        }
    }

    /// <summary>Adds a bucket's tally.</summary>
    public void Merge(TallySummary other)
    {
        sums.Add(other);
        for (var i = 0; i < Segments; i++)
        {
            examples[i].AddRange(other.Examples[i]);
            examples[i].Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
            examples[i].RemoveRange(Math.Min(SegmentReport.ExampleLimit, examples[i].Count), Math.Max(0, examples[i].Count - SegmentReport.ExampleLimit));
        }
    }

    /// <summary>What was counted.</summary>
    public TallySummary ToSummary(byte[] pairs, long[] conditions)
    {
        sums.Examples = Array.ConvertAll(examples, e => e.ToArray());
        sums.Pairs = pairs;
        sums.Conditions = conditions;
        return sums;
    }

    /// <summary>The report.</summary>
    public SegmentReport ToReport(string job, int schemeNumber)
    {
        var segments = new SegmentCount[Segments];
        for (var i = 0; i < Segments; i++)
        {
            var cell = sums.Cells[i];
            segments[i] = new SegmentCount
            {
                Segment = scheme.SegmentIds[i],
                Name = scheme.Segments[i].Name,
                Members = sums.Overlap[(i * Segments) + i],
                Customers = cell.Customers,
                RevenueMinor = cell.RevenueMinor,
                LastYearMinor = cell.LastYearMinor,
                ContactableEmail = cell.ContactableEmail,
                ContactableSms = cell.ContactableSms,
                Contactable = cell.Contactable,
                MovedIn = cell.MovedIn,
                MovedOut = cell.MovedOut,
                Examples = [.. examples[i]],
            };
        }

        return new SegmentReport
        {
            Job = job,
            AsOf = asOf,
            Customers = segments.Sum(s => s.Customers),
            KnownCustomers = sums.Known,
            ContactableEmail = sums.Email,
            ContactableSms = sums.Sms,
            Segments = segments,
            Overlap = sums.Overlap,
            Scheme = scheme.Id,
            SchemeName = scheme.Name,
            SchemeNumber = schemeNumber,
            PreviousAsOf = previous?.AsOf,
            Migration = [.. Migrations()],
            AllCustomers = sums.Seen,
            OrderedCustomers = sums.Ordered,
            OrderedInNone = sums.OrderedInNone,
            RevenueMinor = sums.RevenueMinor,
            Attributes = [.. attributes.All.Select((a, i) => new AttributeCount(a.Name, a.Type, sums.AttributeValues[i], sums.AttributeUnknown[i]))],
        };
    }

    private void AddKnown(CustomerRow? customer)
    {
        if (customer is null)
        {
            return;
        }

        sums.Known++;
        sums.Email += customer.ContactableOn(Channel.Email) ? 1 : 0;
        sums.Sms += customer.ContactableOn(Channel.Sms) ? 1 : 0;
        foreach (var (name, value) in customer.Attributes)
        {
            if (attributes.IndexOf(name) is >= 0 and var index && value.Length > 0)
            {
                sums.AttributeValues[index]++;
                sums.AttributeUnknown[index] += AttributeValues.Fits(value, attributes.All[index].Type) ? 0 : 1;
            }
        }
    }

    /// <summary>Moves are read off the row, not off the change, so that a part that runs again counts the same.</summary>
    private void AddMoves(MembershipRow? row, SegmentSet set)
    {
        foreach (var membership in row?.Present ?? [])
        {
            if (IsNew(membership.Since) && scheme.IndexOf(membership.Segment) is >= 0 and var index)
            {
                sums.Cells[index].MovedIn++;
            }
        }

        foreach (var membership in row?.Past ?? [])
        {
            if (membership.Until is { } until && IsNew(until) && scheme.IndexOf(membership.Segment) is >= 0 and var index)
            {
                sums.Cells[index].MovedOut++;
            }
        }

        if (previous is not null)
        {
            var from = FirstHeld(row, previous);
            if (from < previous.Segments.Length || !set.IsEmpty)
            {
                sums.Migration[(from * (Segments + 1)) + (set.IsEmpty ? Segments : set.PrimaryIndex)]++;
            }
        }
    }

    /// <summary>It happened after the recompute before, and not after this one.</summary>
    private bool IsNew(DateTimeOffset at) => at <= asOf && !(at <= previous?.AsOf);

    /// <summary>Place of the segment that was the customer's primary one at the recompute before; one past the last where it was in none.</summary>
    private static int FirstHeld(MembershipRow? row, PreviousRecompute previous)
    {
        var first = previous.Segments.Length;
        foreach (var membership in row?.Present ?? [])
        {
            first = membership.HeldAt(previous.AsOf) ? Earlier(previous, membership.Segment, first) : first;
        }

        foreach (var membership in row?.Past ?? [])
        {
            first = membership.HeldAt(previous.AsOf) ? Earlier(previous, membership.Segment, first) : first;
        }

        return first;
    }

    private static int Earlier(PreviousRecompute previous, string segment, int first) =>
        Array.IndexOf(previous.Segments, segment) is >= 0 and var index && index < first ? index : first;

    private IEnumerable<Migration> Migrations()
    {
        for (var cell = 0; cell < sums.Migration.Length; cell++)
        {
            if (sums.Migration[cell] > 0)
            {
                var (from, to) = Math.DivRem(cell, Segments + 1);
                yield return new Migration(
                    from == previous!.Segments.Length ? "" : previous.Segments[from], to == Segments ? "" : scheme.SegmentIds[to], sums.Migration[cell]);
            }
        }
    }

    private long LastYearMinor(PurchaseHistory? history)
    {
        var sum = 0L;
        foreach (var order in history?.RecentOrders ?? [])
        {
            sum += order.At > yearAgo ? order.AmountMinor : 0;
        }

        return sum;
    }
}
