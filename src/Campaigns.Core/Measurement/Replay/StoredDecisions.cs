using System.Runtime.CompilerServices;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning.Decisions;
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

    /// <summary>The policy where its treatments can reach the customer; who one cannot reach is left alone in its place.</summary>
    public ReplayPolicy Reaching(ReplayPolicy policy) => Decisions.Nobody < 0 ? policy : ReplayPolicy.ByCell(Decisions, policy.Name, cell =>
    {
        var shares = policy.Shares(0, cell).ToArray();
        for (var treatment = 0; treatment < shares.Length; treatment++)
        {
            if (!Possible(cell, treatment))
            {
                shares[Decisions.Nobody] += shares[treatment];
                shares[treatment] = 0;
            }
        }

        return shares;
    });

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
    /// <summary>Decisions in a replay: reading more keeps somebody waiting, and changes no interval that anybody decides by.</summary>
    public const int MaxDecisions = 200_000;

    private static readonly string[] Contexts = ["segment", "eligible"];

    /// <summary>The log of the runs; of more than <see cref="MaxDecisions"/> customers a sample that is the same every time.</summary>
    /// <param name="runs">Measured runs of one campaign.</param>
    /// <param name="names">What variants are called in the log, by id; others by their id.</param>
    /// <param name="cancellation">Cancellation.</param>
    public async ValueTask<StoredLog> ReadAsync(IReadOnlyList<RunSummary> runs, IReadOnlyDictionary<string, string> names, CancellationToken cancellation)
    {
        var customers = runs.Sum(r => r.Customers);
        var share = customers <= MaxDecisions ? 1 : (double)MaxDecisions / customers;
        var marginKnown = runs.All(r => r.MarginKnown);
        var log = new DecisionLog(Contexts);
        var reach = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
        foreach (var run in runs.OrderBy(r => r.Occurrence))
        {
            await foreach (var (_, row) in OfRunAsync(run.Run, share, cancellation))
            {
                var eligible = row.Eligible;
                var context = LoggedReward.Reach(eligible);
                if (!reach.ContainsKey(context))
                {
                    reach.Add(context, eligible.Split('|').Select(NameOf).ToHashSet(StringComparer.Ordinal));
                }

                log.Context(0, row.Segment);
                log.Context(1, context);
                log.Add(
                    row.HeldOut ? ReplayLimits.None : NameOf(row.Treatment),
                    LoggedReward.PartsPerMillion(row) / (double)StableHash.Million,
                    (double)LoggedReward.Micros(row, run.MicrosPerMinor, run.SpendCapMinor, marginKnown) / Money.MicrosPerMajor);
            }
        }

        if (log.Count == 0)
        {
            throw new JobFailedException("Nobody was assigned in these sends: choose others.");
        }

        var decisions = log.ToDecisions();
        return new StoredLog(decisions, customers, [.. decisions.Cells.Select(c => reach[c[1]])], marginKnown);

        string NameOf(string treatment) =>
            names.GetValueOrDefault(treatment) is { } name && name is not (ReplayLimits.None or PolicyComparison.Nobody) ? name : LoggedReward.Name(treatment);
    }

    /// <summary>
    /// In the customers' order, so that rows fall into the same folds however customers are spread over buckets. A sample is
    /// a range of keys, which are hashes: a part of the customers chosen by chance, and no other row is read. Where it begins
    /// follows from the run.
    /// </summary>
    private async IAsyncEnumerable<RunRowEntry> OfRunAsync(string run, double share, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var buckets = (await workspace.SettingsAsync(cancellation)).Buckets;
        foreach (var (from, before) in KeyRanges(run, share))
        {
            await foreach (var entry in RunRows.InOrderAsync(rows, buckets, run, from, before, cancellation))
            {
                yield return entry;
            }
        }
    }

    /// <summary>Ranges of keys that together hold this share of all customers, in order.</summary>
    internal static IReadOnlyList<(string From, string Before)> KeyRanges(string run, double share)
    {
        if (share >= 1)
        {
            return [("", "~")];
        }

        var (start, width) = (StableHash.Of("replay", run), (ulong)(share * ulong.MaxValue));
        var end = unchecked(start + width);
        return end >= start ? [(KeyAt(start), KeyAt(end))] : [("", KeyAt(end)), (KeyAt(start), "~")];
    }

    /// <summary>The key text that as many of all keys stand before as numbers before this one.</summary>
    private static string KeyAt(ulong place)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, place);
        return Base32.Encode(bytes);
    }
}
