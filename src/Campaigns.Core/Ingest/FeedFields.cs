using Campaigns.Core.Primitives;

namespace Campaigns.Core.Ingest;

/// <summary>A product of a feed from fields by name, whether CSV columns or JSON properties: the same rules for both.</summary>
internal sealed class FeedFields(ReadingContext context, bool decimalComma)
{
    /// <summary>Characters of an address: browsers and mail programs pass addresses of about this length.</summary>
    private const int LinkLength = 2_000;

    /// <summary>Units in stock; more is a mistyped number.</summary>
    private const long MostStock = 1_000_000_000;

    /// <summary>The fields, and what shop systems' feeds for search engines call them.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Names = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["sku"] = ["sku", "id"],
        ["name"] = ["name", "title", "product_name"],
        ["link"] = ["link", "url"],
        ["image"] = ["image", "image_link", "image_url"],
        ["price"] = ["price"],
        ["stock"] = ["stock", "quantity", "availability"],
        ["lowest_30_day_price"] = ["lowest_30_day_price", "lowest30DayPrice", "lowest_price_30_days"],
        ["unit_cost"] = ["unit_cost", "cost", "cost_of_goods_sold"],
        ["category"] = ["category", "product_type"],
    };

    /// <summary>The product, or the reason why the row is none. <paramref name="field"/> gives "" for what is not said.</summary>
    public (ProductRow? Product, string? Reason) Read(Func<string, string> field)
    {
        var sku = field("sku");
        if (sku.Length is 0 or > ImportLimits.SkuLength)
        {
            return (null, sku.Length == 0 ? "no sku" : "product id too long");
        }

        if (!TryLink(field("link"), out var link) || !TryLink(field("image"), out var image))
        {
            return (null, "link or image is no http or https address");
        }

        if (!TryPrice(field("price"), out var price) || !TryPrice(field("lowest_30_day_price"), out var lowest) || !TryPrice(field("unit_cost"), out var cost))
        {
            return (null, $"price, lowest_30_day_price or unit_cost is not an amount of 0 or more in {context.Currency}");
        }

        if (!TryStock(field("stock"), out var stock))
        {
            return (null, "stock is not a number of 0 or more");
        }

        return (new ProductRow
        {
            Sku = sku,
            Name = Text(field("name")),
            Category = Text(field("category")),
            Link = link,
            Image = image,
            PriceMinor = Minor(price),
            Stock = stock,
            Lowest30DayPrice = Minor(lowest),
            UnitCostMinorE4 = cost,
            FedAt = context.Now,
        }, null);
    }

    private static string? Text(string text) => text.Length == 0 ? null : text[..Math.Min(text.Length, ImportLimits.TextLength)];

    private static long? Minor(long? priceE4) => (priceE4 + (Money.UnitPriceScale / 2)) / Money.UnitPriceScale;

    private static bool TryLink(string text, out string? link)
    {
        link = text.Length == 0 ? null : text;
        return link is null || (text.Length <= LinkLength && Uri.TryCreate(text, UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp));
    }

    /// <summary>"12.50", or with the currency before or after it.</summary>
    private bool TryPrice(string text, out long? priceE4)
    {
        priceE4 = null;
        var amount = text.AsSpan().Trim();
        if (amount.IsEmpty)
        {
            return true;
        }

        amount = amount.EndsWith(context.Currency, StringComparison.OrdinalIgnoreCase) ? amount[..^context.Currency.Length]
            : amount.StartsWith(context.Currency, StringComparison.OrdinalIgnoreCase) ? amount[context.Currency.Length..] : amount;
        if (!Amounts.TryParseMinorE4(amount, decimalComma, context.Currency, out var read) || read < 0 || !Csv.OrderCsv.InRange(read))
        {
            return false;
        }

        priceE4 = read;
        return true;
    }

    /// <summary>A number, or the words of availability: only what is not out of stock is recommended.</summary>
    private static bool TryStock(string text, out long? stock)
    {
        stock = null;
        switch (text.ToLowerInvariant().Replace('_', ' '))
        {
            case "" or "in stock" or "preorder" or "backorder":
                return true;
            case "out of stock":
                stock = 0;
                return true;
        }

        if (!Amounts.TryParseE4(text, false, out var units) || units > MostStock * Money.UnitPriceScale)
        {
            return false;
        }

        stock = Math.Max(0, units / Money.UnitPriceScale); // Shops oversell: below 0 there is nothing to sell.
        return true;
    }
}
