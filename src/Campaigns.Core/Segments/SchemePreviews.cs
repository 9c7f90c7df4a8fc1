using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>Makes previews of schemes that are not saved yet, from the customers and the parameters of the last recompute.</summary>
public sealed class SchemePreviews(IRowStore rows, Workspace workspace, SegmentReader segments, SchemeCatalog schemes)
{
    /// <summary>Customers read before a preview becomes an estimate: about a second of the embedded store.</summary>
    public const int ExactLimit = 50_000;

    /// <summary>The preview of a valid scheme, or null before the first recompute.</summary>
    public async ValueTask<SchemePreview?> OfAsync(SegmentScheme scheme, CancellationToken cancellation)
    {
        if (await segments.LatestAsync(cancellation) is not { } snapshot)
        {
            return null;
        }

        var now = await workspace.NowAsync(cancellation);
        var fields = await schemes.FieldsAsync(cancellation);
        var current = await schemes.CurrentAsync(cancellation);
        var tally = new PreviewTally(
            new Classifier(new CompiledScheme(scheme, fields), snapshot.Parameters, now), new Classifier(current.Compiled, snapshot.Parameters, now));
        var buckets = (await workspace.SettingsAsync(cancellation)).Buckets;
        var read = 0;
        for (; read < buckets && tally.Customers < ExactLimit; read++)
        {
            var scan = new CustomerScan(rows, Bucketing.Partition(read));
            while (await scan.NextAsync(cancellation) is { } customer)
            {
                tally.Add(
                    customer.Key,
                    customer.History is null ? null : RowCodec.Decode<PurchaseHistory>(customer.History.Payload),
                    customer.Customer is null ? null : RowCodec.Decode<CustomerRow>(customer.Customer.Payload),
                    customer.Placement is null ? null : RowCodec.Decode<PlacementRow>(customer.Placement.Payload));
            }
        }

        return tally.ToPreview(read, buckets);
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

    public void Add(string key, PurchaseHistory? history, CustomerRow? customer, PlacementRow? placements)
    {
        if (history is null && customer is null)
        {
            return;
        }

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

    public SchemePreview ToPreview(int read, int buckets)
    {
        long Scale(long number) => read == 0 ? 0 : (long)((((Int128)number * buckets) + (read / 2)) / read);
        return new SchemePreview
        {
            AsOf = wanted.AsOf,
            CustomersRead = Customers,
            Estimated = read < buckets,
            AllCustomers = Scale(Customers),
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
