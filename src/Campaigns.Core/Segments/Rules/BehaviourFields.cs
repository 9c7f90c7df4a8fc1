using Campaigns.Core.Profiles;

namespace Campaigns.Core.Segments.Rules;

/// <summary>Orders and rhythm.</summary>
internal static class BehaviourFields
{
    /// <summary>Order days from which a customer's own mean gap counts as usual: two gaps; one alone is an anecdote.</summary>
    public const int OwnRhythmOrderDays = 3;

    public static IReadOnlyList<Field> All { get; } =
    [
        Number("orders", FieldUnit.Orders, "orders that refunds did not cancel whole", (in f) => FieldValue.Of(f.History?.Orders ?? 0)),
        Number("order_days", FieldUnit.OrderDays, "distinct days (UTC) with an order", (in f) => FieldValue.Of(f.History?.OrderDays ?? 0)),
        Number("lines", FieldUnit.Lines, "lines of these orders", (in f) => FieldValue.Of(f.History?.Lines ?? 0)),
        new("first_order_at", FieldType.Date, FieldUnit.None, FieldGroup.Behaviour, "first order; unknown without one", (in f) => FieldValue.Of(Ordered(f)?.FirstOrderAt)),
        new("last_order_at", FieldType.Date, FieldUnit.None, FieldGroup.Behaviour, "last order; unknown without one", (in f) => FieldValue.Of(Ordered(f)?.LastOrderAt)),
        Number("days_since_first_order", FieldUnit.Days, "days since the first order, ≥ 0; unknown without one", (in f) => FieldValue.Of(Since(Ordered(f)?.FirstOrderAt, f.AsOf))),
        Number("days_since_last_order", FieldUnit.Days, "days of silence since the last order, ≥ 0; unknown without one", (in f) => FieldValue.Of(Since(Ordered(f)?.LastOrderAt, f.AsOf))),
        Number("own_gap", FieldUnit.Days, "mean days between the customer's order days; unknown below two of them", (in f) => FieldValue.Of(f.History?.MeanGapDays ?? double.NaN)),
        Number("usual_gap", FieldUnit.Days, "the own gap once it rests on two gaps; unknown below three order days", (in f) => FieldValue.Of(UsualGap(f.History))),
        Number("silence_ratio", FieldUnit.Times, "days since the last order over the usual gap; unknown where that is unknown or 0", (in f) => FieldValue.Of(Ratio(Since(Ordered(f)?.LastOrderAt, f.AsOf), UsualGap(f.History)))),
    ];

    internal static PurchaseHistory? Ordered(in CustomerFacts facts) => facts.History is { Orders: > 0 } history ? history : null;

    /// <summary>Days, ≥ 0; NaN where there is no time.</summary>
    internal static double Since(DateTimeOffset? at, DateTimeOffset asOf) => at is { } time ? Math.Max(0, (asOf - time).TotalDays) : double.NaN;

    internal static double Ratio(double above, double below) => below > 0 ? above / below : double.NaN;

    private static double UsualGap(PurchaseHistory? history) => history?.OrderDays >= OwnRhythmOrderDays ? history.MeanGapDays!.Value : double.NaN;

    private static Field Number(string name, FieldUnit unit, string meaning, FieldReader read) => new(name, FieldType.Number, unit, FieldGroup.Behaviour, meaning, read);
}

/// <summary>The open family "product.{sku}.…": what of one product was bought. Only the last 50 distinct products of a customer are kept.</summary>
internal static class ProductFields
{
    public const string Prefix = "product.";

    public static IReadOnlyList<string> Suffixes { get; } = ["bought", "lines", "units", "days_since"];

    /// <summary>The field, or null where the name is none of the family.</summary>
    public static Field? Find(string name)
    {
        if (FamilyName.Split(name, Prefix) is not var (sku, suffix))
        {
            return null;
        }

        return suffix switch
        {
            "bought" => new Field(name, FieldType.YesNo, FieldUnit.None, FieldGroup.Products, $"bought product {sku}, among the last {PurchaseHistory.ProductLimit} products", (in f) => FieldValue.Of(In(f, sku) is not null)),
            "lines" => Number(name, FieldUnit.Lines, $"order lines with product {sku}; 0 without", (in f) => FieldValue.Of(In(f, sku)?.Lines ?? 0)),
            "units" => Number(name, FieldUnit.Units, $"units of product {sku}; 0 without", (in f) => FieldValue.Of(In(f, sku)?.Units ?? 0)),
            "days_since" => Number(name, FieldUnit.Days, $"days since product {sku} was last bought; unknown without", (in f) => FieldValue.Of(BehaviourFields.Since(In(f, sku)?.LastAt, f.AsOf))),
            _ => null,
        };
    }

    private static ProductHistory? In(in CustomerFacts facts, string sku)
    {
        foreach (ref readonly var product in (facts.History?.Products ?? []).AsSpan())
        {
            if (string.Equals(product.Sku, sku, StringComparison.Ordinal))
            {
                return product;
            }
        }

        return null;
    }

    private static Field Number(string name, FieldUnit unit, string meaning, FieldReader read) => new(name, FieldType.Number, unit, FieldGroup.Products, meaning, read);
}

/// <summary>The open family "event.{name}.…": valued events other than orders.</summary>
internal static class EventFields
{
    public const string Prefix = "event.";

    public static IReadOnlyList<string> Suffixes { get; } = ["count", "days_since", "last_at", "value"];

    /// <summary>The field, or null where the name is none of the family.</summary>
    public static Field? Find(string name)
    {
        if (FamilyName.Split(name, Prefix) is not var (kind, suffix))
        {
            return null;
        }

        return suffix switch
        {
            "count" => Number(name, FieldUnit.Events, $"events “{kind}”; 0 without", (in f) => FieldValue.Of(In(f, kind)?.Count ?? 0)),
            "days_since" => Number(name, FieldUnit.Days, $"days since the last event “{kind}”; unknown without", (in f) => FieldValue.Of(BehaviourFields.Since(In(f, kind)?.LastAt, f.AsOf))),
            "last_at" => new Field(name, FieldType.Date, FieldUnit.None, FieldGroup.Events, $"last event “{kind}”; unknown without", (in f) => FieldValue.Of(In(f, kind)?.LastAt)),
            "value" => Number(name, FieldUnit.Money, $"value of the events “{kind}” together; 0 without", (in f) => FieldValue.Of(ValueFields.Major(In(f, kind)?.ValueMinor ?? 0, f))),
            _ => null,
        };
    }

    private static EventHistory? In(in CustomerFacts facts, string kind)
    {
        foreach (ref readonly var seen in (facts.History?.Events ?? []).AsSpan())
        {
            if (string.Equals(seen.Name, kind, StringComparison.OrdinalIgnoreCase))
            {
                return seen;
            }
        }

        return null;
    }

    private static Field Number(string name, FieldUnit unit, string meaning, FieldReader read) => new(name, FieldType.Number, unit, FieldGroup.Events, meaning, read);
}

/// <summary>Names of open families: a prefix, a name that may itself contain dots, and a suffix.</summary>
internal static class FamilyName
{
    /// <summary>Longest name between prefix and suffix: no sku or event name is longer in an import.</summary>
    public const int MaxLength = 200;

    public static (string Name, string Suffix)? Split(string field, string prefix)
    {
        var dot = field.LastIndexOf('.');
        return field.StartsWith(prefix, StringComparison.Ordinal) && dot > prefix.Length && dot - prefix.Length <= MaxLength
            ? (field[prefix.Length..dot], field[(dot + 1)..])
            : null;
    }
}
