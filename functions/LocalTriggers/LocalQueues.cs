using System.Collections.Concurrent;
using Campaigns.Core.Storage;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.LocalTriggers;

/// <summary>
/// Plays the Functions host's part for queue triggers: one loop per queue receives in batches while few messages are in
/// flight; <see cref="LocalDelivery"/> runs each. Nothing but the end of the app ends a loop: errors of the store are logged
/// and the queue is read again.
/// </summary>
public sealed class LocalQueues(
    IQueueStore store, WorkQueues work, FunctionTable functions, LocalTriggerSettings settings, TimeProvider time, ILogger<LocalQueues> log) : BackgroundService
{
    private readonly ConcurrentDictionary<string, Bell> bells = new(StringComparer.Ordinal);

    /// <summary>The queue that takes what failed too often.</summary>
    public static string Poison(string queue) => queue + "-poison";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var files = settings.Functions.Where(f => f.Trigger == "queueTrigger").ToList();
        foreach (var file in files)
        {
            bells[file.Queue!] = new Bell(time);
        }

        work.OnSent(queue => bells.GetValueOrDefault(queue)?.Ring());
        await Task.WhenAll(files.Select(f => PumpAsync(f, stoppingToken)));
    }

    private async Task PumpAsync(FunctionFile file, CancellationToken stopping)
    {
        var bell = bells[file.Queue!];
        var delivery = new LocalDelivery(store, functions, file, settings, time, log);
        var inFlight = new List<Task>();
        var idle = settings.ShortestPoll;
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                inFlight.RemoveAll(t => t.IsCompleted);
                if (inFlight.Count > settings.Queues.NewBatchThreshold)
                {
                    await Task.WhenAny(inFlight);
                    continue;
                }

                bell.Reset();
                var messages = await ReceiveAsync(file, stopping);
                inFlight.AddRange(messages.Select(m => Task.Run(() => delivery.RunAsync(m, stopping), CancellationToken.None)));
                if (messages.Count > 0)
                {
                    idle = settings.ShortestPoll;
                    continue;
                }

                await bell.WaitAsync(idle, stopping);
                idle = idle * 2 < settings.LongestPoll ? idle * 2 : settings.LongestPoll;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The app stops.
        }

        // The store closes after this: what is in flight must have let go of it. It comes back after its visibility time-out.
        await Task.WhenAll(inFlight);
    }

    private async Task<IReadOnlyList<QueueMessage>> ReceiveAsync(FunctionFile file, CancellationToken stopping)
    {
        try
        {
            return await store.ReceiveAsync(file.Queue!, settings.Queues.BatchSize, settings.Visibility, stopping);
        }
        catch (Exception error) when (!stopping.IsCancellationRequested)
        {
            // Time-outs of a store's client are cancellations, too: only the app's own end counts as one.
            log.LogError(error, "Queue {Queue} cannot be read; trying again.", file.Queue);
            return [];
        }
    }
}
