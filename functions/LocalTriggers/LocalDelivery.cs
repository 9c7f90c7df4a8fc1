using Campaigns.Core.Storage;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.LocalTriggers;

/// <summary>
/// Runs one message of a queue as the Functions host does: renews its visibility while the function works, deletes it on
/// success, shows it again on failure, and moves one that failed too often to <c>{queue}-poison</c> (copy, then delete: as on
/// the host, a crash between the two leaves both). A message whose function takes the whole process down each time is
/// poisoned without another try. Never throws.
/// </summary>
internal sealed class LocalDelivery(
    IQueueStore store, FunctionTable functions, FunctionFile file, LocalTriggerSettings settings, TimeProvider time, ILogger log)
{
    private readonly string queue = file.Queue!;

    /// <summary>Runs the message to its end.</summary>
    public async Task RunAsync(QueueMessage message, CancellationToken stopping)
    {
        if (message.DequeueCount > settings.Queues.MaxDequeueCount)
        {
            await FailAsync(message, message.Receipt, new InvalidOperationException("Earlier tries never ended: the process ended while they ran."));
            return;
        }

        using var renewing = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var renewal = RenewAsync(message, renewing.Token);
        Exception? error = null;
        try
        {
            await functions.DeliverAsync(file.Name, message.Body, stopping);
        }
        catch (Exception thrown)
        {
            error = thrown;
        }

        await renewing.CancelAsync();
        var receipt = await renewal;
        if (error is null)
        {
            await DeleteAsync(message, receipt);
        }
        else if (!stopping.IsCancellationRequested)
        {
            await FailAsync(message, receipt, error);
        }
    }

    /// <summary>Renews at half the time-out until told to stop; gives the receipt that holds.</summary>
    private async Task<string> RenewAsync(QueueMessage message, CancellationToken stop)
    {
        var receipt = message.Receipt;
        while (true)
        {
            try
            {
                await Task.Delay(settings.Visibility / 2, time, stop);
            }
            catch (OperationCanceledException)
            {
                return receipt; // The function is done.
            }

            try
            {
                // Not cancelled halfway: a renewal that happened and whose receipt got lost could not be deleted.
                receipt = await store.RenewAsync(queue, message.Id, receipt, settings.Visibility, CancellationToken.None) ?? receipt;
            }
            catch (Exception error)
            {
                log.LogWarning(error, "A message of queue {Queue} could not be renewed; it may run twice, which does no harm.", queue);
            }
        }
    }

    private async Task DeleteAsync(QueueMessage message, string receipt)
    {
        try
        {
            await store.DeleteAsync(queue, message.Id, receipt, CancellationToken.None);
        }
        catch (Exception error)
        {
            log.LogWarning(error, "A message of queue {Queue} is done and could not be deleted; it runs again, which does no harm.", queue);
        }
    }

    private async Task FailAsync(QueueMessage message, string receipt, Exception error)
    {
        try
        {
            if (message.DequeueCount < settings.Queues.MaxDequeueCount)
            {
                log.LogWarning(error, "{Function} failed (try {Try} of {Tries}).", file.Name, message.DequeueCount, settings.Queues.MaxDequeueCount);
                await store.RenewAsync(queue, message.Id, receipt, settings.Queues.VisibilityTimeout, CancellationToken.None);
                return;
            }

            log.LogError(error, "{Function} failed {Tries} times; the message is in queue {Poison}.", file.Name, message.DequeueCount, LocalQueues.Poison(queue));
            await store.SendAsync(LocalQueues.Poison(queue), message.Body, TimeSpan.Zero, CancellationToken.None);
            await store.DeleteAsync(queue, message.Id, receipt, CancellationToken.None);
        }
        catch (Exception second)
        {
            log.LogError(second, "A failed message of queue {Queue} could not be returned; it comes back by itself.", queue);
        }
    }
}
