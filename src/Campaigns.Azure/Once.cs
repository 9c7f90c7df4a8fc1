using System.Collections.Concurrent;

namespace Campaigns.Azure;

/// <summary>Makes each table, queue or container once per process, on first use. A failed try is forgotten, so that the next call tries again.</summary>
internal sealed class Once<T>(Func<string, Task<T>> make)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<T>>> made = new(StringComparer.Ordinal);

    public async ValueTask<T> GetAsync(string name, CancellationToken cancellation)
    {
        var entry = made.GetOrAdd(name, static (n, m) => new Lazy<Task<T>>(() => m(n)), make);
        try
        {
            return await entry.Value.WaitAsync(cancellation);
        }
        catch when (entry.Value.IsFaulted || entry.Value.IsCanceled)
        {
            made.TryRemove(new KeyValuePair<string, Lazy<Task<T>>>(name, entry));
            throw;
        }
    }
}
