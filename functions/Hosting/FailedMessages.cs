using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using Campaigns.Functions.LocalTriggers;
using MemoryPack;

namespace Campaigns.Functions.Hosting;

/// <summary>How a message failed the last time: table work, partition <c>failures</c>, key {queue}|{hash of the body}.</summary>
[MemoryPackable]
public sealed partial record FailureRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The error, as a sentence.</summary>
    public required string Error { get; init; }

    /// <summary>System time of the failure.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Failures so far.</summary>
    public required int Times { get; init; }
}

/// <summary>A message that failed too often and waits to be looked at.</summary>
/// <param name="Queue">Queue that it came from.</param>
/// <param name="Id">Id among the failed messages of that queue.</param>
/// <param name="FailedAt">When it was put aside.</param>
/// <param name="Job">The job that it names; null where it names none.</param>
/// <param name="Error">How it failed the last time.</param>
public sealed record FailedMessage(string Queue, string Id, DateTimeOffset FailedAt, string? Job, string Error);

/// <summary>
/// Messages that failed too often (<c>{queue}-poison</c>) with their last errors. Errors are noted where functions are called,
/// so that they are known under the Functions host, too, which moves failed messages itself and says no more.
/// </summary>
public sealed class FailedMessages(IRowStore rows, IQueueStore queues, WorkQueues work, LocalTriggerSettings triggers, TimeProvider time)
{
    private const string Partition = "failures";

    /// <summary>Characters of an error that are kept: its sentence, no stack.</summary>
    private const int ErrorLength = 500;

    /// <summary>Notes are kept for a month: Azure keeps failed messages for a week, the embedded store until they are dealt with.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    /// <summary>How long the failed messages of a queue are hidden from others while one of them is looked for.</summary>
    private static readonly TimeSpan Hidden = TimeSpan.FromSeconds(30);

    /// <summary>Failed messages of one queue that are looked through: more come of one fault, and are requeued together.</summary>
    private const int MaxLookedAt = 1_000;

    /// <summary>Said where nothing was noted.</summary>
    private const string NoError = "Nothing was noted: the app ended each time while the message was worked on, or the storage could not be reached. The log says more.";

    /// <summary>Notes how a message failed.</summary>
    public async ValueTask NoteAsync(string queue, string body, Exception error, CancellationToken cancellation) =>
        await rows.UpdateAsync<FailureRow>(
            Tables.Work,
            Partition,
            Key(queue, body),
            found => new FailureRow { Error = Sentence(error), At = time.GetUtcNow(), Times = (found?.Times ?? 0) + 1 },
            cancellation);

    /// <summary>The failed messages, by queue, at most <see cref="QueueLimits.PerReceive"/> of each.</summary>
    public async ValueTask<IReadOnlyList<FailedMessage>> ListAsync(CancellationToken cancellation)
    {
        var notes = await NotesAsync(cancellation);
        var failed = new List<FailedMessage>();
        foreach (var queue in Queues())
        {
            foreach (var message in await queues.PeekAsync(LocalQueues.Poison(queue), QueueLimits.PerReceive, cancellation))
            {
                failed.Add(new FailedMessage(queue, message.Id, message.InsertedAt, JobIn(message.Body), notes.GetValueOrDefault(Key(queue, message.Body))?.Error ?? NoError));
            }
        }

        return failed;
    }

    /// <summary>Puts a failed message back into its queue. False where it is not there, or somebody else has it at the moment.</summary>
    public ValueTask<bool> RequeueAsync(string queue, string id, CancellationToken cancellation) => TakeAsync(queue, id, again: true, cancellation);

    /// <summary>Deletes a failed message. False where it is not there, or somebody else has it at the moment.</summary>
    public ValueTask<bool> DeleteAsync(string queue, string id, CancellationToken cancellation) => TakeAsync(queue, id, again: false, cancellation);

