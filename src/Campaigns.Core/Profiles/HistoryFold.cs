using Campaigns.Core.Ingest;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Profiles;

/// <summary>
/// Keeps <c>h|{customer}</c> in step with the customer's orders. Orders later than everything seen are appended; late
/// ones, refunds and replacements fold all orders anew. Both ways give the same history, which is left for the folds that follow.
/// </summary>
public sealed class HistoryFold : ICustomerFold
{
    /// <summary>One per thread: its lists are filled for a million customers.</summary>
    [ThreadStatic]
    private static HistoryBuilder? builder;

    /// <inheritdoc/>
    public ValueTask BeginAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RowOperation>> FoldAsync(CustomerChange change, CancellationToken cancellation)
    {
        var key = Tables.History(change.Key);
        var row = await change.RowAsync(key, cancellation);
        var before = row is null ? null : RowCodec.Decode<PurchaseHistory>(row.Payload);
        if (before is not null && !string.Equals(before.CustomerId, change.CustomerId, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"Row {key} belongs to another customer with the same key: the chance of that is 2⁻¹²⁸, so the store is damaged.");
        }

        var after = before is null || change.Replaces ? null : (builder ??= new HistoryBuilder()).Append(before, change.Changed);
        if (after is null)
        {
            var all = await change.AllOrdersAsync(cancellation);
            after = (builder ??= new HistoryBuilder()).Refold(change.CustomerId, all);
        }

        change.Left = after;
        var payload = RowCodec.Encode(after);
        return row is not null && payload.Span.SequenceEqual(row.Payload.Span) ? [] : [RowOperation.Write(key, payload, row?.ETag)];
    }
}
