using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Ingest.Csv;

/// <summary>
/// Orders by CSV. Known shapes, told by their headers: our own (<c>order_id, customer_id, ordered_at</c> and either
/// <c>total</c> or <c>sku, quantity, unit_price</c>, with optional columns) and the Online Retail export
/// (<c>InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country</c>; pounds, London time,
/// invoices that begin with C take back).
/// </summary>
internal sealed class OrderCsv
{
    private const string GuestSale = "no customer on the row (guest sale)";

    private readonly CsvTable table;
    private readonly ReadingContext context;
    private readonly TextPool pool = new();
    private readonly OrderRecord record = new();
    private readonly Dates dates;
    private readonly bool retail;
    private readonly int orderId;
    private readonly int customer;
    private readonly int orderedAt;
    private readonly int total;
    private readonly int sku;
    private readonly int quantity;
    private readonly int price;
    private readonly int name;
    private readonly int country;
    private readonly int discount;
    private readonly int coupon;
    private readonly int currency;
    private readonly int category;
    private readonly int cost;
    private readonly int kind;
    private readonly int updatedAt;
    private readonly int email;
    private readonly int phone;

    public OrderCsv(CsvTable table, ReadingContext context)
    {
        (this.table, this.context) = (table, context);
        retail = IsOnlineRetail(table);
        const string Purpose = "a file of orders has order_id, customer_id (or email or phone), ordered_at, and total or sku, quantity and unit_price";
        email = table.Find("email");
        phone = table.Find("phone");
        orderId = table.Require(retail ? "InvoiceNo" : "order_id", Purpose);
        customer = retail ? table.Find("CustomerID") : email >= 0 || phone >= 0 ? table.Find("customer_id") : table.Require("customer_id", Purpose);
        orderedAt = table.Require(retail ? "InvoiceDate" : "ordered_at", Purpose);
        total = retail || table.Find("sku") >= 0 ? -1 : table.Require("total", Purpose);
        sku = retail ? table.Find("StockCode") : table.Find("sku");
        quantity = total >= 0 ? -1 : table.Require(retail ? "Quantity" : "quantity", Purpose);
        price = total >= 0 ? -1 : table.Require(retail ? "UnitPrice" : "unit_price", Purpose);
        name = table.Find(retail ? "Description" : "product_name");
        country = table.Find("country");
        (discount, coupon, currency) = (table.Find("discount_amount"), table.Find("coupon_code"), table.Find("currency"));
        (category, cost, kind, updatedAt) = (table.Find("category"), table.Find("unit_cost"), table.Find("event"), table.Find("updated_at"));
        string[] formats = retail
            ? ["M/d/yyyy H:mm"]
            : context.DateFormat is { } format ? [format] : [];
        dates = new Dates(retail ? TimeZoneInfo.FindSystemTimeZoneById("Europe/London") : context.Zone, formats);
    }

    /// <summary>The header is that of the Online Retail export.</summary>
    public static bool IsOnlineRetail(CsvTable table) =>
        table.Find("InvoiceNo") >= 0 && table.Find("StockCode") >= 0 && table.Find("CustomerID") >= 0;

    /// <summary>Reads all rows into the sink.</summary>
    public async ValueTask ReadAsync(IRecordSink sink, CancellationToken cancellation)
    {
        while (await table.ReadAsync(cancellation))
        {
            sink.Row();
            if (Fill() is { } reason)
            {
                sink.Reject(table.Line, reason, table.Raw);
            }
            else
            {
                await sink.OrderAsync(record);
            }
        }
    }

    /// <summary>Time (UTC ticks) of the present row, or null where it cannot be read.</summary>
    public long? TimeOfRow() => dates.TryParse(table[orderedAt], out var ticks) ? ticks : null;

    /// <summary>Customer id and country of the present row; the id is empty where the row has none that could be imported.</summary>
    public (string CustomerId, string? Country) CustomerOfRow() =>
        (FillCustomer() is null ? record.CustomerId : "", pool.Get(table[country]) is { Length: > 0 } named ? named : null);

    /// <summary>Fills the record from the row; the reason where it cannot be imported.</summary>
    private string? Fill()
    {
        if (table.Fields > table.Width)
        {
            return "more fields than columns";
        }

        var id = table[orderId];
        if (id.IsEmpty || id.Length > Storage.Tables.MaxOrderIdLength)
        {
            return id.IsEmpty ? "no order id" : "order id too long";
        }

        if (!id.SequenceEqual(record.OrderId))
        {
            record.OrderId = id.ToString();
        }

        return FillCustomer() ?? FillTime() ?? FillText() ?? (total >= 0 ? FillTotal() : FillLine());
    }

    private string? FillCustomer()
    {
        var id = table[customer];
        if (retail && id.EndsWith(".0"))
        {
            id = id[..^2]; // The export went through floating point: "17850.0".
        }

        if (id.Length > CustomerKey.MaxIdLength)
        {
            return "customer id too long";
        }

        if (!id.SequenceEqual(record.CustomerId))
        {
            record.CustomerId = id.ToString();
        }

        (record.Email, record.Phone) = (null, null);
        if (email >= 0 && table[email] is { IsEmpty: false } mailbox)
        {
            record.Email = Addresses.Email(mailbox);
            if (record.Email is null && record.CustomerId.Length == 0)
            {
                return "the e-mail address is not valid";
            }
        }

        if (phone >= 0 && table[phone] is { IsEmpty: false } number)
        {
            record.Phone = Addresses.Phone(number.ToString(), context.PhoneCountry);
            if (record.Phone is null && record.Email is null && record.CustomerId.Length == 0)
            {
                return "the phone number is not valid";
            }
        }

        return record.CustomerId.Length == 0 && record.Email is null && record.Phone is null ? GuestSale : null;
    }

