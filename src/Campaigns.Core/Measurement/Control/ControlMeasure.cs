using System.Globalization;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Measurement.Control;

/// <summary>Starts measurements of the global control group, and reads what they came to.</summary>
public sealed class ControlMeasure(IRowStore rows, JobRunner runner, Workspace workspace, TimeProvider time)
{
    /// <summary>
    /// Creates the day's measurement of each quarter that has a group and may still change: the present one, and the one before
    /// until changes to its orders are no longer taken in. Again on the same business day: no change, no messages.
    /// <paramref name="again"/> measures anew all the same.
    /// </summary>
    public async ValueTask<IReadOnlyList<Outgoing>> StartAsync(DateTimeOffset asOf, bool again, CancellationToken cancellation)
    {
        var settings = await workspace.SettingsAsync(cancellation);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone);
        var messages = new List<Outgoing>();
        var now = Quarter.Of(asOf, zone);
        foreach (var quarter in new[] { Quarter.OfIndex(now.Index - 1), now })
        {
            if (ControlGroup.Of(settings.ControlShares, quarter) is not { } group || asOf >= quarter.EndIn(zone).AddDays(RunInputs.LateDays + 1))
            {
                continue;
            }

            var stamp = TimeZoneInfo.ConvertTime(asOf, zone).ToString(again ? "yyyyMMdd'T'HHmmssfff" : "yyyyMMdd", CultureInfo.InvariantCulture);
            var job = $"control-{quarter}-{stamp}";
            if (await runner.FindAsync(job, cancellation) is not null)
            {
                continue; // Started before; the timer wakes what was lost.
            }

            messages.AddRange(await runner.CreateAsync(
                new JobHead
                {
                    Job = job,
                    Kind = ControlInputs.JobKind,
                    AsOf = asOf,
                    CreatedAt = time.GetUtcNow(),
                    Inputs = RowCodec.Encode(Inputs(settings, group, quarter, zone)).ToArray(),
                },
                cancellation));
        }

        return messages;
    }

    /// <summary>What is known of a quarter's group, or null before it was first measured.</summary>
    public async ValueTask<ControlReport?> FindAsync(Quarter quarter, CancellationToken cancellation) =>
        await rows.FindAsync<ControlSummary>(Tables.Work, ControlSummary.Partition, ControlSummary.Key(quarter), cancellation) is { } found
            ? new ControlReport(found.Value)
            : null;

    /// <summary>All quarters that were measured, newest first.</summary>
    public async ValueTask<IReadOnlyList<ControlReport>> ListAsync(CancellationToken cancellation)
    {
        var found = new List<ControlReport>();
        await foreach (var row in rows.ScanPrefixAsync(Tables.Work, ControlSummary.Partition, "r|", cancellation))
        {
            found.Insert(0, new ControlReport(RowCodec.Decode<ControlSummary>(row.Payload)));
        }

        return found;
    }

    private static ControlInputs Inputs(WorkspaceSettings settings, ControlGroup group, Quarter quarter, TimeZoneInfo zone) => new()
    {
        Group = group,
        From = quarter.StartIn(zone),
        Until = quarter.EndIn(zone),
        Margin = new MarginPolicy { Share = settings.MarginShare, ShareByCategory = settings.MarginShareByCategory },
        MicrosPerMinor = Money.MicrosPerMajor / Money.MinorPerMajor(settings.Currency),
    };
}
