using System.Text;
using Azure;
using Azure.Storage.Queues;
using Campaigns.Core.Storage;

namespace Campaigns.Azure.Queues;

/// <summary>
/// The queue port on Azure Queues. Bodies are sent in base64, as the Functions host does by default; received ones may be
/// plain text as well, since others may put messages into our queues.
/// </summary>
internal sealed class AzureQueues(QueueServiceClient service) : IQueueStore
{
    /// <summary>Messages never expire: without it they vanish after 7 days, and with them the work of an app that was stopped that long.</summary>
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(-1);

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Once<QueueClient> queues = new(async name =>
    {
        QueueLimits.CheckName(name);
        var client = service.GetQueueClient(name);
        await client.CreateIfNotExistsAsync(cancellationToken: CancellationToken.None);
        return client;
    });

    public async ValueTask SendAsync(string queue, string body, TimeSpan delay, CancellationToken cancellation)
    {
        QueueLimits.Check(queue, body);
        QueueLimits.CheckDelay(delay);
        var client = await queues.GetAsync(queue, cancellation);
        await client.SendMessageAsync(Convert.ToBase64String(Encoding.UTF8.GetBytes(body)), WholeSeconds(delay), TimeToLive, cancellation);
    }

    public async ValueTask<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancellation)
    {
        QueueLimits.CheckMax(max);
        QueueLimits.CheckDelay(visibility);
        var client = await queues.GetAsync(queue, cancellation);
        var messages = await client.ReceiveMessagesAsync(max, WholeSeconds(visibility), cancellation);
        return [.. messages.Value.Select(m => new QueueMessage(m.MessageId, m.PopReceipt, Decode(m.MessageText), (int)m.DequeueCount, m.InsertedOn ?? default))];
    }

    public async ValueTask<string?> RenewAsync(string queue, string id, string receipt, TimeSpan visibility, CancellationToken cancellation)
    {
        QueueLimits.CheckDelay(visibility);
        var client = await queues.GetAsync(queue, cancellation);
        try
        {
            return (await client.UpdateMessageAsync(id, receipt, visibilityTimeout: WholeSeconds(visibility), cancellationToken: cancellation)).Value.PopReceipt;
        }
        catch (RequestFailedException failure) when (IsNotOurs(failure))
        {
            return null;
        }
    }

    public async ValueTask<bool> DeleteAsync(string queue, string id, string receipt, CancellationToken cancellation)
    {
        var client = await queues.GetAsync(queue, cancellation);
        try
        {
            await client.DeleteMessageAsync(id, receipt, cancellation);
            return true;
        }
        catch (RequestFailedException failure) when (IsNotOurs(failure))
        {
            return false;
        }
    }

    public async ValueTask<int> CountAsync(string queue, CancellationToken cancellation)
    {
        var client = await queues.GetAsync(queue, cancellation);
        return (await client.GetPropertiesAsync(cancellation)).Value.ApproximateMessagesCount;
    }

    public async ValueTask<IReadOnlyList<QueueMessage>> PeekAsync(string queue, int max, CancellationToken cancellation)
    {
        QueueLimits.CheckMax(max);
        var client = await queues.GetAsync(queue, cancellation);
        var messages = await client.PeekMessagesAsync(max, cancellation);
        return [.. messages.Value.Select(m => new QueueMessage(m.MessageId, "", Decode(m.MessageText), (int)m.DequeueCount, m.InsertedOn ?? default))];
    }

    /// <summary>The service counts whole seconds; rounded up, so that nobody else gets a message early.</summary>
    private static TimeSpan WholeSeconds(TimeSpan span) => TimeSpan.FromSeconds(Math.Ceiling(span.TotalSeconds));

    /// <summary>Gone, or with a newer receipt.</summary>
    private static bool IsNotOurs(RequestFailedException failure) =>
        failure.Status == 404 || string.Equals(failure.ErrorCode, "PopReceiptMismatch", StringComparison.Ordinal);

    private static string Decode(string text)
    {
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
        {
            return text;
        }

        try
        {
            return StrictUtf8.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            return text;
        }
    }
}
