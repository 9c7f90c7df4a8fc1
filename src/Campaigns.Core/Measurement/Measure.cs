using System.Globalization;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Measurement;

/// <summary>Frozen inputs of a job of kind "measure".</summary>
[MemoryPackable]
public sealed partial record MeasureInputs : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Kind of job.</summary>
    public const string JobKind = "measure";

    /// <summary>Queue of its stages.</summary>
    public const string Queue = "measure";

    /// <summary>Name of the pointer at the latest finished job.</summary>
    public const string Latest = "kpis";

    /// <summary>Runs that are not frozen, in ordinal order.</summary>
    public required string[] Runs { get; init; }

    /// <summary>Days of the churn horizon.</summary>
    public required int ChurnDays { get; init; }

    /// <summary>ISO 4217 currency.</summary>
    public required string Currency { get; init; }

    /// <summary>Ids of the segments of the scheme in force, by priority: of several memberships the first counts. Empty before the first recompute.</summary>
    public string[] SegmentOrder { get; init => field = value ?? []; } = [];

    /// <summary>
    /// By run, what of a customer's spending counts in its headline, minor units; null = all of it, also while the run is still
    /// being planned. Frozen, so that all buckets cap alike.
    /// </summary>
    public long?[] SpendCapsMinor { get; init => field = value ?? []; } = [];
}

/// <summary>Result of stage "measure": all runs that are not frozen, and the shop.</summary>
[MemoryPackable]
public sealed partial record MeasureSummary : IStoredRow
{
    /// <summary>2: as <see cref="RunSummary"/>.</summary>
    public static byte Version => 2;

    /// <summary>Summaries in the order of the inputs' runs.</summary>
    public RunSummary[] Runs { get; init; } = [];

    /// <summary>The shop.</summary>
    public required ShopSummary Shop { get; init; }
}

/// <summary>Starts measurements.</summary>
public sealed class Measure(IRowStore rows, JobRunner runner, MeasuredRuns runs, Workspace workspace, TimeProvider time)
{
    /// <summary>
    /// Creates the measurement of this business time unless it exists, and gives its first messages;
    /// <paramref name="generation"/> ("" for none) makes a further one of the same time possible.
    /// </summary>
    public async ValueTask<IReadOnlyList<Outgoing>> StartAsync(DateTimeOffset asOf, string generation, CancellationToken cancellation)
    {
        var settings = await workspace.SettingsAsync(cancellation);
        var frozen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in rows.ScanAsync(Tables.Work, RunSummary.Frozen, " ", "~", cancellation))
        {
            frozen.Add(row.Key);
        }

        var open = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var run in runs.ListAsync(cancellation))
        {
            if (!frozen.Contains(run.Run) && run.At <= asOf)
            {
                open.Add(run.Run);
            }
        }

        var segments = await workspace.LatestAsync(ClassifyStep.Latest, cancellation);
        var caps = new List<long?>(open.Count);
        foreach (var run in open)
        {
            caps.Add(await runner.ResultAsync(run, AssignStep.StageName, cancellation) is { } plan ? RowCodec.Decode<RunPlan>(plan).SpendCapMinor : null);
        }

        var inputs = new MeasureInputs
        {
            Runs = [.. open],
            SpendCapsMinor = [.. caps],
            ChurnDays = settings.ChurnDays,
            Currency = settings.Currency,
            SegmentOrder = segments is null ? [] : await SegmentReader.OrderOfAsync(rows, segments.Job, cancellation),
        };
        var head = new JobHead
        {
            Job = JobId(asOf, generation),
            Kind = MeasureInputs.JobKind,
            AsOf = asOf,
            CreatedAt = time.GetUtcNow(),
            Inputs = RowCodec.Encode(inputs).ToArray(),
        };
        return await runner.CreateAsync(head, cancellation);
    }

    /// <summary>The id of the measurement: the same for the same business time (to the millisecond) and generation.</summary>
    public static string JobId(DateTimeOffset asOf, string generation)
    {
        var id = "measure-" + asOf.ToUniversalTime().ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        return generation.Length == 0 ? id : id + "-" + StableHash.Id(generation)[..8];
    }
}
