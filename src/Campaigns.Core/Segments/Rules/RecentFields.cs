using System.Globalization;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;

namespace Campaigns.Core.Segments.Rules;

/// <summary>The open family "last_{N}_days.…": orders, spend, margin and messages of the last N days, up to and including the time that is asked for.</summary>
internal static class RecentFields
{
    public const string Prefix = "last_";
    private const string Middle = "_days.";

    public static IReadOnlyList<string> Suffixes { get; } =
        ["orders", "spend", "margin", .. ResponseFields.Steps.Select(s => "email." + s), .. ResponseFields.Steps.Where(s => s != "opened").Select(s => "sms." + s)];

    /// <summary>Days and what is asked of them, or null where the name is none of the family.</summary>
    public static (int Days, string Suffix)? Split(string name)
    {
        var middle = name.StartsWith(Prefix, StringComparison.Ordinal) ? name.IndexOf(Middle, StringComparison.Ordinal) : -1;
        return middle > 0
            && int.TryParse(name.AsSpan(Prefix.Length, middle - Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var days)
            && days is >= 1 and <= SchemeLimits.Days && name[Prefix.Length] != '0'
            && name[(middle + Middle.Length)..] is var suffix && Suffixes.Contains(suffix)
            ? (days, suffix)
            : null;
    }

    /// <summary>The field, or null where the name is none of the family.</summary>
    public static Field? Find(string name)
    {
        if (Split(name) is not var (days, suffix))
        {
            return null;
        }

        var orders = $"among the last {PurchaseHistory.RecentOrderLimit} orders";
        return suffix switch
        {
            "orders" => new Field(name, FieldType.Number, FieldUnit.Orders, FieldGroup.Behaviour, $"orders of the last {days} days, {orders}", (in f) => FieldValue.Of(Sum(f, days).Orders)),
            "spend" => new Field(name, FieldType.Number, FieldUnit.Money, FieldGroup.Value, $"net spend of the last {days} days, {orders}", (in f) => FieldValue.Of(ValueFields.Major(Sum(f, days).SpendMinor, f))),
            "margin" => new Field(name, FieldType.Number, FieldUnit.Money, FieldGroup.Value, $"margin of the last {days} days after discount, {orders}: by unit costs, and where lines have none by the margin shares in the settings; unknown without either", (in f) => FieldValue.Of(ValueFields.Major(MarginEstimate.Since(f, f.AsOf.AddDays(-days))?.MarginMinor, f))),
            _ => Messages(name, days, suffix),
        };
    }

    private static Field? Messages(string name, int days, string suffix)
    {
        var dot = suffix.IndexOf('.', StringComparison.Ordinal);
        var (channel, step) = (suffix[..dot] == "email" ? Channel.Email : Channel.Sms, suffix[(dot + 1)..]);
        return ResponseFields.CountWithin(days, channel, step) is { } read
            ? new Field(name, FieldType.Number, FieldUnit.Messages, FieldGroup.Responses, $"{(channel == Channel.Email ? "e-mails" : "text messages")} {step} within the last {days} days, among the last 32 messages", read)
            : null;
    }

    private static (int Orders, long SpendMinor) Sum(in CustomerFacts facts, int days)
    {
        var (orders, spend) = (0, 0L);
        if (facts.History is { } history)
        {
            var from = facts.AsOf.AddDays(-days);
            for (var i = history.RecentOrders.Length - 1; i >= 0 && history.RecentOrders[i].At > from; i--)
            {
                if (history.RecentOrders[i].At > facts.AsOf)
                {
                    continue; // Not yet, at the time that is asked for.
                }

                orders++;
                spend += history.RecentOrders[i].AmountMinor;
            }
        }

        return (orders, spend);
    }
}
