using Campaigns.Core.Storage;

namespace Campaigns.Core.Privacy;

/// <summary>Takes messages that failed and name a customer out of their queues.</summary>
/// <param name="queues">Queues.</param>
/// <param name="names">Names of the queues of failed messages.</param>
public sealed class PoisonSearch(IQueueStore queues, Func<IEnumerable<string>> names)
{
    /// <summary>Messages are hidden from others for so long while they are looked at: long enough for thousands.</summary>
    private static readonly TimeSpan Hidden = TimeSpan.FromMinutes(2);

    /// <summary>Deletes the messages that name the customer; the others are as before.</summary>
    internal async ValueTask RemoveAsync(Identity identity, CancellationToken cancellation)
    {
        foreach (var queue in names())
        {
            var kept = new List<QueueMessage>();
            while (await queues.ReceiveAsync(queue, QueueLimits.PerReceive, Hidden, cancellation) is { Count: > 0 } messages)
            {
                foreach (var message in messages)
                {
                    if (identity.IsIn(message.Body))
                    {
                        await queues.DeleteAsync(queue, message.Id, message.Receipt, cancellation);
                    }
                    else
                    {
                        kept.Add(message);
                    }
                }
            }

            foreach (var message in kept)
            {
                await queues.RenewAsync(queue, message.Id, message.Receipt, TimeSpan.Zero, cancellation);
            }
        }
    }
}
