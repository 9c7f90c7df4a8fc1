using Campaigns.Core.Offers;
using Microsoft.Extensions.Primitives;

namespace Campaigns.Functions.Console;

/// <summary>The offer's fields of a message variant in a campaign's form: their names and what they mean stand here alone.</summary>
internal static class OfferFields
{
    /// <summary>Writes an offer into the fields.</summary>
    public static void Add(Dictionary<string, StringValues> fields, string prefix, Offer offer, string currency, TimeZoneInfo zone)
    {
        string Amount(long minor) => minor > 0 ? CampaignForm.Major(minor, currency) : "";
        fields[prefix + "offerId"] = offer.Id;
        fields[prefix + "offerName"] = offer.Name;
        fields[prefix + "kind"] = offer.Kind.ToString();
        fields[prefix + "discount"] = offer.DiscountShare > 0 ? CampaignForm.Number(offer.DiscountShare * 100) : "";
        fields[prefix + "amount"] = Amount(offer.DiscountMinor);
        fields[prefix + "shipping"] = offer.FreeShipping ? "yes" : "";
        fields[prefix + "least"] = Amount(offer.LeastOrderMinor);
        fields[prefix + "hours"] = offer.ValidHours > 0 ? CampaignForm.Number(offer.ValidHours) : "";
        fields[prefix + "from"] = Show.Field(offer.ValidFrom, zone);
        fields[prefix + "until"] = Show.Field(offer.ValidUntil, zone);
        fields[prefix + "code"] = offer.Code ?? "";
        fields[prefix + "pool"] = offer.CodePool ?? "";
        fields[prefix + "benefit"] = Amount(offer.BenefitCostMinor);
        fields[prefix + "stock"] = offer.Stock is { } stock ? CampaignForm.Number(stock) : "";
        fields[prefix + "bundle"] = string.Join(", ", offer.BundleSkus);
        fields[prefix + "rule"] = offer.EligibilityRule ?? "";
    }

    /// <summary>The offer that the fields describe.</summary>
    /// <param name="value">The text of a field.</param>
    /// <param name="prefix">Begins the fields' names.</param>
    /// <param name="path">The offer's path in problems.</param>
    /// <param name="fallbackId">Its id where none is in the form yet.</param>
    /// <param name="reading">Notes what is no number or date.</param>
    public static Offer Read(Func<string, string> value, string prefix, string path, string fallbackId, FormReading reading) => new()
    {
        Id = value(prefix + "offerId") is { Length: > 0 } id ? id : fallbackId,
        Name = value(prefix + "offerName").Trim(),
        Kind = Enum.TryParse<OfferKind>(value(prefix + "kind"), out var kind) ? kind : default,
        DiscountShare = (double)(reading.Decimal(prefix + "discount", path + ".discountShare", "Discount") ?? 0) / 100,
        DiscountMinor = reading.Minor(prefix + "amount", path + ".discountMinor", "Amount off") ?? 0,
        FreeShipping = value(prefix + "shipping").Length > 0,
        LeastOrderMinor = reading.Minor(prefix + "least", path + ".leastOrderMinor", "Least order value") ?? 0,
        ValidHours = reading.Int(prefix + "hours", path + ".validHours", "Hours that the offer holds") ?? 0,
        ValidFrom = reading.Time(prefix + "from", path + ".validFrom", "Holds from"),
        ValidUntil = reading.Time(prefix + "until", path + ".validUntil", "Ends for everybody"),
        Code = Text(value(prefix + "code")),
        CodePool = Text(value(prefix + "pool")),
        BenefitCostMinor = reading.Minor(prefix + "benefit", path + ".benefitCostMinor", "Cost of the benefit") ?? 0,
        Stock = reading.Int(prefix + "stock", path + ".stock", "Stock"),
        BundleSkus = value(prefix + "bundle").Split([',', ';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        EligibilityRule = Text(value(prefix + "rule")),
    };

    private static string? Text(string text) => text.Trim() is { Length: > 0 } trimmed ? trimmed : null;
}
