using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.LocalTriggers;

/// <summary>How the local triggers play the host's part.</summary>
public sealed record LocalTriggerSettings
{
    /// <summary>The functions as declared.</summary>
    public required IReadOnlyList<FunctionFile> Functions { get; init; }

    /// <summary>Queue settings of <c>host.json</c>.</summary>
    public required QueueHostSettings Queues { get; init; }

    /// <summary>How long a received message stays hidden, renewed at half. The host uses 10 minutes; by hand 30 s, so that work resumes soon after a kill.</summary>
    public TimeSpan Visibility { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>First wait of an empty queue. Messages of this process are signalled at once.</summary>
    public TimeSpan ShortestPoll { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest wait of an empty queue: what messages of other processes may wait.</summary>
    public TimeSpan LongestPoll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Timers run from the start. Else they wait for <see cref="StartTimers"/>: the demo and tests drive them by hand first.</summary>
    public bool Timers
    {
        get => TimersStarted.IsCompleted;
        init
        {
            if (value)
            {
                started.TrySetResult();
            }
        }
    }

    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when timers may run.</summary>
    public Task TimersStarted => started.Task;

    /// <summary>Lets the timers run.</summary>
    public void StartTimers() => started.TrySetResult();
}
