using System.Collections.Concurrent;
using Campaigns.Core.Storage;

namespace Campaigns.Functions.Tests.Triggers;

/// <summary>The real queues with errors put in where a test says so, and counts of what was asked.</summary>
public sealed class TroubledQueues(IQueueStore real) : IQueueStore
{
    private int receives;
    private int renewals;

    /// <summary>Errors that the next receives throw.</summary>
    public ConcurrentQueue<Exception> OnReceive { get; } = [];

    /// <summary>Errors that the next deletes throw.</summary>
    public ConcurrentQueue<Exception> OnDelete { get; } = [];

    /// <summary>Errors that the next renewals throw, after the renewal was done.</summary>
    public ConcurrentQueue<Exception> OnRenewed { get; } = [];

    public int Receives => Volatile.Read(ref receives);

    public int Renewals => Volatile.Read(ref renewals);

    /// <summary>What every send throws, or null.</summary>
    public Exception? OnSend { get; set; }

    public ValueTask SendAsync(string queue, string body, TimeSpan delay, CancellationToken cancellation) =>
        OnSend is { } error ? throw error : real.SendAsync(queue, body, delay, cancellation);

    public async ValueTask<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancellation)
    {
        try
        {
            return OnReceive.TryDequeue(out var error) ? throw error : await real.ReceiveAsync(queue, max, visibility, cancellation);
        }
        finally
        {
            Interlocked.Increment(ref receives);
        }
    }

    public async ValueTask<string?> RenewAsync(string queue, string id, string receipt, TimeSpan visibility, CancellationToken cancellation)
    {
        var renewed = await real.RenewAsync(queue, id, receipt, visibility, cancellation);
        Interlocked.Increment(ref renewals);
        return OnRenewed.TryDequeue(out var error) ? throw error : renewed;
    }

    public ValueTask<bool> DeleteAsync(string queue, string id, string receipt, CancellationToken cancellation) =>
        OnDelete.TryDequeue(out var error) ? throw error : real.DeleteAsync(queue, id, receipt, cancellation);

    public ValueTask<int> CountAsync(string queue, CancellationToken cancellation) => real.CountAsync(queue, cancellation);

    public ValueTask<IReadOnlyList<QueueMessage>> PeekAsync(string queue, int max, CancellationToken cancellation) => real.PeekAsync(queue, max, cancellation);
}

/// <summary>The real rows with errors put in.</summary>
public sealed class TroubledRows(IRowStore real) : IRowStore
{
    /// <summary>Errors that the next reads throw.</summary>
    public ConcurrentQueue<Exception> OnGet { get; } = [];

    public ValueTask<Row?> GetAsync(string table, string partition, string key, CancellationToken cancellation) =>
        OnGet.TryDequeue(out var error) ? throw error : real.GetAsync(table, partition, key, cancellation);

    public ValueTask<RowPage> RangeAsync(string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation) =>
        real.RangeAsync(table, partition, from, before, limit, continuation, cancellation);

    public ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellation) =>
        real.CommitAsync(table, partition, operations, cancellation);

    public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancellation) => real.PartitionsAsync(table, cancellation);
}
