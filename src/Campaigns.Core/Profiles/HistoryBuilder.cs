using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Profiles;

/// <summary>
/// The fold behind <see cref="PurchaseHistory"/>: starts empty or from a stored history, takes net orders by time and then
/// id, and gives the history. Reused for many customers; not for several threads.
/// </summary>
/// <param name="recentOrders">Orders kept one by one: the usual limit for rows in a store; in memory there may be room for all.</param>
public sealed class HistoryBuilder(int recentOrders = PurchaseHistory.RecentOrderLimit)
{
    private readonly List<RecentOrder> recent = [];
    private readonly List<ProductHistory> products = [];
    private readonly Dictionary<string, int> productAt = new(StringComparer.Ordinal);
    private readonly EventCounts events = new();
    private readonly GoodsCounts goods = new();
    private PurchaseHistory start = new() { CustomerId = "" };
    private DateTimeOffset firstAt;
    private DateTimeOffset lastAt;
    private DateTimeOffset eventAt;
    private string eventId = "";
    private string? country;
    private int orders;
    private int orderDays;
    private int lines;
    private int discountedLines;
    private long spend;
    private long discount;
    private long gross;
    private long unmatched;

    /// <summary>The history of all of a customer's orders, in any order.</summary>
    public PurchaseHistory Refold(string customerId, IReadOnlyList<OrderRow> all)
    {
        Begin(new PurchaseHistory { CustomerId = customerId });
        var net = NetOrders.Of(all);
        foreach (var order in net.Orders)
        {
            Add(order);
        }

        (gross, unmatched) = (net.GrossMinor, net.UnmatchedRefundMinor);
        for (var i = 0; i < all.Count; i++)
        {
            See(all[i]);
        }

        events.Add(all);
        return Build();
    }

    /// <summary>
    /// The history with these orders added, or null where they cannot be appended: one is not later than all that the
    /// history has seen, gives something back, or the history is of a version that gathered less. <paramref name="changed"/> are new, by time and then id.
    /// </summary>
    public PurchaseHistory? Append(PurchaseHistory history, IReadOnlyList<OrderRow> changed)
    {
        if (history.Orders > 0 && history.Gathering != PurchaseHistory.CurrentGathering)
        {
            return null; // Written by a version that gathered less: the orders tell the rest.
        }

        for (var i = 0; i < changed.Count; i++)
        {
            if (!CanFollow(history, changed[i]))
            {
                return null;
            }
        }

        Begin(history);
        var net = NetOrders.Of(changed);
        foreach (var order in net.Orders)
        {
            Add(order);
        }

        gross += net.GrossMinor;
        for (var i = 0; i < changed.Count; i++)
        {
            See(changed[i]);
        }

        events.Add(changed);
        return Build();
    }

    private static bool CanFollow(PurchaseHistory history, OrderRow order)
    {
        if (NetOrders.Compare(order.OrderedAt, order.OrderId, history.LastEventAt, history.LastEventId) <= 0)
        {
            return false;
        }

        foreach (ref readonly var line in order.Lines.AsSpan())
        {
            if (line.Quantity < 0)
            {
                return false;
            }
        }

        return true;
    }

    private void Begin(PurchaseHistory history)
    {
        start = history;
        recent.Clear();
        recent.AddRange(history.RecentOrders);
        products.Clear();
        productAt.Clear();
        foreach (var product in history.Products)
        {
            productAt.Add(product.Sku, products.Count);
            products.Add(product);
        }

        (firstAt, lastAt, eventAt, eventId) = (history.FirstOrderAt, history.LastOrderAt, history.LastEventAt, history.LastEventId);
        (orders, orderDays, lines, discountedLines) = (history.Orders, history.OrderDays, history.Lines, history.DiscountedLines);
        (spend, discount, gross, unmatched) = (history.SpendMinor, history.DiscountMinor, history.GrossMinor, history.UnmatchedRefundMinor);
        country = history.Country;
        events.Begin(history.Events);
        goods.Begin(history);
    }

    private void Add(NetOrder order)
    {
        if (orders == 0)
        {
            firstAt = order.At;
        }

        if (orders == 0 || order.At.UtcDateTime.Date != lastAt.UtcDateTime.Date)
        {
            orderDays++;
        }

        orders++;
        lastAt = order.At;
        spend += order.AmountMinor;
        discount += order.DiscountMinor;
        country = order.Country ?? country;
        recent.Add(new RecentOrder(order.At, order.AmountMinor));
        goods.Add(order, recent.Count);
        foreach (ref readonly var line in order.Lines.AsSpan())
        {
            lines++;
            discountedLines += line.DiscountMinor > 0 ? 1 : 0;
            if (line.Sku.Length > 0)
            {
                AddProduct(line, order.At);
            }
        }

        // After each order, not at the end: a product that falls out and comes back starts anew, and so it must do
        // whether its orders arrive one by one or all at once.
        if (products.Count > PurchaseHistory.ProductLimit)
        {
            Trim();
        }
    }

    private void AddProduct(in OrderLine line, DateTimeOffset at)
    {
        var list = Money.LineMinor(line.Quantity, line.UnitPriceMinorE4);
        if (productAt.TryGetValue(line.Sku, out var index))
        {
            var known = products[index];
            products[index] = known with
            {
                Lines = known.Lines + 1,
                Units = (int)Math.Min(int.MaxValue, (long)known.Units + line.Quantity),
                ListMinor = known.ListMinor + list,
                LastAt = at,
            };
            return;
        }

        productAt.Add(line.Sku, products.Count);
        products.Add(new ProductHistory(line.Sku, 1, line.Quantity, list, at));
    }

    private void Trim()
    {
        products.Sort(Compare);
        products.RemoveRange(0, products.Count - PurchaseHistory.ProductLimit);
        productAt.Clear();
        for (var i = 0; i < products.Count; i++)
        {
            productAt.Add(products[i].Sku, i);
        }
    }

    private void See(OrderRow order)
    {
        if (NetOrders.Compare(order.OrderedAt, order.OrderId, eventAt, eventId) > 0)
        {
            (eventAt, eventId) = (order.OrderedAt, order.OrderId);
        }
    }

    private PurchaseHistory Build()
    {
        products.Sort(Compare);
        var keep = Math.Min(recent.Count, recentOrders);
        return new PurchaseHistory
        {
            CustomerId = start.CustomerId,
            Orders = orders,
            OrderDays = orderDays,
            FirstOrderAt = firstAt,
            LastOrderAt = lastAt,
            LastEventAt = eventAt,
            LastEventId = eventId,
            SpendMinor = spend,
            GrossMinor = gross,
            UnmatchedRefundMinor = unmatched,
            DiscountMinor = discount,
            Lines = lines,
            DiscountedLines = discountedLines,
            RecentOrders = [.. System.Runtime.InteropServices.CollectionsMarshal.AsSpan(recent)[^keep..]],
            Products = [.. products],
            Country = country,
            Events = events.ToArray(),
            Categories = goods.Categories(),
            Coupons = goods.Coupons(),
            CouponOrders = goods.CouponOrders,
            Costed = goods.Costed,
            RecentCosted = goods.RecentCosted(keep),
            Gathering = PurchaseHistory.CurrentGathering,
        };
    }

    private static int Compare(ProductHistory a, ProductHistory b)
    {
        var byTime = a.LastAt.UtcTicks.CompareTo(b.LastAt.UtcTicks);
        return byTime != 0 ? byTime : string.CompareOrdinal(a.Sku, b.Sku);
    }
}
