using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>Makes previews of schemes that are not saved yet, from the customers and the parameters of the last recompute.</summary>
public sealed class SchemePreviews(IRowStore rows, Workspace workspace, SegmentReader segments, SchemeCatalog schemes, TimeProvider time) : IDisposable
{
    /// <summary>Customers read before a preview becomes an estimate: about a second of the embedded store.</summary>
    public const int ExactLimit = 50_000;

    /// <summary>Customers counted while somebody types: a tenth of a second, some 20 MB; the share of a segment is right within a percentage point.</summary>
    public const int LiveLimit = 10_000;

    /// <summary>How long a sample serves for live counts: as long as somebody tries one wording after another.</summary>
    private static readonly TimeSpan SampleFor = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim oneAtATime = new(1);
    private (string Job, CustomerSample Customers, long ReadAt)? sample;
    private (SegmentScheme Scheme, int Current, CustomerSample Of, SchemePreview Preview)? last;

    /// <summary>The preview of a valid scheme, or null before the first recompute.</summary>
    public ValueTask<SchemePreview?> OfAsync(SegmentScheme scheme, CancellationToken cancellation) => OfAsync(scheme, ExactLimit, cancellation);

    /// <summary>The same, estimated beyond so many customers.</summary>
    public async ValueTask<SchemePreview?> OfAsync(SegmentScheme scheme, int limit, CancellationToken cancellation)
    {
        if (await segments.LatestAsync(cancellation) is not { } snapshot)
        {
            return null;
        }

        var tally = await TallyAsync(scheme, snapshot, cancellation);
        var complete = await ScanAsync(limit, tally.Add, cancellation);
        return tally.ToPreview(complete ? null : snapshot.Report.AllCustomers);
    }

    /// <summary>
    /// The preview while the scheme is being written, among at most <see cref="LiveLimit"/> customers. They are read once for many
    /// wordings, the same wording is counted once, and one count runs at a time: typing costs no storage.
    /// </summary>
    public async ValueTask<SchemePreview?> LiveAsync(SegmentScheme scheme, CancellationToken cancellation)
    {
        if (await segments.LatestAsync(cancellation) is not { } snapshot)
        {
            return null;
        }

        await oneAtATime.WaitAsync(cancellation);
        try
        {
            if (sample is not { } held || held.Job != snapshot.Report.Job || time.GetElapsedTime(held.ReadAt) >= SampleFor)
            {
                var found = new List<CustomerRows>();
                var complete = await ScanAsync(LiveLimit, row => Keep(found, row), cancellation);
                sample = held = (snapshot.Report.Job, new CustomerSample(found, complete), time.GetTimestamp());
            }

            var current = (await schemes.CurrentAsync(cancellation)).Number;
            if (last is { } l && l.Of == held.Customers && l.Current == current && l.Scheme.Equals(scheme))
            {
                return l.Preview;
            }

            var tally = await TallyAsync(scheme, snapshot, cancellation);
            foreach (var customer in held.Customers.Rows)
            {
                cancellation.ThrowIfCancellationRequested();
                tally.Add(customer);
            }

            var preview = tally.ToPreview(held.Customers.Complete ? null : snapshot.Report.AllCustomers);
            last = (scheme, current, held.Customers, preview);
            return preview;
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => oneAtATime.Dispose();

    private static bool Keep(List<CustomerRows> rows, CustomerRows customer)
    {
        rows.Add((customer with { Membership = null }).Copy());
        return customer.History is not null || customer.Customer is not null;
    }

    private async ValueTask<PreviewTally> TallyAsync(SegmentScheme scheme, SegmentSnapshot snapshot, CancellationToken cancellation)
    {
        var now = await workspace.NowAsync(cancellation);
        var fields = await schemes.FieldsAsync(cancellation);
        var current = await schemes.CurrentAsync(cancellation);
        return new PreviewTally(
            new Classifier(new CompiledScheme(scheme, fields), snapshot.Parameters, now), new Classifier(current.Compiled, snapshot.Parameters, now));
    }

    /// <summary>
    /// Shows customers to <paramref name="see"/>, which says whether it counts one, until so many were counted; true where that was
    /// all. Keys are hashes, so that those who come first differ in no property from the rest.
    /// </summary>
    private async ValueTask<bool> ScanAsync(int limit, Func<CustomerRows, bool> see, CancellationToken cancellation)
    {
        var buckets = (await workspace.SettingsAsync(cancellation)).Buckets;
        var seen = 0;
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            using var scan = new CustomerScan(rows, Bucketing.Partition(bucket));
            while (await scan.NextAsync(cancellation) is { } customer)
            {
                if (seen == limit)
                {
                    return false;
                }

                seen += see(customer) ? 1 : 0;
            }
        }

        return true;
    }

    /// <summary>Customers that are held for live counts.</summary>
    private sealed class CustomerSample(IReadOnlyList<CustomerRows> rows, bool complete)
    {
        public IReadOnlyList<CustomerRows> Rows => rows;

        /// <summary>They are all.</summary>
        public bool Complete => complete;
    }
}

/// <summary>Counts customers by two schemes, the one previewed and the one in force.</summary>
internal sealed class PreviewTally(Classifier wanted, Classifier current)
{
    private readonly int count = wanted.Scheme.Segments.Count;
    private readonly long[] overlap = new long[wanted.Scheme.Segments.Count * wanted.Scheme.Segments.Count];
    private readonly ConditionCounts conditions = new(wanted.Compiled);
    private readonly Sums[] sums = new Sums[wanted.Scheme.Segments.Count];
    private readonly int[] currentIndex = [.. wanted.Scheme.SegmentIds.Select(current.Scheme.IndexOf)];
    private readonly SortedDictionary<string, (PurchaseHistory? History, CustomerRow? Customer, PlacementRow? Placements)>[] examples =
        [.. wanted.Scheme.Segments.Select(_ => new SortedDictionary<string, (PurchaseHistory?, CustomerRow?, PlacementRow?)>(StringComparer.Ordinal))];
    private long ordered;
    private long orderedInNone;
    private long revenue;

