namespace Campaigns.Functions.LocalTriggers;

/// <summary>Wakes a waiting loop early. Rung while nobody waits, it is remembered until <see cref="Reset"/>.</summary>
internal sealed class Bell(TimeProvider time)
{
    private TaskCompletionSource rung = New();

    /// <summary>Rings.</summary>
    public void Ring() => Volatile.Read(ref rung).TrySetResult();

    /// <summary>Forgets earlier rings. Call it before looking for work, so that a ring during the look is not lost.</summary>
    public void Reset()
    {
        if (rung.Task.IsCompleted)
        {
            Volatile.Write(ref rung, New());
        }
    }

    /// <summary>Waits for a ring, at most so long.</summary>
    public async Task WaitAsync(TimeSpan most, CancellationToken cancellation)
    {
        using var waited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(rung.Task, Task.Delay(most, time, waited.Token));
        await waited.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