    /// <summary>Puts all failed messages back into their queues; gives how many.</summary>
    public async ValueTask<int> RequeueAllAsync(CancellationToken cancellation)
    {
        var requeued = 0;
        foreach (var queue in Queues())
        {
            // No more than there are now: what fails again meanwhile is left.
            for (var left = await queues.CountAsync(LocalQueues.Poison(queue), cancellation); left > 0;)
            {
                var messages = await queues.ReceiveAsync(LocalQueues.Poison(queue), Math.Min(left, QueueLimits.PerReceive), Hidden, cancellation);
                foreach (var message in messages)
                {
                    await RequeueAsync(queue, message, cancellation);
                }

                requeued += messages.Count;
                left = messages.Count == 0 ? 0 : left - messages.Count;
            }
        }

        return requeued;
    }

    private async ValueTask<bool> TakeAsync(string queue, string id, bool again, CancellationToken cancellation)
    {
        if (!Queues().Contains(queue, StringComparer.Ordinal))
        {
            return false;
        }

        var others = new List<QueueMessage>();
        var found = false;
        while (!found && others.Count < MaxLookedAt && await queues.ReceiveAsync(LocalQueues.Poison(queue), QueueLimits.PerReceive, Hidden, cancellation) is { Count: > 0 } batch)
        {
            foreach (var message in batch)
            {
                if (!string.Equals(message.Id, id, StringComparison.Ordinal))
                {
                    others.Add(message);
                    continue;
                }

                found = true;
                await (again ? RequeueAsync(queue, message, cancellation) : ForgetAsync(queue, message, cancellation));
            }
        }

        foreach (var other in others)
        {
            await queues.RenewAsync(LocalQueues.Poison(queue), other.Id, other.Receipt, TimeSpan.Zero, cancellation);
        }

        return found;
    }

    /// <summary>Sent first, then deleted: a crash in between leaves both, and messages may come twice.</summary>
    private async ValueTask RequeueAsync(string queue, QueueMessage message, CancellationToken cancellation)
    {
        await work.SendAsync([new Outgoing(queue, message.Body)], cancellation);
        await queues.DeleteAsync(LocalQueues.Poison(queue), message.Id, message.Receipt, cancellation);
    }

    private async ValueTask ForgetAsync(string queue, QueueMessage message, CancellationToken cancellation)
    {
        await queues.DeleteAsync(LocalQueues.Poison(queue), message.Id, message.Receipt, cancellation);
        if (await rows.GetAsync(Tables.Work, Partition, Key(queue, message.Body), cancellation) is { } note)
        {
            await rows.CommitAsync(Tables.Work, Partition, [new RowOperation.Delete(note.Key, note.ETag)], cancellation);
        }
    }

    private async ValueTask<Dictionary<string, FailureRow>> NotesAsync(CancellationToken cancellation)
    {
        var notes = new Dictionary<string, FailureRow>(StringComparer.Ordinal);
        var old = new List<RowOperation>();
        await foreach (var row in rows.ScanAsync(Tables.Work, Partition, " ", "~", cancellation))
        {
            var note = RowCodec.Decode<FailureRow>(row.Payload);
            if (time.GetUtcNow() - note.At > KeptFor)
            {
                old.Add(new RowOperation.Delete(row.Key, row.ETag));
            }

            notes[row.Key] = note;
        }

        foreach (var chunk in old.Chunk(RowLimits.OperationsPerCommit))
        {
            await rows.CommitAsync(Tables.Work, Partition, chunk, cancellation); // In conflict: noted anew meanwhile, and deleted another time.
        }

        return notes;
    }

    private IEnumerable<string> Queues() => triggers.Functions.Where(f => f.Queue is not null).Select(f => f.Queue!);

    private static string Key(string queue, string body) => $"{queue}|{StableHash.Id(body)}";

    private static string Sentence(Exception error)
    {
        var sentence = $"{error.GetType().Name}: {error.Message}";
        return sentence.Length > ErrorLength ? sentence[..ErrorLength] + "…" : sentence;
    }

    /// <summary>The job that a message names; null where the body is none of ours, which may be why it failed.</summary>
    private static string? JobIn(string body)
    {
        try
        {
            return Envelope.Parse(body).Work?.Job;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
