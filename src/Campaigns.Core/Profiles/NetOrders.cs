using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Profiles;

/// <summary>
/// What is left of a customer's orders once refunds and cancellations have taken away what they cancel. A refund is a line
/// with a negative quantity: it cancels units of the latest earlier line of the same product and unit price, going back in
/// time over several lines and orders where one does not hold enough. Discounts shrink in proportion to the units.
/// </summary>
public sealed class NetOrders
{
    private NetOrders(IReadOnlyList<NetOrder> orders, long gross, long unmatched) =>
        (Orders, GrossMinor, UnmatchedRefundMinor) = (orders, gross, unmatched);

    /// <summary>Net orders by time and then id (ordinal). One that was cancelled whole is not among them.</summary>
    public IReadOnlyList<NetOrder> Orders { get; }

    /// <summary>Revenue before refunds: all lines with a positive quantity, after discount, in minor units.</summary>
    public long GrossMinor { get; }

    /// <summary>Refunds that no earlier line explains, after the discount they take back, in minor units, ≥ 0.</summary>
    public long UnmatchedRefundMinor { get; }

    /// <summary>
    /// The net orders among <paramref name="orders"/>, which are all of one customer's, in any order. Events other than orders
    /// are left out. "Earlier" is by time, then id, then place in the order.
    /// </summary>
    public static NetOrders Of(IReadOnlyList<OrderRow> orders)
    {
        var sorted = Sorted(orders, out var refunds);
        return refunds ? Netted(sorted) : Plain(sorted);
    }

    /// <summary>By time, then id: the one order in which a customer's orders are folded.</summary>
    public static int Compare(OrderRow a, OrderRow b) => Compare(a.OrderedAt, a.OrderId, b.OrderedAt, b.OrderId);

    /// <summary>By time, then id.</summary>
    public static int Compare(DateTimeOffset at, string id, DateTimeOffset otherAt, string otherId)
    {
        var byTime = at.UtcTicks.CompareTo(otherAt.UtcTicks);
        return byTime != 0 ? byTime : string.CompareOrdinal(id, otherId);
    }

    private static List<OrderRow> Sorted(IReadOnlyList<OrderRow> orders, out bool refunds)
    {
        var kept = new List<OrderRow>(orders.Count);
        var inOrder = true;
        refunds = false;
        for (var i = 0; i < orders.Count; i++)
        {
            var order = orders[i];
            if (order.Lines.Length == 0 || !string.Equals(order.Event, OrderRow.OrderEvent, StringComparison.Ordinal))
            {
                continue; // Nothing was bought.
            }

            inOrder &= kept.Count == 0 || Compare(kept[^1], order) <= 0;
            foreach (ref readonly var line in order.Lines.AsSpan())
            {
                refunds |= line.Quantity <= 0;
            }

            kept.Add(order);
        }

        if (!inOrder)
        {
            kept.Sort(Compare);
        }

        return kept;
    }

    private static NetOrders Plain(List<OrderRow> sorted)
    {
        var net = new NetOrder[sorted.Count];
        var gross = 0L;
        for (var i = 0; i < net.Length; i++)
        {
            net[i] = NetOrder.Of(sorted[i], sorted[i].Lines);
            gross += net[i].AmountMinor;
        }

        return new NetOrders(net, gross, 0);
    }

    private static NetOrders Netted(List<OrderRow> sorted)
    {
        // Units left per order and line, and per product and price the lines that still hold some, latest last.
        var left = new int[sorted.Count][];
        var open = new Dictionary<(string Sku, long Price), List<(int Order, int Line)>>();
        var (gross, unmatched) = (0L, 0L);
        for (var o = 0; o < sorted.Count; o++)
        {
            var lines = sorted[o].Lines;
            left[o] = new int[lines.Length];
            for (var l = 0; l < lines.Length; l++)
            {
                var line = lines[l];
                var key = (line.Sku, line.UnitPriceMinorE4);
                if (line.Quantity > 0)
                {
                    gross += line.AmountMinor;
                    left[o][l] = line.Quantity;
                    if (!open.TryGetValue(key, out var stack))
                    {
                        open[key] = stack = [];
                    }

                    stack.Add((o, l));
                }
                else if (line.Quantity < 0)
                {
                    var rest = Cancel(left, open.GetValueOrDefault(key), -(long)line.Quantity);
                    unmatched += Unmatched(line, rest);
                }
            }
        }

        var net = new List<NetOrder>(sorted.Count);
        for (var o = 0; o < sorted.Count; o++)
        {
            if (Remaining(sorted[o].Lines, left[o]) is { Length: > 0 } lines)
            {
                net.Add(NetOrder.Of(sorted[o], lines));
            }
        }

        return new NetOrders(net, gross, unmatched);
    }

    /// <summary>Takes units from the latest lines first; gives the units that found none.</summary>
    private static long Cancel(int[][] left, List<(int Order, int Line)>? stack, long units)
    {
        while (units > 0 && stack is { Count: > 0 })
        {
            var (order, line) = stack[^1];
            var taken = (int)Math.Min(units, left[order][line]);
            left[order][line] -= taken;
            units -= taken;
            if (left[order][line] == 0)
            {
                stack.RemoveAt(stack.Count - 1);
            }
        }

        return units;
    }

    private static long Unmatched(in OrderLine refund, long units)
    {
        if (units == 0)
        {
            return 0;
        }

        // A refund line may take a discount back (negative); what it pays out is the price less that.
        var discount = Share(-refund.DiscountMinor, units, -(long)refund.Quantity);
        return Math.Max(0, Money.LineMinor(units, refund.UnitPriceMinorE4) - discount);
    }

    private static OrderLine[] Remaining(OrderLine[] lines, int[] left)
    {
        var whole = true;
        var count = 0;
        for (var l = 0; l < lines.Length; l++)
        {
            whole &= left[l] == lines[l].Quantity && left[l] > 0;
            count += left[l] > 0 ? 1 : 0;
        }

        if (whole)
        {
            return lines;
        }

        var remaining = new OrderLine[count];
        var at = 0;
        for (var l = 0; l < lines.Length; l++)
        {
            if (left[l] > 0)
            {
                remaining[at++] = lines[l] with { Quantity = left[l], DiscountMinor = Share(lines[l].DiscountMinor, left[l], lines[l].Quantity) };
            }
        }

        return remaining;
    }

    /// <summary>amount × part ÷ whole, half away from zero. Taken from the line as it came, so that one refund of two units equals two of one.</summary>
    private static long Share(long amount, long part, long whole)
    {
        var product = (Int128)amount * part;
        var half = product >= 0 ? whole / 2 : -(whole / 2);
        return (long)((product + half) / whole);
    }
}

/// <summary>An order less what refunds cancelled. Times are UTC; amounts in minor units.</summary>
public sealed record NetOrder(
    string OrderId, DateTimeOffset At, OrderLine[] Lines, long AmountMinor, long DiscountMinor, string? CouponCode, string? Country)
{
    internal static NetOrder Of(OrderRow order, OrderLine[] lines)
    {
        var (amount, discount) = (0L, 0L);
        foreach (ref readonly var line in lines.AsSpan())
        {
            amount += line.AmountMinor;
            discount += line.DiscountMinor;
        }

        return new NetOrder(order.OrderId, order.OrderedAt, lines, amount, discount, order.CouponCode, order.Country);
    }
}
