using Campaigns.Core.Profiles;

namespace Campaigns.Core.Segments.Rules;

/// <summary>Categories bought from, in all; and the open family "category.{name}.…" for one. Only the last 32 categories of a customer are kept.</summary>
internal static class CategoryFields
{
    public const string Prefix = "category.";

    public static IReadOnlyList<string> Suffixes { get; } = ["bought", "orders", "units", "spend", "share", "days_since"];

    public static IReadOnlyList<Field> All { get; } =
    [
        Number("categories", FieldUnit.None, $"categories bought from, among the last {PurchaseHistory.CategoryLimit}; 0 where products have none", (in f) => FieldValue.Of(f.History?.Categories.Length ?? 0)),
        new("favourite_category", FieldType.Text, FieldUnit.None, FieldGroup.Products, "category with most orders of the customer, then most spend, then the first by name; unknown where products have none", (in f) => FieldValue.Of(Favourite(f.History)?.Name)),
        new("last_category", FieldType.Text, FieldUnit.None, FieldGroup.Products, "category bought from last, of several the last by name; unknown where products have none", (in f) => FieldValue.Of(f.History?.Categories is [.., var last] ? last.Name : null)),
    ];

    /// <summary>The field, or null where the name is none of the family.</summary>
    public static Field? Find(string name)
    {
        if (FamilyName.Split(name, Prefix) is not var (category, suffix))
        {
            return null;
        }

        return suffix switch
        {
            "bought" => new Field(name, FieldType.YesNo, FieldUnit.None, FieldGroup.Products, $"bought from category {category}, among the last {PurchaseHistory.CategoryLimit}", (in f) => FieldValue.Of(In(f, category) is not null)),
            "orders" => Number(name, FieldUnit.Orders, $"orders with a product of category {category}; 0 without", (in f) => FieldValue.Of(In(f, category)?.Orders ?? 0)),
            "units" => Number(name, FieldUnit.Units, $"units of category {category}; 0 without", (in f) => FieldValue.Of(In(f, category)?.Units ?? 0)),
            "spend" => Number(name, FieldUnit.Money, $"net spend in category {category}; 0 without", (in f) => FieldValue.Of(ValueFields.Major(In(f, category)?.SpendMinor ?? 0, f))),
            "share" => Number(name, FieldUnit.Share, $"spend in category {category} over all net spend, of all time; unknown where nothing was spent", (in f) => FieldValue.Of(Share(f, category))),
            "days_since" => Number(name, FieldUnit.Days, $"days since category {category} was last bought from; unknown without", (in f) => FieldValue.Of(BehaviourFields.Since(In(f, category)?.LastAt, f.AsOf))),
            _ => null,
        };
    }

    private static double Share(in CustomerFacts facts, string category) =>
        facts.History is { SpendMinor: > 0 } history ? Math.Clamp((double)(In(facts, category)?.SpendMinor ?? 0) / history.SpendMinor, 0, 1) : double.NaN;

    private static CategoryHistory? Favourite(PurchaseHistory? history)
    {
        CategoryHistory? best = null;
        foreach (ref readonly var category in (history?.Categories ?? []).AsSpan())
        {
            best = best is { } b && Compare(b, category) >= 0 ? best : category;
        }

        return best;
    }

    private static int Compare(in CategoryHistory a, in CategoryHistory b) =>
        a.Orders != b.Orders ? a.Orders.CompareTo(b.Orders)
        : a.SpendMinor != b.SpendMinor ? a.SpendMinor.CompareTo(b.SpendMinor)
        : string.CompareOrdinal(b.Name, a.Name);

    private static CategoryHistory? In(in CustomerFacts facts, string name)
    {
        foreach (ref readonly var category in (facts.History?.Categories ?? []).AsSpan())
        {
            if (string.Equals(category.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return category;
            }
        }

        return null;
    }

    private static Field Number(string name, FieldUnit unit, string meaning, FieldReader read) => new(name, FieldType.Number, unit, FieldGroup.Products, meaning, read);
}
