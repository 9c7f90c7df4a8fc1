using System.Globalization;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Offers.Learning;

/// <summary>Stores what closed runs taught: measurement writes it, planning reads it. So data flows back through storage, never through code.</summary>
public sealed class EvidenceRows(IRowStore rows)
{
    private const string Partition = "evidence";

    /// <summary>Ends the key of a row that says that a run is left out; it stands behind the run's own.</summary>
    private const string LeftOut = "|x";

    /// <summary>Runs that a policy learns from at most: older ones tell of another season, other prices and other customers.</summary>
    public const int MostRuns = 200;

    /// <summary>Writes what a run taught, in the place of what was known of it before: late orders and refunds still change it.</summary>
    public async ValueTask WriteAsync(string campaign, RunEvidence evidence, CancellationToken cancellation) => await rows.CommitAsync(
        Tables.Campaigns, Partition, [new RowOperation.Upsert(Key(campaign, evidence.Occurrence), RowCodec.Encode(evidence))], cancellation);

    /// <summary>The campaign's newest closed runs before this one, in order.</summary>
    public async ValueTask<IReadOnlyList<RunEvidence>> BeforeAsync(string campaign, int occurrence, CancellationToken cancellation)
    {
        var found = new List<RunEvidence>();
        var from = Key(campaign, Math.Max(0, occurrence - MostRuns));
        var left = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in rows.ScanAsync(Tables.Campaigns, Partition, from, Key(campaign, occurrence), cancellation))
        {
            if (row.Key.EndsWith(LeftOut, StringComparison.Ordinal))
            {
                left.Add(row.Key[..^LeftOut.Length]);
            }
            else
            {
                found.Add(RowCodec.Decode<RunEvidence>(row.Payload));
            }
        }

        return left.Count == 0 ? found : found.FindAll(e => !left.Contains(Key(campaign, e.Occurrence)));
    }

    /// <summary>Nothing is learnt from a run that was cancelled or a mistake, whatever is measured of it later.</summary>
    public async ValueTask LeaveOutAsync(string campaign, int occurrence, CancellationToken cancellation) =>
        await rows.CommitAsync(Tables.Campaigns, Partition, [new RowOperation.Upsert(Key(campaign, occurrence) + LeftOut, new byte[] { 1 })], cancellation);

    private static string Key(string campaign, int occurrence) => campaign + "|" + occurrence.ToString("D10", CultureInfo.InvariantCulture);
}
