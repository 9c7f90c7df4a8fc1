using Campaigns.Core.Storage;

namespace Campaigns.Functions.LocalTriggers;

/// <summary>
/// Waits until all work that was started is done: no queue of ours holds a message, hidden ones included. A handler sends
/// what follows before its own message is deleted, so two looks in a row at empty queues mean that nothing is under way.
/// For the demo and tests: an app that is used by others may never be quiet.
/// </summary>
public sealed class Quiescence(IQueueStore queues, LocalTriggerSettings triggers)
{
    /// <summary>Between looks at whether the queues are empty.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(15);

    /// <summary>Looks in a row at empty queues.</summary>
    private const int Looks = 2;

    /// <summary>Names of the queues.</summary>
    public IReadOnlyList<string> Queues { get; } = [.. triggers.Functions.Where(f => f.Queue is not null).Select(f => f.Queue!)];

    /// <summary>Waits until no queue holds a message. Throws <see cref="InvalidOperationException"/> where one failed again and again.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        for (var empty = 0; empty < Looks;)
        {
            if (await IsBusyAsync(cancellation))
            {
                empty = 0;
                await Task.Delay(Poll, cancellation);
            }
            else
            {
                empty++;
            }
        }

        foreach (var queue in Queues)
        {
            if (await queues.CountAsync(LocalQueues.Poison(queue), cancellation) > 0)
            {
                throw new InvalidOperationException($"A message of queue {queue} failed again and again; the log says why.");
            }
        }
    }

    private async ValueTask<bool> IsBusyAsync(CancellationToken cancellation)
    {
        foreach (var queue in Queues)
        {
            if (await queues.CountAsync(queue, cancellation) > 0)
            {
                return true;
            }
        }

        return false;
    }
}
