using System.Globalization;

namespace Campaigns.Core.Segments.Rules;

/// <summary>What fields are called for people. Rules and files keep the names.</summary>
public static class FieldNames
{
    /// <summary>Fields whose names in rules, read as words, would say nothing to who never saw the list of fields.</summary>
    private static readonly Dictionary<string, string> Own = new(StringComparer.Ordinal)
    {
        ["own_gap"] = "days between own orders",
        ["usual_gap"] = "usual gap between own orders",
        ["silence_ratio"] = "silence in usual gaps",
        ["order_days"] = "days with an order",
        ["spend"] = "total spend",
        ["rfm.recency"] = "recency score",
        ["rfm.frequency"] = "frequency score",
        ["rfm.monetary"] = "spend score",
        ["rfm.cell"] = "cell of the recency and frequency map",
        ["probability_active"] = "chance of still being a customer",
        ["order_probability"] = "chance of an order soon",
        ["expected_orders"] = "orders expected soon",
        ["expected_spend"] = "spend expected soon",
        ["risk_score"] = "risk of leaving",
        ["judged_lines"] = "order lines that can be judged by price",
        ["cheap_lines"] = "order lines bought cheap",
        ["discount_share"] = "share bought at a discount",
        ["discount_depth"] = "average discount",
        ["coupon_use"] = "share of coupons used",
        ["email.known"] = "e-mail address known",
        ["phone.known"] = "phone number known",
        ["email.consent"] = "consent to e-mail",
        ["sms.consent"] = "consent to SMS",
        ["email.contactable"] = "reachable by e-mail",
        ["sms.contactable"] = "reachable by SMS",
        ["email.suppressed"] = "on the do-not-contact list for e-mail",
        ["sms.suppressed"] = "on the do-not-contact list for SMS",
        ["email.days_since_sent"] = "days since the last e-mail",
        ["email.days_since_open"] = "days since an e-mail was opened",
        ["email.days_since_click"] = "days since a click in an e-mail",
        ["sms.days_since_sent"] = "days since the last SMS",
        ["sms.days_since_click"] = "days since a click in an SMS",
        ["days_since_click"] = "days since a click in any message",
        ["shop.gap_p80"] = "gap that four of five orders of the shop stay within",
        ["shop.gap_p95"] = "gap that nearly all orders of the shop stay within",
        ["shop.recent_days"] = "days that count as recent in the shop",
        ["shop.high_orders"] = "orders that count as many in the shop",
        ["shop.high_spend"] = "spend that counts as high in the shop",
        ["shop.discount_threshold"] = "discount share from which the shop's customers are price-sensitive",
        ["shop.discount_share"] = "discount share of the whole shop",
        ["shop.cheap_means"] = "what counts as cheap in the shop",
    };

    /// <summary>A field's name as words: "days since last order", "city", "lines of product A-1", "spend in the last 90 days".</summary>
    public static string Of(string field)
    {
        if (Own.TryGetValue(field, out var own))
        {
            return own;
        }

        if (FamilyName.Split(field, ProductFields.Prefix) is var (sku, asked))
        {
            return $"{Spaced(asked)} of product {sku}";
        }

        if (FamilyName.Split(field, EventFields.Prefix) is var (kind, part))
        {
            return $"{Spaced(part)} of event {kind}";
        }

        if (FamilyName.Split(field, CategoryFields.Prefix) is var (category, what))
        {
            return $"{Spaced(what)} in category {category}";
        }

        if (RecentFields.Split(field) is var (days, of))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{Recent(of)} in the last {days} days");
        }

        return Spaced(field.StartsWith(AttributeFields.Prefix, StringComparison.Ordinal) ? field[AttributeFields.Prefix.Length..] : field);
    }

    /// <summary>"email.clicked" → "e-mails clicked".</summary>
    private static string Recent(string asked) =>
        asked.Replace("email.", "e-mails ", StringComparison.Ordinal).Replace("sms.", "SMS ", StringComparison.Ordinal);

    private static string Spaced(string name) => name.Replace('_', ' ').Replace('.', ' ');
}
