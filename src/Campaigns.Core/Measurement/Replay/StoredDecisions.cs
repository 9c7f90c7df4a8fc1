using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Measurement.Replay;

/// <summary>Decisions of stored runs.</summary>
/// <param name="Decisions">The log: contexts are the segment and what could reach the customer; rewards in major units of the currency.</param>
/// <param name="Customers">Customers who were assigned in the runs, ≥ the log's rows.</param>
/// <param name="Reach">By the log's combinations, the treatments that could reach these customers.</param>
/// <param name="MarginKnown">Rewards are profit; else revenue.</param>
public sealed record StoredLog(LoggedDecisions Decisions, long Customers, IReadOnlyList<IReadOnlySet<string>> Reach, bool MarginKnown)
{
    /// <summary>The combination's customers can get the treatment. Nothing can be given to everybody.</summary>
    public bool Possible(int cell, int treatment) => treatment == Decisions.Nobody || Reach[cell].Contains(Decisions.Treatments[treatment]);

    /// <summary>
    /// A treatment by segment, where it can reach the customer; who it cannot reach is left alone. Throws
    /// <see cref="JobFailedException"/> where nobody drew the treatment.
    /// </summary>
    public ReplayPolicy BySegment(string name, Func<string, string> choice) => ReplayPolicy.ByCell(Decisions, name, cell =>
    {
        var shares = new double[Decisions.Treatments.Count];
        var treatment = Decisions.IndexOf(choice(Decisions.Cells[cell][0]), "The choice");
        shares[Decisions.Nobody >= 0 && !Possible(cell, treatment) ? Decisions.Nobody : treatment] = 1;
        return shares;
    });
}

/// <summary>
/// Reads what was decided in runs, from the assignments themselves: what was drawn, its probability, and the profit of the
/// customer as the measurement counts it (up to the run's cap; revenue where margins are unknown).
/// </summary>
public sealed class StoredDecisions(IRowStore rows, Workspace workspace)
{
    /// <summary>Decisions in a replay: one takes some 200 bytes while they are put in order, and more change no interval that anybody decides by.</summary>
    public const int MaxDecisions = 200_000;

    private static readonly string[] Contexts = ["segment", "reach"];

    /// <summary>The log of the runs; of more than <see cref="MaxDecisions"/> customers a sample that is the same every time.</summary>
    /// <param name="runs">Measured runs of one campaign.</param>
    /// <param name="names">What variants are called in the log, by id; others by their id.</param>
    /// <param name="cancellation">Cancellation.</param>
    public async ValueTask<StoredLog> ReadAsync(IReadOnlyList<RunSummary> runs, IReadOnlyDictionary<string, string> names, CancellationToken cancellation)
    {
        var customers = runs.Sum(r => r.Customers);
        var share = customers <= MaxDecisions ? StableHash.Million : (int)((long)StableHash.Million * MaxDecisions / customers);
        var marginKnown = runs.All(r => r.MarginKnown);
        var log = new DecisionLog(Contexts);
        var reach = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
        foreach (var run in runs.OrderBy(r => r.Occurrence))
        {
            foreach (var decision in await OfRunAsync(run, share, marginKnown, cancellation))
            {
                reach.TryAdd(decision.Reach, decision.Eligible.Split('|').Select(NameOf).ToHashSet(StringComparer.Ordinal));
                log.Context(0, decision.Segment);
                log.Context(1, decision.Reach);
                log.Add(decision.Treatment is { } drawn ? NameOf(drawn) : ReplayLimits.None, decision.Probability, decision.Reward);
            }
        }

        if (log.Count == 0)
        {
            throw new JobFailedException("Nobody was assigned in these sends: choose others.");
        }

        var decisions = log.ToDecisions();
        return new StoredLog(decisions, customers, [.. decisions.Cells.Select(c => reach[c[1]])], marginKnown);

        string NameOf(string treatment) => names.GetValueOrDefault(treatment) is { } name && name is not (ReplayLimits.None or PolicyComparison.Nobody) ? name
            : treatment is ReplayLimits.None or PolicyComparison.Nobody ? $"“{treatment}”"
            : treatment;
    }

    /// <summary>In the customers' order, so that rows fall into the same folds however customers are spread over buckets.</summary>
    private async ValueTask<List<Decision>> OfRunAsync(RunSummary run, int share, bool marginKnown, CancellationToken cancellation)
    {
        var buckets = (await workspace.SettingsAsync(cancellation)).Buckets;
        var prefix = Tables.Assignments(run.Run);
        var decisions = new List<Decision>();
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, Bucketing.Partition(bucket), prefix, cancellation))
            {
                var customer = row.Key[prefix.Length..];
                if (share == StableHash.Million || StableHash.PartsPerMillion("replay", run.Run, customer) < share)
                {
                    decisions.Add(Of(customer, RowCodec.Decode<AssignmentRow>(row.Payload), run, marginKnown));
                }
            }
        }

        decisions.Sort(static (a, b) => string.CompareOrdinal(a.Customer, b.Customer));
        return decisions;
    }

    private static Decision Of(string customer, AssignmentRow row, RunSummary run, bool marginKnown)
    {
        var cell = Cell.Of(row, row.Outcome, run.MicrosPerMinor, run.SpendCapMinor, null);
        var micros = marginKnown ? cell.CappedProfit.Sum : cell.CappedRevenue.Sum * run.MicrosPerMinor;
        var drawn = row.HeldOut ? "" : row.Treatment;
        var candidate = Array.Find(row.Candidates, c => string.Equals(c.Treatment, drawn, StringComparison.Ordinal));
        var eligible = row.Eligible;
        // Many long names together are longer than a context value may be.
        var reach = eligible.Length <= ReplayLimits.TextLength ? eligible : StableHash.Id(eligible);
        return new Decision(customer, row.Segment, reach, eligible, row.HeldOut ? null : row.Treatment, candidate.PartsPerMillion / (double)StableHash.Million, (double)micros / Money.MicrosPerMajor);
    }

    private readonly record struct Decision(string Customer, string Segment, string Reach, string Eligible, string? Treatment, double Probability, double Reward);
}
