namespace Campaigns.Core.Tests.Faults;

/// <summary>Time that moves when told to, timers and measured durations with it: no seed depends on how busy the machine is.</summary>
internal sealed class SimulatedTime(DateTimeOffset start) : TimeProvider
{
    private DateTimeOffset now = start;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => now;

    public override long GetTimestamp() => now.UtcTicks;

    /// <summary>Never rings: nobody renews a lease, so that every longer pause is one in which others take over.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new SilentTimer();

    public void Advance(TimeSpan by) => now += by;

    private sealed class SilentTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            // Nothing rings.
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
