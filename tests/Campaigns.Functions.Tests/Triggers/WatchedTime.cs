using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Campaigns.Functions.Tests.Triggers;

/// <summary>
/// A clock that moves only when told to, and that tells which waits have begun: a test moves it on only when the code under
/// test has begun to wait, so that nothing depends on the speed of the machine.
/// </summary>
public sealed class WatchedTime() : FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 10, TimeSpan.Zero))
{
    private readonly ConcurrentDictionary<TimeSpan, int> begun = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        begun.AddOrUpdate(dueTime, 1, (_, n) => n + 1);
        return timer;
    }

    /// <summary>Waits of exactly this length that have begun so far.</summary>
    public int Begun(TimeSpan wait) => begun.GetValueOrDefault(wait);
}

/// <summary>Waiting for a condition that code on other threads brings about.</summary>
internal static class Eventually
{
    /// <summary>Far beyond what a loaded machine needs: it only turns a hang into a failure.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Looks again and again, after <paramref name="between"/> each time (moving the clock, say), until the condition holds.</summary>
    public static async Task HoldsAsync(Func<ValueTask<bool>> condition, Action? between = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            between?.Invoke();
            await Task.Delay(2, patience.Token);
        }
    }

    public static Task HoldsAsync(Func<bool> condition, Action? between = null) => HoldsAsync(() => ValueTask.FromResult(condition()), between);
}
