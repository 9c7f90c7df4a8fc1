using System.Collections.Concurrent;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Tests.Triggers;

/// <summary>What the probing functions do and what they saw.</summary>
public sealed class ProbeLog
{
    private readonly Lock gate = new();
    private int running;

    /// <summary>Bodies and ticks, in the order in which their functions were called.</summary>
    public ConcurrentQueue<string> Calls { get; } = [];

    /// <summary>The most at once.</summary>
    public int Peak { get; private set; }

    /// <summary>Calls under way.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>What a call does; nothing unless a test says otherwise.</summary>
    public Func<string, Task> Work { get; set; } = _ => Task.CompletedTask;

    public async Task RunAsync(string what)
    {
        lock (gate)
        {
            Peak = Math.Max(Peak, ++running);
        }

        Calls.Enqueue(what);
        try
        {
            await Work(what);
        }
        finally
        {
            Interlocked.Decrement(ref running);
        }
    }
}

public sealed class QueueProbe(ProbeLog log) : IQueueFunction
{
    public string Name => nameof(QueueProbe);

    public Task RunAsync(string message, CancellationToken cancellation) => log.RunAsync(message);
}

public sealed class TimerProbe(ProbeLog log) : ITimerFunction
{
    public string Name => nameof(TimerProbe);

    public Task RunAsync(CancellationToken cancellation) => log.RunAsync("tick");
}
