using Campaigns.Core.Jobs;
using Campaigns.Core.Planning.Codes;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning;

/// <summary>
/// Stage "assign" of a run: every member of the audience is treated, held out or skipped; the first two get their row. A row
/// once there is never decided again, so that any part may run any number of times.
/// </summary>
public sealed class AssignStep : IJobStage
{
    /// <summary>Name of the stage; its result is the <see cref="RunPlan"/>.</summary>
    public const string StageName = "assign";

    /// <summary>Customers per commit: two rows each, and one that says how far codes are dealt.</summary>
    private const int CommitSize = (RowLimits.OperationsPerCommit - 1) / 2;

    /// <inheritdoc/>
    public string Kind => RunInputs.JobKind;

    /// <inheritdoc/>
    public string Name => StageName;

    /// <inheritdoc/>
    public int Order => 2;

    /// <inheritdoc/>
    public string Queue => "plan";

    /// <inheritdoc/>
    public bool PerBucket => true;

    /// <summary>Runs of the day that are behind this one wait for it.</summary>
    public bool IsAwaited => true;

    /// <inheritdoc/>
    public async ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
    {
        var frame = await WeighStep.FrameAsync(context, cancellation);
        var ceiling = RowCodec.Decode<CeilingPlan>(await context.ResultAsync(CountStep.StageName, cancellation));
        var bucket = new BucketAssignment(context.Rows, part, frame, ceiling);
        await bucket.ResumeAsync(cancellation);
        await foreach (var batch in AudienceScan.ScanAsync(context.Rows, part, frame, cancellation))
        {
            await bucket.AssignAsync(batch, cancellation);
            context.Advance(batch.Passed);
        }

        return new PartOutcome.Done(RowCodec.Encode(bucket.Tally.ToPlan()));
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation)
    {
        var tally = new RunPlanTally();
        await foreach (var summary in summaries)
        {
            tally.Add(RowCodec.Decode<RunPlan>(summary));
        }

        return RowCodec.Encode(tally.ToPlan());
    }

    /// <summary>One bucket's assignment under way.</summary>
    private sealed class BucketAssignment(IRowStore rows, int bucket, RunFrame frame, CeilingPlan ceiling)
    {
        private readonly string partition = Bucketing.Partition(bucket);
        private readonly BucketSpending spending = new(frame, ceiling, bucket);
        private readonly BucketCodes codes = new(rows, bucket, frame, ceiling);
        private bool resumed;

        public RunPlanTally Tally { get; } = new();

