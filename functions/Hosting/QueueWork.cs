using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;

namespace Campaigns.Functions.Hosting;

/// <summary>What every queue function does: run the part that the message names, and send what follows.</summary>
public sealed class QueueWork(JobRunner runner, WorkQueues queues)
{
    /// <summary>Handles a wake-up.</summary>
    public async Task WakeAsync(string message, CancellationToken cancellation)
    {
        var envelope = Envelope.Parse(message);
        var work = envelope.Work ?? throw new InvalidDataException("This queue takes wake-ups of jobs only: {\"campaigns\":1,\"work\":…}.");
        await queues.SendAsync(await runner.HandleAsync(work, cancellation), cancellation);
    }
}

/// <summary>Sends messages and tells triggers of the same process at once, so that they need not wait for their next poll.</summary>
public sealed class WorkQueues(IQueueStore queues)
{
    /// <summary>Raised with the queue's name after a message was sent.</summary>
    public event Action<string>? Sent;

    /// <summary>Sends the messages.</summary>
    public async ValueTask SendAsync(IReadOnlyList<Outgoing> messages, CancellationToken cancellation)
    {
        foreach (var message in messages)
        {
            await queues.SendAsync(message.Queue, message.Body, TimeSpan.Zero, cancellation);
            Sent?.Invoke(message.Queue);
        }
    }
}
