using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>
/// What follows in a customer's own rows when its orders (or its own row) change: the purchase history, the results of open assignments.
/// Ingest owns this port and calls every fold before it commits, so that orders and what rests on them change in one
/// transaction; the stages to the right implement it. One fold serves several parts at a time.
/// </summary>
public interface ICustomerFold
{
    /// <summary>
    /// Prepares for a batch of changes (for example reads which runs are open), so that <see cref="FoldAsync"/> need not.
    /// </summary>
    ValueTask BeginAsync(CancellationToken cancellation);

    /// <summary>True where something follows from the customer's own row too (attributes, consent): the fold is then asked when only that changes.</summary>
    bool FollowsCustomer => false;

    /// <summary>The operations that follow. Reads through <paramref name="change"/>, which loads all orders only when asked.</summary>
    ValueTask<IReadOnlyList<RowOperation>> FoldAsync(CustomerChange change, CancellationToken cancellation);
}

/// <summary>A change of one customer's orders, not yet committed.</summary>
public abstract class CustomerChange
{
    /// <summary>The customer's partition.</summary>
    public abstract string Partition { get; }

    /// <summary>The customer.</summary>
    public abstract CustomerKey Key { get; }

    /// <summary>The customer's raw id.</summary>
    public abstract string CustomerId { get; }

    /// <summary>The customer's own row as it will stand after the commit, or null where there is none.</summary>
    public abstract CustomerRow? Customer { get; }

    /// <summary>Orders that are new or replace others, by time and then id.</summary>
    public abstract IReadOnlyList<OrderRow> Changed { get; }

    /// <summary>True where an order among <see cref="Changed"/> replaces a stored one: nothing can be appended then.</summary>
    public abstract bool Replaces { get; }

    /// <summary>
    /// What an earlier fold worked out and a later one goes on from, for example the purchase history as it will stand: folds run
    /// in the order in which they were registered. Null where none left anything.
    /// </summary>
    public object? Left { get; set; }

    /// <summary>All orders of the customer as they will stand after the commit, by time and then id. Read once, when first asked for.</summary>
    public abstract ValueTask<IReadOnlyList<OrderRow>> AllOrdersAsync(CancellationToken cancellation);

    /// <summary>Another row of the customer's partition as it stands, or null.</summary>
    public abstract ValueTask<Row?> RowAsync(string key, CancellationToken cancellation);

    /// <summary>The customer's rows whose keys start with the prefix.</summary>
    public abstract IAsyncEnumerable<Row> RowsAsync(string prefix, CancellationToken cancellation);
}
