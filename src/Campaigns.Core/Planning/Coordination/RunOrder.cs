using Campaigns.Core.Jobs;
using Campaigns.Core.Planning.Brakes;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning.Coordination;

/// <summary>A run in the order of its business day.</summary>
/// <param name="Run">Run.</param>
/// <param name="SegmentsJob">Recompute whose memberships it counts.</param>
/// <param name="Segments">Segments of its audience in that recompute.</param>
[MemoryPackable]
public readonly partial record struct DayEntry(string Run, string SegmentsJob, string[] Segments)
{
    /// <summary>The same customer may be in both audiences: always where memberships were computed at different times.</summary>
    public bool MayShareCustomers(DayEntry other) =>
        !string.Equals(SegmentsJob, other.SegmentsJob, StringComparison.Ordinal) || Segments.Intersect(other.Segments, StringComparer.Ordinal).Any();
}

/// <summary>The runs of a business day, in the order in which they choose their customers. Only ever appended to.</summary>
[MemoryPackable]
public sealed partial record DayRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The runs, first come first.</summary>
    public DayEntry[] Entries { get; init; } = [];
}

/// <summary>
/// One run decides per customer and business day. Runs of a day stand in one list, in the order of their launch; a run takes
/// its place once its job exists, so that each entry has somebody who works on it, and keeps it. A run begins to choose when
/// all runs before it that may share customers with it have assigned theirs, and leaves those customers out.
/// <code>
/// campaigns  runs    d|{day number}     DayRow
/// </code>
/// </summary>
public static class RunOrder
{
    private const string Partition = "runs";

    private static string Key(int day) => "d|" + day.ToString("D8", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The business day of a time, as <see cref="DateOnly.DayNumber"/>, in the workspace's time zone.</summary>
    public static int DayOf(DateTimeOffset at, string timeZone) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById(timeZone)).DateTime).DayNumber;

    /// <summary>Gives the run its place behind those of its day that are there. Again: no change. Runs that take no part get none.</summary>
    public static async ValueTask<DayRow> RegisterAsync(IRowStore rows, string run, RunInputs inputs, CancellationToken cancellation)
    {
        if (inputs.Day == 0)
        {
            return new DayRow();
        }

        var own = new DayEntry(run, inputs.SegmentsJob, inputs.Campaign.Segments);
        return await rows.UpdateAsync<DayRow>(
            Tables.Campaigns,
            Partition,
            Key(inputs.Day),
            found => Place(found, run) >= 0 ? null : new DayRow { Entries = [.. found?.Entries ?? [], own] },
            cancellation) ?? new DayRow();
    }

    /// <summary>Runs that are before this one on its day: their customers are not this one's. All of the day where it has no place yet.</summary>
    public static async ValueTask<IReadOnlySet<string>> BeforeAsync(IRowStore rows, string run, RunInputs inputs, CancellationToken cancellation) =>
        inputs.Day == 0 ? new HashSet<string>() : Before(await DayAsync(rows, inputs.Day, cancellation), run).Select(e => e.Run).ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// A run before this one, of its day or the day before, may share customers with it and has not assigned them yet. Waiting
    /// runs always wait for earlier ones, so that none waits in a circle.
    /// </summary>
    public static async ValueTask<bool> WaitsAsync(IRowStore rows, string run, RunInputs inputs, CancellationToken cancellation)
    {
        if (inputs.Day == 0)
        {
            return false;
        }

        var today = await RegisterAsync(rows, run, inputs, cancellation);
        var own = today.Entries[Place(today, run)];
        var yesterday = await DayAsync(rows, inputs.Day - 1, cancellation);
        var earlier = (yesterday?.Entries ?? []).Concat(Before(today, run)).Where(own.MayShareCustomers).Select(e => e.Run).ToHashSet(StringComparer.Ordinal);
        var open = new List<string>();
        await foreach (var row in rows.ScanAsync(Tables.Work, JobRows.Open, " ", "~", cancellation))
        {
            open.Add(row.Key);
        }

        foreach (var other in open.Where(earlier.Contains))
        {
            if (await IsAssigningAsync(rows, other, cancellation))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>It may still take customers. One that was cancelled may, too, and sends them nothing: where planning hangs, cancelling frees the others.</summary>
    private static async ValueTask<bool> IsAssigningAsync(IRowStore rows, string run, CancellationToken cancellation) =>
        await rows.GetAsync(Tables.Work, run, JobRows.Result(AssignStep.StageName), cancellation) is null
        && await rows.FindAsync<JobHead>(Tables.Work, run, JobRows.Head, cancellation) is { Value.Status: JobStatus.Running }
        && !(await RunBrakes.FindAsync(rows, run, cancellation)).IsCancelled;

    private static async ValueTask<DayRow?> DayAsync(IRowStore rows, int day, CancellationToken cancellation) =>
        (await rows.FindAsync<DayRow>(Tables.Campaigns, Partition, Key(day), cancellation))?.Value;

    private static int Place(DayRow? day, string run) => Array.FindIndex(day?.Entries ?? [], e => string.Equals(e.Run, run, StringComparison.Ordinal));

    private static IEnumerable<DayEntry> Before(DayRow? day, string run)
    {
        var place = Place(day, run);
        return (day?.Entries ?? []).Take(place < 0 ? int.MaxValue : place);
    }
}
