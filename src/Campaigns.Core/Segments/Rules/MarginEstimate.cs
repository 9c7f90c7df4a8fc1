using Campaigns.Core.Profiles;

namespace Campaigns.Core.Segments.Rules;

/// <summary>
/// What a customer's purchases brought in after cost: exact where lines have a unit cost, else estimated by the workspace's margin
/// shares: the category's, else the one for everything. Shares are of the price before discount, and a discount comes out of
/// the margin whole, as in the measures. Lines without a cost count as spread over the customer's categories as all its spending is.
/// </summary>
/// <param name="MarginMinor">Margin in minor units, may be negative.</param>
/// <param name="SpendMinor">Paid for the lines that it covers, minor units, ≥ 0.</param>
internal readonly record struct MarginEstimate(double MarginMinor, double SpendMinor)
{
    /// <summary>Of all time; null where neither a cost nor a share is known.</summary>
    public static MarginEstimate? AllTime(in CustomerFacts facts)
    {
        if (BehaviourFields.Ordered(facts) is not { } history)
        {
            return null;
        }

        var rate = RateOf(history, facts.Shop);
        return history.RecentCosted.Length == 0 && rate is null ? null : Of(history.Costed, history.SpendMinor, rate);
    }

    /// <summary>Of the kept orders later than <paramref name="from"/> and not later than the time that is asked for; null where neither a cost nor a share is known.</summary>
    public static MarginEstimate? Since(in CustomerFacts facts, DateTimeOffset from)
    {
        if (BehaviourFields.Ordered(facts) is not { } history)
        {
            return null;
        }

        var (costed, rate) = (history.RecentCosted, RateOf(history, facts.Shop));
        if (costed.Length == 0 && rate is null)
        {
            return null;
        }

        var sum = default(MarginEstimate);
        for (var i = history.RecentOrders.Length - 1; i >= 0 && history.RecentOrders[i].At > from; i--)
        {
            if (history.RecentOrders[i].At <= facts.AsOf)
            {
                var one = Of(i < costed.Length ? costed[i] : default, history.RecentOrders[i].AmountMinor, rate);
                sum = new MarginEstimate(sum.MarginMinor + one.MarginMinor, sum.SpendMinor + one.SpendMinor);
            }
        }

        return sum;
    }

    private static MarginEstimate Of(CostedSales costed, long spend, MarginEstimate? rate)
    {
        var rest = Math.Max(0, spend - costed.SpendMinor);
        return rate is { } per
            ? new MarginEstimate(costed.MarginMinor + (rest * per.MarginMinor), costed.SpendMinor + (rest * per.SpendMinor))
            : new MarginEstimate(costed.MarginMinor, costed.SpendMinor);
    }

    /// <summary>Margin for each minor unit spent without a known cost, and the part of it that shares cover, in [0, 1]; null where they cover nothing.</summary>
    private static MarginEstimate? RateOf(PurchaseHistory history, SegmentParameters shop)
    {
        if (history.SpendMinor <= 0 || (shop.MarginShare is null && shop.MarginShareByCategory.Count == 0))
        {
            return null;
        }

        var (covered, margin) = (0.0, 0.0);
        foreach (ref readonly var category in history.Categories.AsSpan())
        {
            if (shop.MarginShareByCategory.TryGetValue(category.Name, out var share))
            {
                covered += category.SpendMinor;
                margin += category.SpendMinor * share;
            }
        }

        if (shop.MarginShare is { } usual)
        {
            var rest = Math.Max(0, history.SpendMinor - covered);
            covered += rest;
            margin += rest * usual;
        }

        var whole = Math.Max(history.SpendMinor, covered);
        var discount = (double)history.DiscountMinor / history.SpendMinor;
        return covered <= 0 ? null : new MarginEstimate(((margin * (1 + discount)) - (covered * discount)) / whole, covered / whole);
    }
}