        /// <summary>What an earlier attempt at the bucket decided counts against its allowance.</summary>
        public async ValueTask ResumeAsync(CancellationToken cancellation)
        {
            await codes.LoadAsync(cancellation);
            await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, partition, Tables.Assignments(frame.Run), cancellation))
            {
                resumed = true;
                if (!frame.HasCeiling)
                {
                    break;
                }

                spending.Resume(RowCodec.Decode<AssignmentRow>(row.Payload));
            }
        }

        public async ValueTask AssignAsync(AudienceBatch batch, CancellationToken cancellation)
        {
            var keys = batch.Members.Select(m => m.Key).ToList();
            var decided = resumed ? await DecidedAsync(keys, cancellation) : [];
            await codes.OwnAsync(decided, cancellation);
            var assigned = new List<(AudienceMember Member, Assignment Assignment)>();
            foreach (var member in batch.Members)
            {
                if (decided.TryGetValue(member.Key, out var row))
                {
                    Tally.Assigned(row);
                }
                else
                {
                    switch (Decide(member))
                    {
                        case PlanDecision.Assigned drawn:
                            assigned.Add((member, drawn.Assignment));
                            break;
                        case PlanDecision.Excluded excluded:
                            Tally.Skipped(member.Segment, excluded.Reason);
                            break;
                    }
                }
            }

            var histories = await RowJoin.LoadAsync<PurchaseHistory>(rows, partition, "h|", assigned.ConvertAll(a => a.Member.Key), cancellation);
            foreach (var chunk in assigned.Chunk(CommitSize))
            {
                await InsertAsync(
                    chunk.ToDictionary(a => a.Member.Key, a => frame.RowOf(a.Member, a.Assignment, PriorMinor(histories.GetValueOrDefault(a.Member.Key)))), cancellation);
            }
        }

        /// <summary>The decision within the bucket's allowance, which only customers who became reachable since the count can use up.</summary>
        private PlanDecision Decide(AudienceMember member)
        {
            var decision = frame.Decide(member, ceiling.FirstBinOutside);
            return decision is PlanDecision.Assigned assigned && !spending.TrySpend(member.Segment, assigned.Assignment) ? new PlanDecision.Excluded(ExclusionReasons.OverCeiling) : decision;
        }

        private async ValueTask InsertAsync(Dictionary<CustomerKey, AssignmentRow> pending, CancellationToken cancellation)
        {
            while (pending.Count > 0)
            {
                var (dealt, dealing) = codes.Any ? await codes.DealAsync(pending, cancellation) : (pending, []);
                await LeaveAsync(pending, dealt, cancellation);
                var operations = dealt.SelectMany(p => new RowOperation[]
                {
                    new RowOperation.Insert(Tables.Assignment(frame.Run, p.Key), RowCodec.Encode(p.Value)),
                    new RowOperation.Upsert(Tables.RunOf(p.Key, frame.Run), RowCodec.Encode(frame.IndexOf(p.Value))),
                }).Concat(dealing).ToList();
                if (operations.Count == 0)
                {
                    return;
                }

                if (await rows.CommitAsync(Tables.Customers, partition, operations, cancellation) is CommitResult.Committed committed)
                {
                    dealt.Values.ToList().ForEach(Tally.Assigned);
                    codes.Committed(committed);
                    await codes.OwnAsync(dealt, cancellation);
                    return;
                }

                // Somebody else works on the part as well: what stands there counts.
                var stands = await DecidedAsync([.. pending.Keys.Order()], cancellation);
                foreach (var (key, row) in stands)
                {
                    Tally.Assigned(row);
                    pending.Remove(key);
                }

                await codes.OwnAsync(stands, cancellation);
                if (!await codes.LoadAsync(cancellation) && stands.Count == 0)
                {
                    throw new IOException($"Assignments of run {frame.Run} in {partition} conflict with rows that are not there; try again.");
                }
            }
        }

        /// <summary>Takes out those for whom no code is left: somebody else dealt it to them, or they became reachable since the count.</summary>
        private async ValueTask LeaveAsync(Dictionary<CustomerKey, AssignmentRow> pending, Dictionary<CustomerKey, AssignmentRow> dealt, CancellationToken cancellation)
        {
            var left = pending.Keys.Where(k => !dealt.ContainsKey(k)).Order().ToList();
            var stands = left.Count > 0 ? await DecidedAsync(left, cancellation) : [];
            foreach (var key in left)
            {
                if (stands.TryGetValue(key, out var row))
                {
                    Tally.Assigned(row);
                }
                else
                {
                    Tally.Skipped(pending[key].Segment, ExclusionReasons.OverCeiling);
                }

                pending.Remove(key);
            }
        }

        private ValueTask<Dictionary<CustomerKey, AssignmentRow>> DecidedAsync(IReadOnlyList<CustomerKey> keys, CancellationToken cancellation) =>
            RowJoin.LoadAsync<AssignmentRow>(rows, partition, Tables.Assignments(frame.Run), keys, cancellation);

        /// <summary>Net revenue in a window before assignment that is as long as the outcome window.</summary>
        private long PriorMinor(PurchaseHistory? history)
        {
            var since = frame.AsOf.AddDays(-frame.Inputs.Campaign.OutcomeWindowDays);
            return history?.RecentOrders.Where(o => o.At >= since && o.At < frame.AsOf).Sum(o => o.AmountMinor) ?? 0;
        }
    }
}
