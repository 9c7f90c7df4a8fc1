using System.Buffers.Binary;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning.Forecast;

/// <summary>Surveys audiences.</summary>
public static class AudienceSurveys
{
    /// <summary>Customers read: about a second of the embedded store, and a share of 5 % is then known to a tenth of a point.</summary>
    public const int Limit = 50_000;

    /// <summary>Parts that the customers are thought to be cut into.</summary>
    internal const int Parts = 1 << 16;

    /// <summary>
    /// Surveys the run's audience. Of more than <see cref="Limit"/> customers, those are read whose keys come first: keys are hashes,
    /// so that it is a fair sample, and the same one for any number of buckets.
    /// </summary>
    /// <param name="rows">Where customers are.</param>
    /// <param name="buckets">In how many buckets.</param>
    /// <param name="frame">The run.</param>
    /// <param name="parameters">What the recompute that the run rests on learnt; null where it cannot be read: nothing is predicted then.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async ValueTask<AudienceSurvey> OfAsync(IRowStore rows, int buckets, RunFrame frame, SegmentParameters? parameters, CancellationToken cancellation)
    {
        var parts = await SampleAsync(rows, cancellation);
        var tally = new AudienceSurveyTally(frame.AsOf, frame.Inputs.Campaign.OutcomeWindowDays, parameters);
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            await foreach (var batch in AudienceScan.ScanAsync(rows, bucket, frame, KeyAt(parts), cancellation))
            {
                var members = batch.Members.Where(m => frame.GatesOf(m) is Eligibility.Eligible).Select(m => m.Key).ToList();
                var histories = await RowJoin.LoadAsync<PurchaseHistory>(rows, Bucketing.Partition(bucket), "h|", members, cancellation);
                members.ForEach(m => tally.Add(histories.GetValueOrDefault(m)));
            }
        }

        return tally.ToSurvey(parts);
    }

    /// <summary>How many of the <see cref="Parts"/> to read, by the customers of the latest recompute.</summary>
    private static async ValueTask<int> SampleAsync(IRowStore rows, CancellationToken cancellation)
    {
        var latest = (await SegmentSeries.LastAsync(rows, 1, cancellation)).LastOrDefault();
        var customers = latest is null ? 0 : Math.Max(latest.OrderedCustomers, latest.Segments.Sum(s => s.Customers));
        return customers <= Limit ? Parts : (int)Math.Max(1, (long)Parts * Limit / customers);
    }

    /// <summary>The first key beyond so many of the <see cref="Parts"/>; null beyond all of them.</summary>
    private static CustomerKey? KeyAt(int parts)
    {
        if (parts == Parts)
        {
            return null;
        }

        Span<byte> hash = stackalloc byte[CustomerKey.HashLength];
        hash.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(hash, (ushort)parts);
        return CustomerKey.OfHash(hash);
    }
}
