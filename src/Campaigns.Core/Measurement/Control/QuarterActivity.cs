using Campaigns.Core.Ingest;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Measurement.Control;

/// <summary>What customers of a batch ordered in a quarter, and what its sends cost on them.</summary>
internal static class QuarterActivity
{
    /// <summary>Net orders with From ≤ time &lt; <paramref name="until"/>, by customer; who ordered nothing is missing. Only orders of customers with one in the quarter are read.</summary>
    public static async ValueTask<Dictionary<CustomerKey, QuarterSpend>> SpendAsync(
        IRowStore rows, string partition, KnownBatch batch, ControlInputs inputs, DateTimeOffset until, CancellationToken cancellation)
    {
        var spent = new Dictionary<CustomerKey, QuarterSpend>();
        var buyers = batch.Customers.Where(c => c.History is { Orders: > 0 } h && h.LastOrderAt >= inputs.From && h.FirstOrderAt < until).Select(c => c.Key).ToList();
        var wanted = buyers.ToHashSet();
        var (own, orders) = (default(CustomerKey), new List<OrderRow>());
        await foreach (var row in RowJoin.RowsAsync(rows, partition, "o|", buyers, cancellation))
        {
            var key = Tables.CustomerIn(row.Key);
            if (!wanted.Contains(key))
            {
                continue;
            }

            if (key != own)
            {
                Close();
                own = key;
            }

            orders.Add(RowCodec.Decode<OrderRow>(row.Payload));
        }

        Close();
        return spent;

        void Close()
        {
            if (orders.Count > 0)
            {
                spent[own] = Of(orders, inputs, until);
                orders.Clear();
            }
        }
    }

    /// <summary>What sending cost, and the benefits redeemed, of the runs that were assigned in the quarter, by customer.</summary>
    public static async ValueTask<Dictionary<CustomerKey, SendCosts>> CostsAsync(
        IRowStore rows, string partition, KnownBatch batch, ControlInputs inputs, CancellationToken cancellation)
    {
        var byRun = new SortedDictionary<string, List<CustomerKey>>(StringComparer.Ordinal);
        var keys = batch.Customers.Select(c => c.Key).ToList();
        await foreach (var row in RowJoin.RowsAsync(rows, partition, "t|", keys, cancellation))
        {
            if (RunIndexRow.Of(row.Payload) is { } index && index.AssignedAt >= inputs.From && index.AssignedAt < inputs.Until)
            {
                var run = row.Key[(CustomerKey.Length + 3)..];
                (byRun.TryGetValue(run, out var known) ? known : byRun[run] = []).Add(Tables.CustomerIn(row.Key));
            }
        }

        var costs = new Dictionary<CustomerKey, SendCosts>();
        foreach (var (run, customers) in byRun)
        {
            foreach (var (key, row) in await RowJoin.LoadAsync<AssignmentRow>(rows, partition, Tables.Assignments(run), customers, cancellation))
            {
                var sum = costs.GetValueOrDefault(key);
                costs[key] = new SendCosts(sum.BenefitMinor + row.Outcome.BenefitMinor, sum.SendCostMicros + row.SendCostMicros);
            }
        }

        return costs;
    }

    private static QuarterSpend Of(List<OrderRow> orders, ControlInputs inputs, DateTimeOffset until)
    {
        orders.Sort(NetOrders.Compare);
        var (count, revenue, margin, discount) = (0, 0L, 0L, 0L);
        foreach (var order in NetOrders.Of(orders).Orders.Where(o => o.At >= inputs.From && o.At < until))
        {
            count++;
            revenue += order.AmountMinor;
            margin += Outcomes.MarginMinor(order, inputs.Margin);
            discount += order.DiscountMinor;
        }

        return new QuarterSpend(count, revenue, margin, discount);
    }
}
