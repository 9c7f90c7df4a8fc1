using Campaigns.Core.Profiles.Models;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>
/// A customer's scores at a time, worked out from the history and the shop's model when they are read. Null: not known, because
/// there is no net order, or because what the score rests on was not fitted (see <see cref="ShopModel.Preliminary"/>).
/// </summary>
public readonly struct CustomerScores
{
    private readonly ShopModel? model;
    private readonly PurchaseHistory? history;
    private readonly DateTimeOffset asOf;
    private readonly Func<string, long?>? usualPriceE4;
    private readonly TruncatedHistory? then;

    /// <summary>See <see cref="ShopModel.Score"/>.</summary>
    internal CustomerScores(ShopModel model, PurchaseHistory history, DateTimeOffset asOf, Func<string, long?>? usualPriceE4)
    {
        (this.model, this.history, this.asOf, this.usualPriceE4) = (model, history, asOf, usualPriceE4);
        then = TruncatedHistory.At(history, TruncatedHistory.DayOf(asOf));
    }

    /// <summary>Probability in [0, 1] that the customer has not left for good, by <see cref="ShopModel.ActiveModel"/>.</summary>
    public double? ProbabilityActive =>
        then is { } h && model!.Models.Find(model.ActiveModel) is { } active ? active.ProbabilityActive(Repeat(h)) : null;

    /// <summary>Probability in [0, 1] of an order within the settings' horizon, recalibrated where it could be checked.</summary>
    public double? OrderProbability => OrderProbabilityWithin(model?.Settings.HorizonDays ?? 0);

    /// <summary>
    /// Probability in [0, 1] of an order within so many days, &gt; 0. Recalibrated by the line that was fitted at the settings' horizon: what
    /// the model overrates there it is taken to overrate alike at others.
    /// </summary>
    public double? OrderProbabilityWithin(int days)
    {
        if (then is not { } h || model is null)
        {
            return null;
        }

        var raw = model.Models.Find(model.OrderModel)?.ProbabilityOfOrder(Repeat(h), days / model.Settings.DaysPerUnit);
        return raw is { } probability && model.Calibration is { } calibration ? calibration.Recalibrate(probability) : raw;
    }

    /// <summary>Expected order days within the settings' horizon, ≥ 0, as the model says.</summary>
    public double? ExpectedOrders =>
        then is { } h ? model!.Models.Find(model.OrderModel)?.ExpectedOrders(Repeat(h), model.Settings.HorizonDays / model.Settings.DaysPerUnit) : null;

    /// <summary>Expected spend within the settings' horizon, in minor units, ≥ 0.</summary>
    public double? ExpectedSpendMinor => ExpectedOrders is { } orders && ExpectedOrderMinor is { } spend ? orders * spend : null;

    /// <summary>Expected spend of an order to come, in minor units, ≥ 0.</summary>
    public double? ExpectedOrderMinor
    {
        get
        {
            if (then is null || model!.Spend is not { } spend)
            {
                return null;
            }

            var (orders, mean) = MeanRepeatSpend(model.Settings);
            return spend.ExpectedSpend(orders, mean) * model.Settings.MinorPerUnit;
        }
    }

    /// <summary>Customer lifetime value: discounted spend to come within <see cref="ModelSettings.LifetimeDays"/>, in minor units, ≥ 0.</summary>
    public double? LifetimeValueMinor
    {
        get
        {
            if (then is not { } h || model!.Spend is not { } spend || model.Models.Find(model.OrderModel) is not { } orders)
            {
                return null;
            }

            var settings = model.Settings;
            var (count, mean) = MeanRepeatSpend(settings);
            return settings.MinorPerUnit * LifetimeValue.Of(
                orders, spend, Repeat(h), count, mean, settings.LifetimeDays / settings.DaysPerUnit, settings.DaysPerUnit, settings.DiscountRatePerYear);
        }
    }

    /// <summary>Share in [0, 1] of the workspace's customers who are safer by the chosen risk score, equals counting half: 1 is most at risk.</summary>
    public double? RiskScore =>
        then is { } h && model!.RiskQuantiles.Length > 0 ? RiskCandidate.Place(model.RiskQuantiles, model.ChosenCandidate.Activity!(h)) : null;

    /// <summary>Recency, frequency and spend among all customers.</summary>
    public RfmScore? Rfm => history is null ? null : Profiles.Rfm.Score(history, model!.Rfm, asOf);

    /// <summary>Share of lines bought cheap, in (0, 1), shrunk towards the workspace's mean.</summary>
    public double? DiscountShare
    {
        get
        {
            if (then is null || model!.Discounts is not { } discounts)
            {
                return null;
            }

            if (!model.Settings.DiscountsKnown && usualPriceE4 is null)
            {
                return null;
            }

            var lines = CheapLines.Of(history!, model.Settings.DiscountsKnown, usualPriceE4);
            return discounts.Shrunk(lines.Cheap, lines.Judged);
        }
    }

    /// <summary>Discount share in [0, 1] from which customers of the workspace are price-sensitive; null where it was not fitted.</summary>
    public double? DiscountThreshold => model?.Discounts?.Threshold;

    /// <summary>The discount share reaches the workspace's threshold.</summary>
    public bool? IsPriceSensitive => DiscountShare is { } share ? share >= model!.Discounts!.Threshold : null;

    /// <summary>Discounts over what the net lines cost before them, in [0, 1]; null where discounts are not known or nothing was paid.</summary>
    public double? DiscountDepth =>
        then is null || !model!.Settings.DiscountsKnown || history!.SpendMinor + history.DiscountMinor <= 0
            ? null
            : Math.Clamp((double)history.DiscountMinor / (history.SpendMinor + history.DiscountMinor), 0, 1);

    private RepeatHistory Repeat(in TruncatedHistory h) =>
        RepeatHistory.FromDays(h.RepeatOrders, h.RecencyDays, h.AgeDays, model!.Settings.DaysPerUnit);

    private (int Orders, double Mean) MeanRepeatSpend(ModelSettings settings)
    {
        var (orders, total) = RepeatSpend.Of(history!, then!.Value.Day);
        return (orders, orders == 0 ? 0 : total / settings.MinorPerUnit / orders);
    }
}
