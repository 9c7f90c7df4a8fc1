using Campaigns.Core.Dispatch;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Channels.Outbox;

/// <summary>
/// Keeps messages instead of sending them, where the console shows them. A row is inserted only where none is, so a message
/// can be there once, and the channel can always tell whether it has it.
/// </summary>
public sealed class OutboxChannel(IRowStore rows, Channel channel) : IMessageChannel
{
    /// <inheritdoc/>
    public string Name => "outbox";

    /// <inheritdoc/>
    public Channel Channel => channel;

    /// <inheritdoc/>
    public int BatchSize => RowLimits.OperationsPerCommit;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SendResult>> SendAsync(IReadOnlyList<OutgoingMessage> batch, CancellationToken cancellation)
    {
        foreach (var run in batch.GroupBy(m => m.Id.Run, StringComparer.Ordinal))
        {
            var open = new List<RowOperation>();
            var bytes = 0;
            foreach (var message in run)
            {
                var insert = new RowOperation.Insert(message.Id.Customer.Text, RowCodec.Encode(RowOf(message)));
                if (open.Count == RowLimits.OperationsPerCommit || bytes + insert.Size > RowLimits.BytesPerCommit)
                {
                    await InsertAsync(run.Key, open, cancellation);
                    open.Clear();
                    bytes = 0;
                }

                open.Add(insert);
                bytes += insert.Size;
            }

            await InsertAsync(run.Key, open, cancellation);
        }

        return [.. batch.Select(m => new SendResult.Accepted(null))];
    }

    /// <inheritdoc/>
    public async ValueTask<FindResult> FindAsync(SendId id, CancellationToken cancellation) =>
        await rows.GetAsync(Tables.Outbox, id.Run, id.Customer.Text, cancellation) is null ? FindResult.NeverReceived : FindResult.Accepted;

    private async ValueTask InsertAsync(string run, List<RowOperation> open, CancellationToken cancellation)
    {
        // A conflict says that the message is there already: it was taken before, and is taken once.
        while (open.Count > 0 && await rows.CommitAsync(Tables.Outbox, run, open, cancellation) is CommitResult.Conflict conflict)
        {
            open.RemoveAt(conflict.Index);
        }
    }

    private OutboxRow RowOf(OutgoingMessage message) => new()
    {
        Channel = channel,
        To = message.To,
        Subject = message.Subject,
        Html = message.Html,
        Text = message.Text,
        UnsubscribeUrl = message.UnsubscribeUrl,
        Campaign = message.Campaign,
        At = message.At,
    };
}

/// <summary>Reads the outbox: for the console and the demo.</summary>
public sealed class OutboxReader(IRowStore rows)
{
    /// <summary>The runs with messages.</summary>
    public IAsyncEnumerable<string> RunsAsync(CancellationToken cancellation) => rows.PartitionsAsync(Tables.Outbox, cancellation);

    /// <summary>At most <paramref name="limit"/> messages of a run, by customer key, after the customer <paramref name="after"/>.</summary>
    public async ValueTask<IReadOnlyList<(SendId Id, OutboxRow Message)>> ListAsync(string run, CustomerKey? after, int limit, CancellationToken cancellation)
    {
        var messages = new List<(SendId, OutboxRow)>();
        await foreach (var row in rows.ScanAsync(Tables.Outbox, run, after is { } key ? key.Text + " " : " ", "~", cancellation))
        {
            messages.Add((new SendId(run, new CustomerKey(row.Key)), RowCodec.Decode<OutboxRow>(row.Payload)));
            if (messages.Count >= limit)
            {
                break;
            }
        }

        return messages;
    }

    /// <summary>One message, or null.</summary>
    public async ValueTask<OutboxRow?> FindAsync(SendId id, CancellationToken cancellation) =>
        (await rows.FindAsync<OutboxRow>(Tables.Outbox, id.Run, id.Customer.Text, cancellation))?.Value;
}