    /// <summary>Customers counted.</summary>
    public long Customers { get; private set; }

    /// <summary>Counts a customer; false where only a placement or a membership is left of it.</summary>
    public bool Add(CustomerRows stored)
    {
        if (stored.History is null && stored.Customer is null)
        {
            return false;
        }

        Add(
            stored.Key,
            RowCodec.Decode<PurchaseHistory>(stored.History),
            RowCodec.Decode<CustomerRow>(stored.Customer),
            RowCodec.Decode<PlacementRow>(stored.Placement));
        return true;
    }

    private void Add(string key, PurchaseHistory? history, CustomerRow? customer, PlacementRow? placements)
    {
        Customers++;
        var facts = wanted.FactsOf(history, customer, placements);
        var (set, before) = (wanted.Compiled.Classify(facts), current.Classify(history, customer, placements));
        conditions.Add(facts);
        var isOrdered = history is { Orders: > 0 };
        ordered += isOrdered ? 1 : 0;
        orderedInNone += isOrdered && set.IsEmpty ? 1 : 0;
        revenue += history?.SpendMinor ?? 0;
        for (var i = 0; i < count; i++)
        {
            var (isIn, was) = (set.Contains(i), currentIndex[i] >= 0 && before.Contains(currentIndex[i]));
            sums[i].In += isIn && !was ? 1 : 0;
            sums[i].Out += was && !isIn ? 1 : 0;
        }

        foreach (var i in set)
        {
            foreach (var j in set)
            {
                overlap[(i * count) + j]++;
            }

            sums[i].Primary += set.PrimaryIndex == i ? 1 : 0;
            sums[i].Revenue += history?.SpendMinor ?? 0;
            sums[i].Email += customer?.ContactableOn(Channel.Email) == true ? 1 : 0;
            sums[i].Sms += customer?.ContactableOn(Channel.Sms) == true ? 1 : 0;
            Example(examples[i], key, history, customer, placements);
        }
    }

    /// <summary>The counts; scaled up to the customers of the last recompute where there are more than were counted.</summary>
    public SchemePreview ToPreview(long? estimateFor)
    {
        var all = Math.Max(Customers, estimateFor ?? 0); // There may be new ones since.
        long Scale(long number) => Customers == 0 ? 0 : (long)((((Int128)number * all) + (Customers / 2)) / Customers);
        return new SchemePreview
        {
            AsOf = wanted.AsOf,
            CustomersRead = Customers,
            Estimated = estimateFor is not null,
            AllCustomers = all,
            OrderedCustomers = Scale(ordered),
            OrderedInNone = Scale(orderedInNone),
            Overlap = [.. overlap.Select(Scale)],
            IdleConditions = IdleCondition.Of(conditions),
            Advice = SchemeAdvice.Of(wanted.Scheme, wanted.Compiled.Catalogue),
            Segments = [.. wanted.Scheme.Segments.Select((segment, i) => new SegmentPreview
            {
                Segment = segment.Id,
                Name = segment.Name,
                Members = Scale(overlap[(i * count) + i]),
                Customers = Scale(sums[i].Primary),
                CustomerShare = Customers == 0 ? 0 : (double)overlap[(i * count) + i] / Customers,
                RevenueShare = revenue <= 0 ? 0 : (double)sums[i].Revenue / revenue,
                RevenueMinor = Scale(sums[i].Revenue),
                ContactableEmail = Scale(sums[i].Email),
                ContactableSms = Scale(sums[i].Sms),
                In = Scale(sums[i].In),
                Out = Scale(sums[i].Out),
                Examples = [.. examples[i].Values.Select(e => new PreviewMember(
                    e.History?.CustomerId ?? e.Customer!.CustomerId, wanted.Explain(e.History, e.Customer, e.Placements, segment.Id).Reason))],
            })],
        };
    }

    private static void Example(
        SortedDictionary<string, (PurchaseHistory?, CustomerRow?, PlacementRow?)> some, string key, PurchaseHistory? history, CustomerRow? customer, PlacementRow? placements)
    {
        if (some.Count == SegmentReport.ExampleLimit)
        {
            var last = some.Keys.Last();
            if (string.CompareOrdinal(key, last) > 0)
            {
                return;
            }

            some.Remove(last);
        }

        some.Add(key, (history, customer, placements));
    }

    private record struct Sums(long Primary, long Revenue, long Email, long Sms, long In, long Out);
}
