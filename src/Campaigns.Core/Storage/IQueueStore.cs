namespace Campaigns.Core.Storage;

/// <summary>
/// The queue port: at-least-once delivery with visibility time-outs, as Azure Queues give. Order is not promised
/// (the embedded adapter shuffles in tests). Queues come into being on first use.
/// </summary>
public interface IQueueStore
{
    /// <summary>Puts a message in the queue, visible after <paramref name="delay"/>. At most <see cref="QueueLimits.BodyBytes"/> UTF-8 bytes.</summary>
    ValueTask SendAsync(string queue, string body, TimeSpan delay, CancellationToken cancellation);

    /// <summary>Up to <paramref name="max"/> (1 … 32) visible messages, hidden from others for <paramref name="visibility"/>; their dequeue counts are raised.</summary>
    ValueTask<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancellation);

    /// <summary>Hides the message for another while (0 = visible at once). The new receipt, or null where the message is gone or somebody else's.</summary>
    ValueTask<string?> RenewAsync(string queue, string id, string receipt, TimeSpan visibility, CancellationToken cancellation);

    /// <summary>Deletes the message. False where it is gone or somebody else's.</summary>
    ValueTask<bool> DeleteAsync(string queue, string id, string receipt, CancellationToken cancellation);

    /// <summary>Messages in the queue, hidden ones included; approximate on Azure.</summary>
    ValueTask<int> CountAsync(string queue, CancellationToken cancellation);

    /// <summary>Up to <paramref name="max"/> (1 … 32) visible messages without hiding them: for the console.</summary>
    ValueTask<IReadOnlyList<QueueMessage>> PeekAsync(string queue, int max, CancellationToken cancellation);
}

/// <summary>A message as received. <see cref="Receipt"/> proves that it is still ours; empty when peeked.</summary>
public sealed record QueueMessage(string Id, string Receipt, string Body, int DequeueCount, DateTimeOffset InsertedAt);

/// <summary>Limits of a queue.</summary>
public static class QueueLimits
{
    /// <summary>Azure: 64 KiB per message, base64-encoded, so 48 KiB of text.</summary>
    public const int BodyBytes = 48 * 1024;

    /// <summary>Azure: messages per receive.</summary>
    public const int PerReceive = 32;

    /// <summary>Azure: the longest delay and the longest visibility time-out.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(7);

    /// <summary>Azure: the shortest and the longest name of a queue.</summary>
    public const int MinNameLength = 3, MaxNameLength = 63;

    /// <summary>Throws <see cref="ArgumentException"/> where Azure would refuse the name of the queue.</summary>
    public static void CheckName(string queue)
    {
        var valid = queue.Length is >= MinNameLength and <= MaxNameLength
            && queue[0] != '-' && queue[^1] != '-' && !queue.Contains("--", StringComparison.Ordinal)
            && queue.All(c => c is '-' or (>= '0' and <= '9') or (>= 'a' and <= 'z'));
        if (!valid)
        {
            throw new ArgumentException(
                $"The queue name '{queue}' is not allowed: {MinNameLength} to {MaxNameLength} lower-case letters, digits and single dashes between them.", nameof(queue));
        }
    }

    /// <summary>Throws <see cref="ArgumentException"/> where the name or the body breaks a limit. Every adapter calls it before it sends.</summary>
    public static void Check(string queue, string body)
    {
        CheckName(queue);
        var bytes = System.Text.Encoding.UTF8.GetByteCount(body);
        if (bytes > BodyBytes)
        {
            throw new ArgumentException($"A queue message holds at most {BodyBytes:N0} bytes; this one has {bytes:N0}. Put the content into a blob and send its name.", nameof(body));
        }
    }

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> where a delay or visibility time-out is negative or above <see cref="MaxDelay"/>.</summary>
    public static void CheckDelay(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, MaxDelay);
    }

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> where a number of messages to receive or peek is not 1 … <see cref="PerReceive"/>.</summary>
    public static void CheckMax(int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(max, PerReceive);
    }
}
