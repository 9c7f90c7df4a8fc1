using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;

namespace Campaigns.Functions.Hosting;

/// <summary>What every queue function does: run the part that the message names, and send what follows.</summary>
public sealed class QueueWork(JobRunner runner, FollowUps followUps, WorkQueues queues)
{
    /// <summary>Handles a wake-up.</summary>
    public async Task WakeAsync(string message, CancellationToken cancellation)
    {
        var envelope = Envelope.Parse(message);
        var work = envelope.Work ?? throw new InvalidDataException("This queue takes wake-ups of jobs only: {\"campaigns\":1,\"work\":…}.");
        var messages = await runner.HandleAsync(work, cancellation);
        await queues.SendAsync(messages, cancellation);
        if (messages.Count == 0 && await runner.FindAsync(work.Job, cancellation) is { Status: JobStatus.Done } ended)
        {
            await queues.SendAsync(await followUps.AfterAsync(ended, cancellation), cancellation);
        }
    }
}

/// <summary>Sends messages and tells triggers of the same process at once, so that they need not wait for their next poll.</summary>
public sealed class WorkQueues(IQueueStore queues)
{
    private Action<string>? sent;

    /// <summary>Calls back with the queue's name after each message that this process sends.</summary>
    public void OnSent(Action<string> listener) => sent += listener;

    /// <summary>Sends the messages.</summary>
    public async ValueTask SendAsync(IReadOnlyList<Outgoing> messages, CancellationToken cancellation)
    {
        foreach (var message in messages)
        {
            await queues.SendAsync(message.Queue, message.Body, TimeSpan.Zero, cancellation);
            sent?.Invoke(message.Queue);
        }
    }
}
