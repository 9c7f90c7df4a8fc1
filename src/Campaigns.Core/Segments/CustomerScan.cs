using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>The rows of one customer that segments rest on; each is null where there is none.</summary>
internal readonly record struct CustomerRows(string Key, Row? History, Row? Customer, Row? Membership, Row? Placement)
{
    /// <summary>The customer.</summary>
    public CustomerKey CustomerKey => new(Key);
}

/// <summary>
/// Reads the customers of a partition in key order: histories, customer rows, memberships and placements side by side, so that
/// each kind is read once. Memory holds a page of each.
/// </summary>
internal sealed class CustomerScan(IRowStore rows, string partition)
{
    private readonly RowCursor histories = new(rows, partition, "h|");
    private readonly RowCursor customers = new(rows, partition, "c|");
    private readonly RowCursor memberships = new(rows, partition, "m|");
    private readonly RowCursor placements = new(rows, partition, "p|");

    /// <summary>The next customer, or null at the end.</summary>
    public async ValueTask<CustomerRows?> NextAsync(CancellationToken cancellation)
    {
        await histories.FillAsync(cancellation);
        await customers.FillAsync(cancellation);
        await memberships.FillAsync(cancellation);
        await placements.FillAsync(cancellation);
        var least = Least(Least(histories.Current, customers.Current), Least(memberships.Current, placements.Current));
        if (least is null)
        {
            return null;
        }

        var key = least.Key[2..];
        return new CustomerRows(key, histories.Take(key), customers.Take(key), memberships.Take(key), placements.Take(key));
    }

    private static Row? Least(Row? a, Row? b) =>
        a is null ? b : b is null || a.Key.AsSpan(2).SequenceCompareTo(b.Key.AsSpan(2)) <= 0 ? a : b;
}

/// <summary>Reads one kind of a partition's rows, page by page, forwards only.</summary>
internal sealed class RowCursor(IRowStore rows, string partition, string prefix)
{
    private readonly string end = Keys.After(prefix);
    private IReadOnlyList<Row> page = [];
    private string? continuation;
    private bool started;
    private int at;

    /// <summary>The next row, or null at the end. Call <see cref="FillAsync"/> first.</summary>
    public Row? Current => at < page.Count ? page[at] : null;

    /// <summary>Reads the next page where this one is used up.</summary>
    public ValueTask FillAsync(CancellationToken cancellation) =>
        at < page.Count || (started && continuation is null) ? ValueTask.CompletedTask : FetchAsync(cancellation);

    /// <summary>The row of the customer, and goes on; null where the next row is another's.</summary>
    public Row? Take(string customer)
    {
        if (Current is not { } row || !row.Key.AsSpan(2).SequenceEqual(customer))
        {
            return null;
        }

        at++;
        return row;
    }

    private async ValueTask FetchAsync(CancellationToken cancellation)
    {
        do
        {
            var next = await rows.RangeAsync(Tables.Customers, partition, prefix, end, RowLimits.PageSize, continuation, cancellation);
            (page, continuation, at, started) = (next.Rows, next.Continuation, 0, true);
        }
        while (page.Count == 0 && continuation is not null);
    }
}
