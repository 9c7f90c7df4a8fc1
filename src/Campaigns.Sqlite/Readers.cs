using System.Collections.Concurrent;

namespace Campaigns.Sqlite;

/// <summary>A few connections that read. Each read is one statement that ends at once: no read keeps the log from being cut back.</summary>
internal sealed class Readers(string path, int count) : IDisposable
{
    private readonly SemaphoreSlim free = new(count, count);
    private readonly ConcurrentBag<Connection> idle = [];
    private volatile bool disposed;

    /// <summary>Reads with one of the connections.</summary>
    public ValueTask<T> ReadAsync<TState, T>(TState state, Func<Connection, TState, T> read, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return free.Wait(0, CancellationToken.None) ? new ValueTask<T>(Read(state, read)) : new ValueTask<T>(ReadLaterAsync(state, read, cancellation));
    }

    public void Dispose()
    {
        disposed = true;
        while (idle.TryTake(out var connection))
        {
            connection.Dispose();
        }
    }

    private async Task<T> ReadLaterAsync<TState, T>(TState state, Func<Connection, TState, T> read, CancellationToken cancellation)
    {
        await free.WaitAsync(cancellation);
        return Read(state, read);
    }

    private T Read<TState, T>(TState state, Func<Connection, TState, T> read)
    {
        try
        {
            ObjectDisposedException.ThrowIf(disposed, typeof(SqliteStore));
            var connection = idle.TryTake(out var found) ? found : Connection.OpenReading(path);
            try
            {
                return read(connection, state);
            }
            finally
            {
                idle.Add(connection);
                if (disposed)
                {
                    Dispose();
                }
            }
        }
        finally
        {
            free.Release();
        }
    }
}
