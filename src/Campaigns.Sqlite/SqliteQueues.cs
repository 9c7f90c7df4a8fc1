using System.Globalization;
using Campaigns.Core.Storage;

namespace Campaigns.Sqlite;

/// <summary>The queue port. Times are system time; a receipt is a number from <c>numbers</c>, so an old one never fits again.</summary>
internal sealed class SqliteQueues(Writer writer, Readers readers, TimeProvider time, ulong? shuffleSeed) : IQueueStore
{
    /// <summary>Messages among which a shuffled receive draws: those that are visible longest.</summary>
    private const int ShuffleAmong = 200;

    private ulong shuffleState = shuffleSeed ?? 0;

    public async ValueTask SendAsync(string queue, string body, TimeSpan delay, CancellationToken cancellation)
    {
        QueueLimits.Check(queue, body);
        QueueLimits.CheckDelay(delay);
        var now = Now();
        await writer.WriteAsync(1, transaction => transaction["INSERT INTO messages (queue, visible, inserted, dequeues, receipt, body) VALUES (?1, ?2, ?3, 0, 0, ?4)"]
            .Bind(1, queue).Bind(2, now + Milliseconds(delay)).Bind(3, now).Bind(4, body).Run(), cancellation);
    }

    public async ValueTask<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancellation)
    {
        QueueLimits.CheckName(queue);
        QueueLimits.CheckMax(max);
        QueueLimits.CheckDelay(visibility);
        var now = Now();
        // Whoever polls an empty queue should not take the write lock each time.
        if (!await AnyVisibleAsync(queue, now, cancellation))
        {
            return [];
        }

        return await writer.WriteAsync(max, transaction =>
        {
            var visible = Select(transaction["SELECT id, dequeues, inserted, body FROM messages WHERE queue = ?1 AND visible <= ?2 ORDER BY visible, id LIMIT ?3"]
                .Bind(1, queue).Bind(2, now).Bind(3, shuffleSeed is null ? max : ShuffleAmong));
            Shuffle(visible);
            var received = visible.Take(max).ToList();
            var receipt = transaction.TakeNumbers(max);
            for (var i = 0; i < received.Count; i++)
            {
                var message = received[i];
                received[i] = message with { DequeueCount = message.DequeueCount + 1, Receipt = Text(receipt + i) };
                transaction["UPDATE messages SET visible = ?2, dequeues = dequeues + 1, receipt = ?3 WHERE id = ?1"]
                    .Bind(1, Number(message.Id)).Bind(2, now + Milliseconds(visibility)).Bind(3, receipt + i).Run();
            }

            return received;
        }, cancellation);
    }

    public ValueTask<string?> RenewAsync(string queue, string id, string receipt, TimeSpan visibility, CancellationToken cancellation)
    {
        QueueLimits.CheckName(queue);
        QueueLimits.CheckDelay(visibility);
        var until = Now() + Milliseconds(visibility);
        return writer.WriteAsync(1, transaction =>
        {
            var next = transaction.TakeNumbers(1);
            return transaction["UPDATE messages SET visible = ?4, receipt = ?5 WHERE id = ?1 AND queue = ?2 AND receipt = ?3 AND receipt > 0"]
                .Bind(1, Number(id)).Bind(2, queue).Bind(3, Number(receipt)).Bind(4, until).Bind(5, next).Run() == 1
                ? Text(next)
                : null;
        }, cancellation);
    }

    public ValueTask<bool> DeleteAsync(string queue, string id, string receipt, CancellationToken cancellation)
    {
        QueueLimits.CheckName(queue);
        return writer.WriteAsync(1, transaction => transaction["DELETE FROM messages WHERE id = ?1 AND queue = ?2 AND receipt = ?3 AND receipt > 0"]
            .Bind(1, Number(id)).Bind(2, queue).Bind(3, Number(receipt)).Run() == 1, cancellation);
    }

    public ValueTask<int> CountAsync(string queue, CancellationToken cancellation)
    {
        QueueLimits.CheckName(queue);
        return readers.ReadAsync(queue, static (connection, name) =>
        {
            using var found = connection["SELECT count(*) FROM messages WHERE queue = ?1"].Bind(1, name).Use();
            return found.Step() ? found.Int(0) : 0;
        }, cancellation);
    }

    public ValueTask<IReadOnlyList<QueueMessage>> PeekAsync(string queue, int max, CancellationToken cancellation)
    {
        QueueLimits.CheckName(queue);
        QueueLimits.CheckMax(max);
        return readers.ReadAsync((queue, max, now: Now()), static (connection, a) => (IReadOnlyList<QueueMessage>)Select(
            connection["SELECT id, dequeues, inserted, body FROM messages WHERE queue = ?1 AND visible <= ?2 ORDER BY visible, id LIMIT ?3"]
                .Bind(1, a.queue).Bind(2, a.now).Bind(3, a.max)), cancellation);
    }

    private ValueTask<bool> AnyVisibleAsync(string queue, long now, CancellationToken cancellation) =>
        readers.ReadAsync((queue, now), static (connection, a) =>
        {
            using var found = connection["SELECT 1 FROM messages WHERE queue = ?1 AND visible <= ?2 LIMIT 1"].Bind(1, a.queue).Bind(2, a.now).Use();
            return found.Step();
        }, cancellation);

    private static List<QueueMessage> Select(Statement statement)
    {
        var messages = new List<QueueMessage>();
        using var found = statement.Use();
        while (found.Step())
        {
            messages.Add(new QueueMessage(Text(found.Long(0)), "", found.Text(3), found.Int(1), DateTimeOffset.FromUnixTimeMilliseconds(found.Long(2))));
        }

        return messages;
    }

    /// <summary>Fisher and Yates; only the writer's thread comes here. The steps are those of SplitMix64.</summary>
    private void Shuffle(List<QueueMessage> messages)
    {
        for (var last = messages.Count - 1; shuffleSeed is not null && last > 0; last--)
        {
            shuffleState += 0x9E3779B97F4A7C15;
            var z = (shuffleState ^ (shuffleState >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            var other = (int)((z ^ (z >> 31)) % (ulong)(last + 1));
            (messages[last], messages[other]) = (messages[other], messages[last]);
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static long Milliseconds(TimeSpan span) => (long)Math.Ceiling(span.TotalMilliseconds);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>An id or receipt; one that is none of ours fits no message.</summary>
    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
