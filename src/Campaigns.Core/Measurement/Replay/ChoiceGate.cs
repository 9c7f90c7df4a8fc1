using System.Collections.Concurrent;
using Campaigns.Core.Jobs;

namespace Campaigns.Core.Measurement.Replay;

/// <summary>What customers of a segment, reached by the same variants, would get.</summary>
/// <param name="Segment">Segment.</param>
/// <param name="Eligible">The variants that could be drawn, as the log has them.</param>
/// <param name="Treatment">The variant that looks best there, as it is called in the log; <see cref="ReplayLimits.None"/> for nothing.</param>
public sealed record ChosenThere(string Segment, string Eligible, string Treatment);

/// <summary>
/// Whether choosing by segment pays: the choice learnt from a campaign's own decisions, valued out of sample, against the best
/// simple one (a variant for everyone, or nobody). Only what is credibly better is recommended.
/// </summary>
public sealed record ChoiceGate
{
    /// <summary>The learnt choice against the simple ones; null where the decisions cannot be valued.</summary>
    public PolicyReplay? Replay { get; init; }

    /// <summary>What to do; null where the decisions cannot be valued.</summary>
    public ReplayAdvice? Advice { get; init; }

    /// <summary>Decisions that it rests on; null where they cannot be valued.</summary>
    public StoredLog? Log { get; init; }

    /// <summary>Why the decisions cannot be valued, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>The learnt choice.</summary>
    public IReadOnlyList<ChosenThere> Choices { get; init; } = [];

    /// <summary>Choosing by segment is recommended.</summary>
    public bool ByCell => Advice?.Recommended == "policy";
}

/// <summary>Works out gates from campaigns' closed sends, and keeps them until the next measurement.</summary>
public sealed class ChoiceGates(StoredDecisions decisions, Kpis kpis, Workspace workspace)
{
    /// <summary>Folds of the cross-fitting, as on the command line.</summary>
    public const int Folds = 5;

    /// <summary>Gates kept: each holds its decisions, at most some 5 MiB.</summary>
    private const int MostKept = 8;

    /// <summary>What the learnt choice is called in sentences.</summary>
    private const string Name = "the choice by segment";

    private readonly ConcurrentDictionary<string, (string Of, ChoiceGate Gate)> kept = new(StringComparer.Ordinal);

    /// <summary>The campaign's gate, or null where none of its sends is over and measured.</summary>
    /// <param name="campaign">Campaign.</param>
    /// <param name="names">What variants are called, by id; others by their id.</param>
    /// <param name="cancellation">Cancellation.</param>
    public async ValueTask<ChoiceGate?> OfAsync(string campaign, IReadOnlyDictionary<string, string> names, CancellationToken cancellation)
    {
        if (await workspace.LatestAsync(MeasureInputs.Latest, cancellation) is not { } latest)
        {
            return null;
        }

        var of = latest.Job + "|" + string.Join('|', names.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => n.Key + "=" + n.Value));
        if (kept.TryGetValue(campaign, out var found) && string.Equals(found.Of, of, StringComparison.Ordinal))
        {
            return found.Gate;
        }

        var report = await kpis.LatestAsync(cancellation);
        var closed = report?.Runs.Where(r => r.Closed && string.Equals(r.Campaign, campaign, StringComparison.Ordinal)).ToList() ?? [];
        if (closed.Count == 0)
        {
            return null;
        }

        var gate = await MakeAsync(closed, names, report!.Currency, cancellation);
        if (kept.Count >= MostKept)
        {
            kept.Clear();
        }

        kept[campaign] = (of, gate);
        return gate;
    }

    private async ValueTask<ChoiceGate> MakeAsync(IReadOnlyList<RunSummary> closed, IReadOnlyDictionary<string, string> names, string currency, CancellationToken cancellation)
    {
        try
        {
            var log = await decisions.ReadAsync(closed, names, cancellation);
            var valued = log.Decisions.CheckedFor(Folds);
            var replay = PolicyReplay.Learn(valued, Folds, log.Possible);
            return new ChoiceGate
            {
                Log = log,
                Replay = replay,
                Advice = ReplayAdvice.On(replay, ReplayWords.In(currency, Name)),
                Choices = [.. valued.Cells.Select((cell, i) => new ChosenThere(cell[0], cell[1], valued.Treatments[replay.Learned!.Choices[i]]))],
            };
        }
        catch (JobFailedException refused)
        {
            return new ChoiceGate { Problem = refused.Message };
        }
    }
}
