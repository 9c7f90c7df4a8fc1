using System.Collections.Concurrent;
using Campaigns.Core.Storage;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.LocalTriggers;

/// <summary>
/// Plays the Functions host's part for queue triggers: receives in batches while few messages are in flight, renews their
/// visibility while a function works, deletes on success, and moves a message that failed too often to <c>{queue}-poison</c>
/// (copy, then delete: as on the host, a crash between the two leaves both).
/// </summary>
public sealed class LocalQueues(
    IQueueStore store, WorkQueues work, FunctionTable functions, LocalTriggerSettings settings, TimeProvider time, ILogger<LocalQueues> log) : BackgroundService
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> signals = new(StringComparer.Ordinal);

    /// <summary>The queue that takes what failed too often.</summary>
    public static string Poison(string queue) => queue + "-poison";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var files = settings.Functions.Where(f => f.Trigger == "queueTrigger").ToList();
        foreach (var file in files)
        {
            signals[file.Queue!] = new SemaphoreSlim(0);
        }

        work.OnSent(Signal);
        try
        {
            await Task.WhenAll(files.Select(f => PumpAsync(f, stoppingToken)));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The app stops; what is in flight comes back after its visibility time-out.
        }
    }

    private void Signal(string queue)
    {
        if (signals.TryGetValue(queue, out var signal) && signal.CurrentCount == 0)
        {
            signal.Release();
        }
    }

    private async Task PumpAsync(FunctionFile file, CancellationToken stopping)
    {
        var signal = signals[file.Queue!];
        var inFlight = new List<Task>();
        var idle = settings.ShortestPoll;
        while (!stopping.IsCancellationRequested)
        {
            inFlight.RemoveAll(t => t.IsCompleted);
            if (inFlight.Count > settings.Queues.NewBatchThreshold)
            {
                await Task.WhenAny(inFlight);
                continue;
            }

            var messages = await ReceiveAsync(file, stopping);
            inFlight.AddRange(messages.Select(m => Task.Run(() => RunAsync(file, m, stopping), CancellationToken.None)));
            if (messages.Count > 0)
            {
                idle = settings.ShortestPoll;
                continue;
            }

            await signal.WaitAsync(idle, stopping);
            idle = idle * 2 < settings.LongestPoll ? idle * 2 : settings.LongestPoll;
        }
    }

    private async Task<IReadOnlyList<QueueMessage>> ReceiveAsync(FunctionFile file, CancellationToken stopping)
    {
        try
        {
            return await store.ReceiveAsync(file.Queue!, settings.Queues.BatchSize, settings.Visibility, stopping);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            log.LogError(error, "Queue {Queue} cannot be read; trying again.", file.Queue);
            return [];
        }
    }

    private async Task RunAsync(FunctionFile file, QueueMessage message, CancellationToken stopping)
    {
        using var renewing = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var receipt = message.Receipt;
        var renewal = RenewAsync();
        try
        {
            await functions.DeliverAsync(file.Name, message.Body, stopping);
            await EndRenewalAsync();
            await store.DeleteAsync(file.Queue!, message.Id, receipt, CancellationToken.None);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await EndRenewalAsync();
        }
        catch (Exception error)
        {
            await EndRenewalAsync();
            await FailAsync(file, message, receipt, error);
        }

        async Task EndRenewalAsync()
        {
            await renewing.CancelAsync();
            await renewal;
        }

        async Task RenewAsync()
        {
            try
            {
                while (true)
                {
                    await Task.Delay(settings.Visibility / 2, time, renewing.Token);
                    receipt = await store.RenewAsync(file.Queue!, message.Id, receipt, settings.Visibility, renewing.Token) ?? receipt;
                }
            }
            catch (OperationCanceledException)
            {
                // The function is done.
            }
            catch (IOException error)
            {
                log.LogWarning(error, "A message of queue {Queue} could not be renewed; it may run twice, which does no harm.", file.Queue);
            }
        }
    }

    private async Task FailAsync(FunctionFile file, QueueMessage message, string receipt, Exception error)
    {
        try
        {
            if (message.DequeueCount < settings.Queues.MaxDequeueCount)
            {
                log.LogWarning(error, "{Function} failed (try {Try} of {Tries}).", file.Name, message.DequeueCount, settings.Queues.MaxDequeueCount);
                await store.RenewAsync(file.Queue!, message.Id, receipt, settings.Queues.VisibilityTimeout, CancellationToken.None);
                return;
            }

            log.LogError(error, "{Function} failed {Tries} times; the message is in queue {Poison}.", file.Name, message.DequeueCount, Poison(file.Queue!));
            await store.SendAsync(Poison(file.Queue!), message.Body, TimeSpan.Zero, CancellationToken.None);
            await store.DeleteAsync(file.Queue!, message.Id, receipt, CancellationToken.None);
        }
        catch (Exception second)
        {
            log.LogError(second, "A failed message of queue {Queue} could not be returned; it comes back by itself.", file.Queue);
        }
    }
}
