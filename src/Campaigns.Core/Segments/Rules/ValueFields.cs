using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;

namespace Campaigns.Core.Segments.Rules;

/// <summary>What a customer is worth and what the models expect.</summary>
internal static class ValueFields
{
    public static IReadOnlyList<Field> All { get; } =
    [
        Value("spend", FieldUnit.Money, "net spend of all time, after discounts and refunds", (in f) => FieldValue.Of(Major(f.History?.SpendMinor ?? 0, f))),
        Value("average_order", FieldUnit.Money, "net spend per order; unknown without an order", (in f) => FieldValue.Of(BehaviourFields.Ordered(f) is { } h ? Major(h.SpendMinor, f) / h.Orders : double.NaN)),
        Value("margin", FieldUnit.Money, "margin of all time after discount: by unit costs, and where lines have none by the margin shares in the settings; unknown without either", (in f) => FieldValue.Of(MarginEstimate.AllTime(f) is { } c ? Major(c.MarginMinor, f) : double.NaN)),
        Value("margin_share", FieldUnit.Share, "that margin over what was paid for these lines; negative below cost; unknown where it is, or nothing was paid", (in f) => FieldValue.Of(MarginEstimate.AllTime(f) is { } c ? BehaviourFields.Ratio(c.MarginMinor, c.SpendMinor) : double.NaN)),
        Value("lifetime_value", FieldUnit.Money, "customer lifetime value: discounted spend to come; unknown where no model is fitted", (in f) => FieldValue.Of(Major(f.Scores.LifetimeValueMinor, f))),
        Value("rfm.recency", FieldUnit.Score, "recency among all customers, the highest = bought most recently; unknown without an order", (in f) => FieldValue.Of(Rfm(f)?.Recency ?? double.NaN)),
        Value("rfm.frequency", FieldUnit.Score, "number of orders among all customers, the highest = most; unknown without an order", (in f) => FieldValue.Of(Rfm(f)?.Frequency ?? double.NaN)),
        Value("rfm.monetary", FieldUnit.Score, "spend among all customers, the highest = most; unknown without an order", (in f) => FieldValue.Of(Rfm(f)?.Monetary ?? double.NaN)),
        new("rfm.cell", FieldType.Text, FieldUnit.None, FieldGroup.Value, "name of the customer's cell in the map of recency × frequency (\"champions\", \"hibernating\", …); unknown without an order, or where the workspace cuts otherwise than in fifths and has no map of its own", (in f) => FieldValue.Of(Rfm(f) is { } score ? f.Shop.RfmMap?.NameOf(score) : null)),
        Prediction("probability_active", FieldUnit.Probability, "probability that the customer has not left for good; unknown where no model is fitted", (in f) => FieldValue.Of(f.Scores.ProbabilityActive ?? double.NaN)),
        Prediction("order_probability", FieldUnit.Probability, "probability of an order within the horizon, recalibrated; unknown where no model is fitted", (in f) => FieldValue.Of(f.Scores.OrderProbability ?? double.NaN)),
        Prediction("expected_orders", FieldUnit.OrderDays, "expected days with an order within the horizon; unknown where no model is fitted", (in f) => FieldValue.Of(f.Scores.ExpectedOrders ?? double.NaN)),
        Prediction("expected_spend", FieldUnit.Money, "expected spend within the horizon; unknown where no model is fitted", (in f) => FieldValue.Of(Major(f.Scores.ExpectedSpendMinor, f))),
        Prediction("risk_score", FieldUnit.Share, "share of customers who are safer by the risk score that predicts orders best here: 100 % is most at risk; unknown without an order", (in f) => FieldValue.Of(f.Scores.RiskScore ?? double.NaN)),
    ];

    /// <summary>Minor units as people write amounts: here, and nowhere else in rules.</summary>
    internal static double Major(double? minor, in CustomerFacts facts) => minor is { } amount ? amount / Money.MinorPerMajor(facts.Shop.Currency) : double.NaN;

    private static RfmScore? Rfm(in CustomerFacts facts) =>
        facts.Scores.Rfm ?? (facts.History is { } history ? Profiles.Rfm.Score(history, facts.Shop.Rfm, facts.AsOf) : null);

    private static Field Value(string name, FieldUnit unit, string meaning, FieldReader read) => new(name, FieldType.Number, unit, FieldGroup.Value, meaning, read);

    private static Field Prediction(string name, FieldUnit unit, string meaning, FieldReader read) => new(name, FieldType.Number, unit, FieldGroup.Predictions, meaning, read);
}
