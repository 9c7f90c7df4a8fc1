using System.Runtime.CompilerServices;
using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Measurement.Control;

/// <summary>A customer who was known when the quarter began, with the purchase history, or null where nothing was ever ordered.</summary>
internal readonly record struct KnownCustomer(CustomerKey Key, PurchaseHistory? History);

/// <summary>Known customers next to each other in key order, and how many customers were passed to find them.</summary>
internal sealed record KnownBatch(IReadOnlyList<KnownCustomer> Customers, int Passed);

/// <summary>
/// Customers who were known at a time: created or with an order before it. Who becomes known later may be known because of a
/// campaign, and cannot be compared.
/// </summary>
internal static class KnownCustomers
{
    /// <summary>Customers per batch: memory holds one, with the orders of one customer.</summary>
    private const int BatchSize = 500;

    /// <summary>Customers passed per batch at most, so that progress shows.</summary>
    private const int PassedLimit = 20_000;

    /// <summary>The bucket's known customers in key order.</summary>
    public static async IAsyncEnumerable<KnownBatch> ScanAsync(IRowStore rows, string partition, DateTimeOffset at, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var customers = new CustomerCursor(rows, partition, "c|", cancellation);
        await using var histories = new CustomerCursor(rows, partition, "h|", cancellation);
        var (batch, passed) = (new List<KnownCustomer>(BatchSize), 0);
        while (await NextAsync(customers, histories) is { } next)
        {
            passed++;
            if (next.CreatedAt < at || (next.History is { Orders: > 0 } history && history.FirstOrderAt < at))
            {
                batch.Add(new KnownCustomer(next.Key, next.History));
            }

            if (batch.Count == BatchSize || passed == PassedLimit)
            {
                yield return new KnownBatch(batch, passed);
                (batch, passed) = (new List<KnownCustomer>(BatchSize), 0);
            }
        }

        yield return new KnownBatch(batch, passed);
    }

    /// <summary>The next customer that has a row of either kind; null at the end.</summary>
    private static async ValueTask<(CustomerKey Key, DateTimeOffset? CreatedAt, PurchaseHistory? History)?> NextAsync(CustomerCursor customers, CustomerCursor histories)
    {
        var (customer, history) = (await customers.PeekAsync(), await histories.PeekAsync());
        if (customer is null && history is null)
        {
            return null;
        }

        var order = customer is null ? 1 : history is null ? -1 : string.CompareOrdinal(customers.Customer, histories.Customer);
        var key = new CustomerKey(order <= 0 ? customers.Customer : histories.Customer);
        DateTimeOffset? createdAt = null;
        PurchaseHistory? own = null;
        if (order <= 0)
        {
            createdAt = RowCodec.Decode<CustomerRow>(customer!.Payload).CreatedAt;
            customers.Take();
        }

        if (order >= 0)
        {
            own = PurchaseHistory.WithoutProducts(history!.Payload);
            histories.Take();
        }

        return (key, createdAt, own);
    }
}
