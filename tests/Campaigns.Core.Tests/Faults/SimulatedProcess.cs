using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Faults;

/// <summary>The process was killed: nothing that it does from now on has any effect.</summary>
internal sealed class ProcessDiedException : Exception;

/// <summary>A failure of a store, of no type that Core knows: each adapter has its own.</summary>
internal sealed class StoreFailedException(string message) : Exception(message);

/// <summary>How often what goes wrong, in parts per thousand calls of a port. Drawn per seed, so that some seeds are wild and some nearly calm.</summary>
/// <param name="Crash">The process dies before the call, or after it has taken effect.</param>
/// <param name="Unavailable">The call fails without effect: 503, no connection.</param>
/// <param name="LostAnswer">The call takes effect and then fails.</param>
/// <param name="Meanwhile">The call takes its time, and the world goes on: leases run out, others take over.</param>
internal sealed record FaultRates(int Crash, int Unavailable, int LostAnswer, int Meanwhile)
{
    public static FaultRates Draw(Random chance) => new(chance.Next(0, 30), chance.Next(0, 20), chance.Next(0, 20), chance.Next(0, 60));
}

/// <summary>One process of the app as its ports see it. Every await of a port is a place where the seed may let something go wrong.</summary>
internal sealed class SimulatedProcess(Random chance, FaultRates rates, Func<bool> faultsLeft, Func<bool, Task> meanwhile)
{
    private bool dead;

    /// <summary>A call of a port.</summary>
    /// <param name="call">The real call.</param>
    /// <param name="mayFail">False where the port answers instead of throwing (channels).</param>
    /// <param name="mayStall">False where the port promises to be quicker than a claim.</param>
    public async ValueTask<T> AroundAsync<T>(Func<ValueTask<T>> call, bool mayFail = true, bool mayStall = true)
    {
        Live();
        if (Happens(rates.Crash))
        {
            Die();
        }

        if (Happens(rates.Meanwhile))
        {
            await meanwhile(mayStall);
        }

        if (mayFail && Happens(rates.Unavailable))
        {
            throw new StoreFailedException("Simulated: the store is out of reach.");
        }

        var result = await call();
        if (Happens(rates.Crash))
        {
            Die();
        }

        return mayFail && Happens(rates.LostAnswer) ? throw new StoreFailedException("Simulated: the answer was lost.") : result;
    }

    private bool Happens(int perThousand) => faultsLeft() && chance.Next(1000) < perThousand;

    private void Die()
    {
        dead = true;
        Live();
    }

    private void Live()
    {
        if (dead)
        {
            throw new ProcessDiedException();
        }
    }
}

/// <summary>The row port of a simulated process: real rows, with pages cut short, some of them empty though more follows.</summary>
internal sealed class SimulatedRows(IRowStore rows, SimulatedProcess process, Random chance) : IRowStore
{
    public ValueTask<Row?> GetAsync(string table, string partition, string key, CancellationToken cancellation) =>
        process.AroundAsync(() => rows.GetAsync(table, partition, key, cancellation));

    public ValueTask<RowPage> RangeAsync(string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation) =>
        process.AroundAsync(async () => chance.Next(8) == 0 && continuation?.StartsWith('!') != true
            ? new RowPage([], "!" + continuation)
            : await rows.RangeAsync(table, partition, from, before, Math.Min(limit, 1 + chance.Next(5)), continuation?.TrimStart('!') is { Length: > 0 } real ? real : null, cancellation));

    public ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellation) =>
        process.AroundAsync(() => rows.CommitAsync(table, partition, operations, cancellation));

    public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancellation) => rows.PartitionsAsync(table, cancellation);
}

/// <summary>The queue port of a simulated process. A lost answer to a sending leaves the message in the queue, and whoever tries again puts in another.</summary>
internal sealed class SimulatedQueues(IQueueStore queues, SimulatedProcess process) : IQueueStore
{
    public async ValueTask SendAsync(string queue, string body, TimeSpan delay, CancellationToken cancellation) =>
        await process.AroundAsync(async () =>
        {
            await queues.SendAsync(queue, body, delay, cancellation);
            return true;
        });

    public ValueTask<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancellation) =>
        process.AroundAsync(() => queues.ReceiveAsync(queue, max, visibility, cancellation));

    public ValueTask<string?> RenewAsync(string queue, string id, string receipt, TimeSpan visibility, CancellationToken cancellation) =>
        process.AroundAsync(() => queues.RenewAsync(queue, id, receipt, visibility, cancellation));

    public ValueTask<bool> DeleteAsync(string queue, string id, string receipt, CancellationToken cancellation) =>
        process.AroundAsync(() => queues.DeleteAsync(queue, id, receipt, cancellation));

    public ValueTask<int> CountAsync(string queue, CancellationToken cancellation) => queues.CountAsync(queue, cancellation);

    public ValueTask<IReadOnlyList<QueueMessage>> PeekAsync(string queue, int max, CancellationToken cancellation) => queues.PeekAsync(queue, max, cancellation);
}
