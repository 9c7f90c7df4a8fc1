using Campaigns.Core.Jobs;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning.Decisions;

/// <summary>What came of deciding a run once more.</summary>
/// <param name="Run">Run.</param>
/// <param name="Customers">Assigned customers.</param>
/// <param name="Different">Of these, for whom something else came out: probabilities, draw, arm or variant.</param>
/// <param name="Examples">Ids of the first of them, at most <see cref="RunDecisions.ExampleLimit"/>.</param>
public sealed record DecisionCheck(string Run, long Customers, long Different, IReadOnlyList<string> Examples)
{
    /// <summary>Every stored decision comes out again, bit for bit.</summary>
    public bool Agrees => Different == 0;
}

/// <summary>What an answer about a customer's decision in a run can be.</summary>
public abstract record DecisionAnswer
{
    private DecisionAnswer()
    {
    }

    /// <summary>The decision.</summary>
    public sealed record Found(ExplainedDecision Decision) : DecisionAnswer;

    /// <summary>There is none; the sentence says why.</summary>
    public sealed record None(string Sentence) : DecisionAnswer;
}

/// <summary>Reads the decisions that runs logged: explained for one customer, and made once more for all.</summary>
public sealed class RunDecisions(IRowStore rows, IBlobStore blobs, Workspace workspace, Runs runs)
{
    /// <summary>Differences named one by one: enough to see a pattern.</summary>
    public const int ExampleLimit = 20;

    /// <summary>Decisions explained for one customer: more than a year of a weekly campaign. Older ones are found by their run.</summary>
    public const int OfCustomerLimit = 60;

    /// <summary>The customer's decision in a run; null where there is no such run.</summary>
    public async ValueTask<DecisionAnswer?> FindAsync(string run, string customerId, CancellationToken cancellation)
    {
        if (await OpenAsync(run, cancellation) is not { } open)
        {
            return null;
        }

        if (customerId.Length is 0 or > CustomerKey.MaxIdLength)
        {
            return new DecisionAnswer.None("There is no such customer.");
        }

        var settings = await workspace.SettingsAsync(cancellation);
        var key = CustomerKey.Of(settings.Salt, customerId);
        var partition = new Bucketing(settings.Buckets).PartitionOf(key);
        if (await rows.FindAsync<AssignmentRow>(Tables.Customers, partition, Tables.Assignment(run, key), cancellation) is { Value: var row })
        {
            return new DecisionAnswer.Found(DecisionExplanation.Of(open.Frame, open.Ceiling, key, row));
        }

        return new DecisionAnswer.None(
            await rows.FindAsync<Segments.MembershipRow>(Tables.Customers, partition, Tables.Membership(key), cancellation) is not { Value: var membership } ? "There is no such customer, or it has no segment yet."
            : open.Frame.SegmentOf(membership) is not { } segment || !open.Frame.Inputs.Campaign.Segments.Contains(segment, StringComparer.Ordinal) ? "The customer was in none of the send's segments: nothing was decided."
            : Ceiling.BinOf(open.Frame.Salt, run, key) >= open.Ceiling.FirstBinOutside ? "The customer was left out before the draw: the send's ceilings ended before its rank."
            : "The customer was in the send's audience and left out before the draw: the send counts it under one of its reasons (no consent, still being measured, and so on).");
    }

    /// <summary>The customer's decisions, newest first, at most <see cref="OfCustomerLimit"/>; none where nothing is known under the id.</summary>
    public async ValueTask<IReadOnlyList<ExplainedDecision>> OfCustomerAsync(string customerId, CancellationToken cancellation)
    {
        var settings = await workspace.SettingsAsync(cancellation);
        var key = CustomerKey.Of(settings.Salt, customerId);
        var partition = new Bucketing(settings.Buckets).PartitionOf(key);
        var assigned = new List<(string Run, AssignmentRow Row)>();
        await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, partition, Tables.RunsOf(key), cancellation))
        {
            var run = row.Key[Tables.RunsOf(key).Length..];
            if (await rows.FindAsync<AssignmentRow>(Tables.Customers, partition, Tables.Assignment(run, key), cancellation) is { Value: var assignment })
            {
                assigned.Add((run, assignment));
            }
        }

        var explained = new List<ExplainedDecision>();
        foreach (var (run, row) in assigned.OrderByDescending(a => a.Row.AssignedAt).ThenBy(a => a.Run, StringComparer.Ordinal).Take(OfCustomerLimit))
        {
            if (await OpenAsync(run, cancellation) is { } open)
            {
                explained.Add(DecisionExplanation.Of(open.Frame, open.Ceiling, key, row));
            }
        }

        return explained;
    }

    /// <summary>Decides every assigned customer once more from what the run froze, and compares; null where there is no such run.</summary>
    public async ValueTask<DecisionCheck?> CheckAsync(string run, CancellationToken cancellation)
    {
        if (await OpenAsync(run, cancellation) is not { } open)
        {
            return null;
        }

        var buckets = (await workspace.SettingsAsync(cancellation)).Buckets;
        var (customers, different, examples) = (0L, 0L, new List<string>());
        await foreach (var (key, row) in RunRows.InOrderAsync(rows, buckets, run, "", "~", cancellation))
        {
            if (row.IsErased)
            {
                continue; // Its key is no customer's: nothing can be drawn from it again.
            }

            customers++;
            if (DecisionExplanation.Again(open.Frame, key, row) is { } again && DecisionExplanation.Same(again, row))
            {
                continue;
            }

            different++;
            if (examples.Count < ExampleLimit)
            {
                examples.Add(row.CustomerId);
            }
        }

        return new DecisionCheck(run, customers, different, examples);
    }

    /// <summary>The run as its last stage saw it; runs of versions that knew no constraints have an empty weighing.</summary>
    private async ValueTask<(RunFrame Frame, CeilingPlan Ceiling)?> OpenAsync(string run, CancellationToken cancellation)
    {
        if (await runs.FindAsync(run, cancellation) is not { } found)
        {
            return null;
        }

        var salt = Convert.ToHexStringLower((await workspace.SettingsAsync(cancellation)).Salt);
        var weighing = await JobRows.ResultAsync(rows, blobs, run, WeighStep.StageName, cancellation) is { } weighed ? RowCodec.Decode<Weighing>(weighed) : null;
        var ceiling = await JobRows.ResultAsync(rows, blobs, run, CountStep.StageName, cancellation) is { } counted ? RowCodec.Decode<CeilingPlan>(counted) : new CeilingPlan();
        return (new RunFrame(run, found.Head.AsOf, found.Inputs, salt, weighing), ceiling);
    }
}
