using System.Text;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>The rows of one customer that segments rest on, each null where there is none. Valid until the scan goes on: to keep them, take a copy.</summary>
internal readonly record struct CustomerRows(string Key, BufferedRow? History, BufferedRow? Customer, BufferedRow? Membership, BufferedRow? Placement)
{
    /// <summary>The customer.</summary>
    public CustomerKey CustomerKey => new(Key);

    /// <summary>The same, valid for ever.</summary>
    public CustomerRows Copy() => new(Key, History?.Copy(), Customer?.Copy(), Membership?.Copy(), Placement?.Copy());
}

/// <summary>
/// Reads the customers of a partition in key order: histories, customer rows, memberships and placements side by side, so that
/// each kind is read once. Memory holds a page of each.
/// </summary>
internal sealed class CustomerScan(IRowStore rows, string partition) : IDisposable
{
    private readonly RowCursor histories = new(rows, partition, "h|");
    private readonly RowCursor customers = new(rows, partition, "c|");
    private readonly RowCursor memberships = new(rows, partition, "m|");
    private readonly RowCursor placements = new(rows, partition, "p|");

    /// <summary>The next customer, or null at the end.</summary>
    public ValueTask<CustomerRows?> NextAsync(CancellationToken cancellation) =>
        histories.IsReady && customers.IsReady && memberships.IsReady && placements.IsReady ? new(Next()) : FillAsync(cancellation);

    /// <summary>Gives the pages' memory back.</summary>
    public void Dispose()
    {
        histories.Dispose();
        customers.Dispose();
        memberships.Dispose();
        placements.Dispose();
    }

    private async ValueTask<CustomerRows?> FillAsync(CancellationToken cancellation)
    {
        await histories.FillAsync(cancellation);
        await customers.FillAsync(cancellation);
        await memberships.FillAsync(cancellation);
        await placements.FillAsync(cancellation);
        return Next();
    }

    private CustomerRows? Next()
    {
        var least = Least(Least(histories.Customer, customers.Customer), Least(memberships.Customer, placements.Customer));
        return least.IsEmpty
            ? null
            : new CustomerRows(Encoding.ASCII.GetString(least), histories.Take(least), customers.Take(least), memberships.Take(least), placements.Take(least));
    }

    private static ReadOnlySpan<byte> Least(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        a.IsEmpty ? b : b.IsEmpty || a.SequenceCompareTo(b) <= 0 ? a : b;
}

/// <summary>Reads one kind of a partition's rows, page by page, forwards only.</summary>
internal sealed class RowCursor(IRowStore rows, string partition, string prefix) : IDisposable
{
    private readonly string end = Keys.After(prefix);
    private readonly RowBuffer page = new();
    private string? continuation;
    private bool started;
    private int at;

    /// <summary>There is a current row, or the end is reached: nothing needs to be read.</summary>
    public bool IsReady => at < page.Count || (started && continuation is null);

    /// <summary>The customer of the current row, in ASCII; empty at the end.</summary>
    public ReadOnlySpan<byte> Customer => at < page.Count ? page[at].Key[2..] : default;

    /// <summary>Reads the next page where this one is used up.</summary>
    public ValueTask FillAsync(CancellationToken cancellation) => IsReady ? ValueTask.CompletedTask : FetchAsync(cancellation);

    /// <summary>The current row, and goes on; null at the end.</summary>
    public async ValueTask<BufferedRow?> NextAsync(CancellationToken cancellation)
    {
        await FillAsync(cancellation);
        return at < page.Count ? page[at++] : null;
    }

    /// <summary>The row of the customer, and goes on; null where the next row is another's.</summary>
    public BufferedRow? Take(ReadOnlySpan<byte> customer)
    {
        if (!Customer.SequenceEqual(customer))
        {
            return null;
        }

        return page[at++];
    }

    /// <summary>Gives the page's memory back.</summary>
    public void Dispose() => page.Dispose();

    private async ValueTask FetchAsync(CancellationToken cancellation)
    {
        do
        {
            continuation = await rows.FillAsync(page, Tables.Customers, partition, prefix, end, RowLimits.PageSize, continuation, cancellation);
            (at, started) = (0, true);
        }
        while (page.Count == 0 && continuation is not null);
    }
}
