namespace Campaigns.Core.Storage;

/// <summary>
/// Writes many rows of one partition: packs them into commits within <see cref="RowLimits"/> and keeps some commits under
/// way at a time. Hand them over in key order: neighbouring rows then share pages, which is many times faster on the
/// embedded store. The order between commits is open, so a writer gets each key once.
/// Not for several threads at a time; use one writer per partition.
/// </summary>
/// <param name="rows">The store.</param>
/// <param name="table">Table.</param>
/// <param name="partition">Partition.</param>
/// <param name="onConflict">
/// Gets a group of which an operation is in conflict, and gives the group to write in its place; an empty one drops it.
/// Called by several threads at a time. Null: a conflict is a fault and throws. Each conflict costs two more commits: where many are to be expected, read first.
/// </param>
public sealed class BulkWriter(
    IRowStore rows,
    string table,
    string partition,
    Func<BulkConflict, CancellationToken, ValueTask<IReadOnlyList<RowOperation>>>? onConflict = null)
    : IAsyncDisposable
{
    /// <summary>
    /// Commits under way at a time. The embedded store puts all that wait into one transaction, and 32 commits of 100 rows make
    /// its flush cheap; one partition of Azure Tables takes about 2,000 rows a second, which 32 keep busy too. 32 full commits hold 93 MB at worst.
    /// </summary>
    public const int CommitsInFlight = 32;

    /// <summary>A group that is in conflict again and again is a fault, not bad luck.</summary>
    private const int MaxAttempts = 50;

    private readonly SemaphoreSlim free = new(CommitsInFlight, CommitsInFlight);
    private readonly List<Task> underWay = new(CommitsInFlight);
    private Batch batch = new();
    private volatile Exception? failure;
    private long conflicts;

    /// <summary>Groups that were in conflict so far.</summary>
    public long Conflicts => Interlocked.Read(ref conflicts);

    /// <summary>Writes one operation, whichever commit it lands in.</summary>
    public ValueTask AddAsync(RowOperation operation, CancellationToken cancellation) => AddAsync([operation], cancellation);

    /// <summary>Writes some operations all or none: they stay together in one commit. The list must not change afterwards.</summary>
    public async ValueTask AddAsync(IReadOnlyList<RowOperation> group, CancellationToken cancellation)
    {
        if (group.Count == 0)
        {
            return;
        }

        if (!batch.Fits(group))
        {
            await FlushAsync(cancellation);
        }

        batch.Add(group);
    }

    /// <summary>Writes what is left and waits until everything is committed. Throws what the first failed commit threw.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        await FlushAsync(cancellation);
        await Task.WhenAll(underWay);
        underWay.Clear();
    }

    /// <summary>Waits for what is under way, so that nothing is written after it; what was never completed is dropped.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(underWay).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        free.Dispose();
    }

    private async ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (batch.Operations.Count == 0)
        {
            return;
        }

        await free.WaitAsync(cancellation);
        if (failure is not null)
        {
            free.Release();
            await Task.WhenAll(underWay);
        }

        underWay.RemoveAll(static task => task.IsCompletedSuccessfully);
        underWay.Add(CommitAsync(batch, cancellation));
        batch = new Batch();
    }

    private async Task CommitAsync(Batch full, CancellationToken cancellation)
    {
        try
        {
            while (full.Operations.Count > 0
                && await rows.CommitAsync(table, partition, full.Operations, cancellation) is CommitResult.Conflict conflict)
            {
                // The others first: the group in conflict goes alone, so that it can hold nobody up.
                var (group, index) = full.Remove(conflict.Index);
                await ResolveAsync(group, index, cancellation);
            }
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            free.Release();
        }
    }

    private async ValueTask ResolveAsync(IReadOnlyList<RowOperation> group, int index, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            Interlocked.Increment(ref conflicts);
            if (onConflict is null)
            {
                throw new IOException($"Row {table}/{partition}/{group[index].Key} was changed by somebody else while it was written in bulk.");
            }

            group = await onConflict(new BulkConflict(group, index), cancellation);
            if (group.Count == 0 || await rows.CommitAsync(table, partition, group, cancellation) is not CommitResult.Conflict conflict)
            {
                return;
            }

            index = conflict.Index;
        }

        throw new IOException($"Row {table}/{partition}/{group[index].Key} was changed by others {MaxAttempts} times in a row; try again.");
    }

    /// <summary>Groups on their way into one commit.</summary>
    private sealed class Batch
    {
        private readonly List<IReadOnlyList<RowOperation>> groups = [];
        private long bytes;

        public List<RowOperation> Operations { get; } = new(RowLimits.OperationsPerCommit);

        public bool Fits(IReadOnlyList<RowOperation> group) =>
            Operations.Count + group.Count <= RowLimits.OperationsPerCommit && bytes + Size(group) <= RowLimits.BytesPerCommit;

        public void Add(IReadOnlyList<RowOperation> group)
        {
            groups.Add(group);
            Operations.AddRange(group);
            bytes += Size(group);
        }

        /// <summary>Takes out the group of the operation at the index; gives it and the operation's place in it.</summary>
        public (IReadOnlyList<RowOperation> Group, int Index) Remove(int index)
        {
            var start = 0;
            var at = 0;
            while (start + groups[at].Count <= index)
            {
                start += groups[at++].Count;
            }

            var group = groups[at];
            groups.RemoveAt(at);
            Operations.RemoveRange(start, group.Count);
            return (group, index - start);
        }

        private static long Size(IReadOnlyList<RowOperation> group)
        {
            var size = 0L;
            for (var i = 0; i < group.Count; i++)
            {
                size += group[i].Size;
            }

            return size;
        }
    }
}

/// <summary>A group of operations that were to be written all or none, and the index of (one of) those at fault.</summary>
public sealed record BulkConflict(IReadOnlyList<RowOperation> Group, int Index);