    private string? FillTime()
    {
        if (!dates.TryParse(table[orderedAt], out record.AtTicks))
        {
            return "the date is not one that we can read (ISO 8601, or give the date format)";
        }

        if (record.AtTicks > (context.Now + ImportLimits.Future).UtcTicks)
        {
            return "the date lies in the future";
        }

        if (new DateTime(record.AtTicks).Year < ImportLimits.FirstYear)
        {
            return "the date is before 1990";
        }

        record.RevisedTicks = 0;
        return updatedAt >= 0 && table[updatedAt] is { IsEmpty: false } updated && !dates.TryParse(updated, out record.RevisedTicks)
            ? "updated_at is not a date that we can read"
            : null;
    }

    private string? FillText()
    {
        var given = retail ? "GBP" : table[currency];
        if (!given.IsEmpty && !given.Equals(context.Currency, StringComparison.OrdinalIgnoreCase))
        {
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"currency {(given.Length > 3 ? given[..3] : given)} is not the workspace's {context.Currency}");
        }

        // One field at a time: the reader unescapes quoted fields in a buffer that they share.
        if (!TryText(coupon, out record.CouponCode) || !TryText(country, out record.Country) || !TryText(kind, out var named))
        {
            return "coupon code, event or country too long";
        }

        record.Event = named ?? OrderRow.OrderEvent;
        var description = table[name];
        record.ProductName = pool.Get(description.Length > ImportLimits.TextLength ? description[..ImportLimits.TextLength] : description);
        return null;
    }

    private string? FillTotal()
    {
        var text = table[total];
        if (!Amounts.TryParseMinorE4(text, table.DecimalComma, context.Currency, out var amount) || !InRange(amount))
        {
            return "total is not an amount";
        }

        if (!TryDiscount(amount < 0, out var off))
        {
            return "discount_amount is not an amount of 0 or more";
        }

        // The total is what was paid: the price before discount is that and the discount.
        var whole = Math.Abs(amount) + (off * Money.UnitPriceScale);
        record.Group = table.Line;
        record.Line = new OrderLine("", amount < 0 ? -1 : 1, whole, amount < 0 ? -off : off, null, pool.Get(table[category]));
        return null;
    }

    private string? FillLine()
    {
        var field = table[sku];
        if (field.Length > ImportLimits.SkuLength)
        {
            return "product id too long";
        }

        var product = pool.Get(field) ?? "";

        if (!Amounts.TryParseE4(table[quantity], table.DecimalComma, out var units) || units == 0
            || Math.Abs(units) > (long)ImportLimits.Quantity * Money.UnitPriceScale)
        {
            return "the quantity is not a number other than 0";
        }

        if (!Amounts.TryParseMinorE4(table[price], table.DecimalComma, context.Currency, out var unitPrice) || unitPrice < 0 || !InRange(unitPrice))
        {
            return "the unit price is not an amount of 0 or more";
        }

        if (!TryDiscount(units < 0, out var off))
        {
            return "discount_amount is not an amount of 0 or more";
        }

        long? unitCost = null;
        if (cost >= 0 && table[cost] is { IsEmpty: false } text)
        {
            if (!Amounts.TryParseMinorE4(text, table.DecimalComma, context.Currency, out var read) || read < 0 || !InRange(read))
            {
                return "unit_cost is not an amount of 0 or more";
            }

            unitCost = read;
        }

        record.Group = 0;
        record.Line = LineOf(product, units, unitPrice, units < 0 ? -off : off, unitCost, pool.Get(table[category]));
        return null;
    }

    /// <summary>A line of a quantity × 10⁴: a fractional one becomes one unit at the line's price.</summary>
    internal static OrderLine LineOf(string sku, long unitsE4, long price, long discount, long? cost, string? category)
    {
        if (unitsE4 % Money.UnitPriceScale == 0)
        {
            return new OrderLine(sku, (int)(unitsE4 / Money.UnitPriceScale), price, discount, cost, category);
        }

        var size = Math.Abs(unitsE4);
        var whole = Math.Min((long)((Int128)price * size / Money.UnitPriceScale), ImportLimits.PriceMinor * Money.UnitPriceScale);
        var wholeCost = cost is { } c ? (long?)Math.Min((long)((Int128)c * size / Money.UnitPriceScale), ImportLimits.PriceMinor * Money.UnitPriceScale) : null;
        return new OrderLine(sku, unitsE4 < 0 ? -1 : 1, whole, discount, wholeCost, category);
    }

    internal static bool InRange(long priceE4) => Math.Abs(priceE4) <= ImportLimits.PriceMinor * Money.UnitPriceScale;

    private bool TryText(int column, out string? text)
    {
        var field = table[column];
        text = field.Length > ImportLimits.TextLength ? null : pool.Get(field);
        return field.Length <= ImportLimits.TextLength;
    }

    /// <summary>The discount's size. Where goods come back, shops write what is taken back with either sign.</summary>
    private bool TryDiscount(bool refund, out long minor)
    {
        minor = 0;
        return discount < 0 || table[discount] is not { IsEmpty: false } text
            || (Amounts.TryParseMinor(text, table.DecimalComma, context.Currency, out minor) && Amounts.TryDiscountSize(refund, ref minor));
    }
}
