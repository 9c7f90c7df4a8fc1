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

    /// <summary>Timers run. Off where somebody else drives them (the demo, tests).</summary>
    public bool Timers { get; init; } = true;
}
