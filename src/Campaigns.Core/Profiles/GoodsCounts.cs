using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Profiles;

/// <summary>
/// Categories, coupon codes and margins, while net orders are folded by time. What falls out of a list and comes back starts
/// anew, after each order, so that it does so whether orders arrive one by one or all at once. Most shops name none of the
/// three: then nothing is kept and nothing is done.
/// </summary>
internal sealed class GoodsCounts
{
    private readonly List<CategoryHistory> categories = [];
    private readonly List<CouponHistory> coupons = [];
    private readonly List<CostedSales> recent = [];
    private readonly HashSet<string> inOrder = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Starts from what a history holds.</summary>
    public void Begin(PurchaseHistory history)
    {
        categories.Clear();
        categories.AddRange(history.Categories);
        coupons.Clear();
        coupons.AddRange(history.Coupons);
        recent.Clear();
        recent.AddRange(history.RecentCosted);
        (Costed, CouponOrders) = (history.Costed, history.CouponOrders);
    }

    /// <summary>Adds a net order, later than all before it. <paramref name="kept"/> are those kept one by one, this one included.</summary>
    public void Add(NetOrder order, int kept)
    {
        var costed = default(CostedSales);
        var known = false;
        foreach (ref readonly var line in order.Lines.AsSpan())
        {
            if (line.UnitCostMinorE4 is { } cost)
            {
                var amount = line.AmountMinor;
                costed += new CostedSales(amount, amount - Money.LineMinor(line.Quantity, cost));
                known = true;
            }

            if (line.Category is { Length: > 0 } category)
            {
                AddCategory(category, line, order.At);
            }
        }

        if (known || recent.Count > 0)
        {
            AddCosted(costed, kept);
        }

        if (order.CouponCode is { Length: > 0 } code)
        {
            AddCoupon(code, order.At);
        }

        if (inOrder.Count > 0)
        {
            inOrder.Clear();
            TrimCategories();
        }
    }

    /// <summary>Net orders with a coupon code.</summary>
    public int CouponOrders { get; private set; }

    /// <summary>Sales of lines with a known cost.</summary>
    public CostedSales Costed { get; private set; }

    /// <summary>Categories, the last bought from last.</summary>
    public CategoryHistory[] Categories()
    {
        categories.Sort(Compare);
        return [.. categories];
    }

    /// <summary>Coupon codes, the last used last.</summary>
    public CouponHistory[] Coupons()
    {
        coupons.Sort(Compare);
        return [.. coupons];
    }

    /// <summary>Sales of lines with a known cost in each of the last <paramref name="keep"/> orders; empty while no cost was known.</summary>
    public CostedSales[] RecentCosted(int keep) => recent.Count == 0 ? [] : [.. recent[^keep..]];

    private void AddCosted(CostedSales costed, int kept)
    {
        while (recent.Count < kept - 1)
        {
            recent.Add(default); // Orders before the first known cost.
        }

        recent.Add(costed);
        Costed += costed;
    }

    private void AddCategory(string name, in OrderLine line, DateTimeOffset at)
    {
        var index = categories.FindIndex(c => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase));
        if (index < 0)
        {
            inOrder.Add(name);
            categories.Add(new CategoryHistory(name, 1, line.Quantity, line.AmountMinor, at));
            return;
        }

        var known = categories[index];
        categories[index] = known with
        {
            Orders = known.Orders + (inOrder.Add(name) ? 1 : 0),
            Units = (int)Math.Min(int.MaxValue, (long)known.Units + line.Quantity),
            SpendMinor = known.SpendMinor + line.AmountMinor,
            LastAt = at,
        };
    }

    private void AddCoupon(string code, DateTimeOffset at)
    {
        CouponOrders++;
        var index = coupons.FindIndex(c => string.Equals(c.Code, code, StringComparison.OrdinalIgnoreCase));
        if (index >= 0)
        {
            coupons[index] = coupons[index] with { Orders = coupons[index].Orders + 1, LastAt = at };
            return;
        }

        coupons.Add(new CouponHistory(code, 1, at));
        if (coupons.Count > PurchaseHistory.CouponLimit)
        {
            coupons.Sort(Compare);
            coupons.RemoveAt(0);
        }
    }

    private void TrimCategories()
    {
        if (categories.Count > PurchaseHistory.CategoryLimit)
        {
            categories.Sort(Compare);
            categories.RemoveRange(0, categories.Count - PurchaseHistory.CategoryLimit);
        }
    }

    private static int Compare(CategoryHistory a, CategoryHistory b)
    {
        var byTime = a.LastAt.UtcTicks.CompareTo(b.LastAt.UtcTicks);
        return byTime != 0 ? byTime : string.CompareOrdinal(a.Name, b.Name);
    }

    private static int Compare(CouponHistory a, CouponHistory b)
    {
        var byTime = a.LastAt.UtcTicks.CompareTo(b.LastAt.UtcTicks);
        return byTime != 0 ? byTime : string.CompareOrdinal(a.Code, b.Code);
    }
}
