using System.Globalization;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Ingest.Csv;

/// <summary>
/// What all formats read alike: the cells of the present row into one record that is filled again and again. Each reading
/// gives null, or the reason why the row cannot be imported.
/// </summary>
internal sealed class OrderCells(CsvTable table, ReadingContext context, OrderColumns columns, Dates dates)
{
    /// <summary>Reason of rows without a customer.</summary>
    public const string GuestSale = "no customer on the row (guest sale)";

    /// <summary>The record.</summary>
    public OrderRecord Record { get; } = new();

    /// <summary>Texts that come again and again.</summary>
    public TextPool Pool { get; } = new();

    /// <summary>Where the fields are.</summary>
    public OrderColumns Columns => columns;

    /// <summary>The cell without the apostrophe that guards it. One at a time: quoted cells are unescaped in a buffer that they share.</summary>
    public ReadOnlySpan<char> this[int column]
    {
        get
        {
            var cell = table[column];
            return columns.Apostrophes && cell.Length > 0 && cell[0] == '\'' ? cell[1..].Trim() : cell;
        }
    }

    /// <summary>Id of the order.</summary>
    public string? ReadOrderId()
    {
        var id = this[columns.OrderId];
        if (!id.IsEmpty && id.SequenceEqual(Record.OrderId))
        {
            return null;
        }

        if (Ids.OrderProblem(id) is { } problem)
        {
            return problem;
        }

        Record.OrderId = id.ToString();
        return null;
    }

    /// <summary>Id and addresses of the customer.</summary>
    public string? ReadCustomer()
    {
        var id = this[columns.CustomerId];
        id = columns.FloatingIds && id.EndsWith(".0") ? id[..^2] : columns.ZeroIsGuest && id is "0" ? default : id;
        if (!id.SequenceEqual(Record.CustomerId))
        {
            if (Ids.CustomerProblem(id) is { } problem)
            {
                return problem;
            }

            Record.CustomerId = id.ToString();
        }

        (Record.Email, Record.Phone) = (null, null);
        if (columns.Email >= 0 && this[columns.Email] is { IsEmpty: false } mailbox)
        {
            Record.Email = Addresses.Email(mailbox);
            if (Record.Email is null && Record.CustomerId.Length == 0)
            {
                return "the e-mail address is not valid";
            }
        }

        if (columns.Phone >= 0 && this[columns.Phone] is { IsEmpty: false } number)
        {
            Record.Phone = Addresses.Phone(number.ToString(), context.PhoneCountry);
            if (Record.Phone is null && Record.Email is null && Record.CustomerId.Length == 0)
            {
                return "the phone number is not valid";
            }
        }

        return Record.CustomerId.Length == 0 && Record.Email is null && Record.Phone is null ? GuestSale : null;
    }

    /// <summary>Time of the row in UTC ticks, or null.</summary>
    public long? Time() => dates.TryParse(this[columns.OrderedAt], out var ticks) ? ticks : null;

    /// <summary>When the order was placed, and when the row was made.</summary>
    public string? ReadTime()
    {
        if (Time() is not { } ticks)
        {
            return "the date is not one that we can read (ISO 8601, or give the date format)";
        }

        Record.AtTicks = ticks;
        if (context.IsFuture(ticks))
        {
            return "the date lies in the future";
        }

        if (new DateTime(ticks).Year < ImportLimits.FirstYear)
        {
            return "the date is before 1990";
        }

        Record.RevisedTicks = 0;
        return columns.UpdatedAt < 0 || this[columns.UpdatedAt] is not { IsEmpty: false } updated ? null
            : !dates.TryParse(updated, out Record.RevisedTicks) ? "updated_at is not a date that we can read"
            : context.IsFuture(Record.RevisedTicks) ? "updated_at lies in the future" : null;
    }

    /// <summary>Currency that the row names, in capitals, or null.</summary>
    public string? Currency() =>
        columns.FixedCurrency ?? (this[columns.Currency] is { IsEmpty: false } given ? Pool.Get(given)!.ToUpperInvariant() : null);

    /// <summary>Currency, coupon code, country, event and the product's name.</summary>
    public string? ReadText()
    {
        var given = columns.FixedCurrency ?? this[columns.Currency];
        if (!given.IsEmpty && !given.Equals(context.Currency, StringComparison.OrdinalIgnoreCase))
        {
            return string.Create(CultureInfo.InvariantCulture, $"currency {(given.Length > 3 ? given[..3] : given)} is not {context.Whose} {context.Currency}");
        }

        if (!TryText(columns.CouponCode, out Record.CouponCode) || !TryText(columns.Country, out Record.Country) || !TryText(columns.Event, out var named))
        {
            return "coupon code, event or country too long";
        }

        Record.Event = named ?? OrderRow.OrderEvent;
        ReadProductName();
        return null;
    }

    /// <summary>The product's name, cut where it is too long.</summary>
    public void ReadProductName()
    {
        var description = this[columns.ProductName];
        Record.ProductName = Pool.Get(description.Length > ImportLimits.TextLength ? description[..ImportLimits.TextLength] : description);
    }

    /// <summary>Product id.</summary>
    public string? ReadSku(int column, out string sku)
    {
        var field = this[column];
        sku = field.Length > ImportLimits.SkuLength ? "" : Pool.Get(field) ?? "";
        return field.Length > ImportLimits.SkuLength ? "product id too long" : null;
    }

    /// <summary>Quantity × 10⁴, other than 0.</summary>
    public string? ReadQuantity(out long unitsE4) =>
        !Amounts.TryParseE4(this[columns.Quantity], table.DecimalComma, out unitsE4) || unitsE4 == 0
        || Math.Abs(unitsE4) > (long)ImportLimits.Quantity * Money.UnitPriceScale
            ? "the quantity is not a number other than 0"
            : null;

    /// <summary>An amount in minor units × 10⁴ of either sign, within limits.</summary>
    public bool TryAmountE4(int column, out long amount) =>
        Amounts.TryParseMinorE4(this[column], table.DecimalComma, context.Currency, out amount) && OrderCsv.InRange(amount);

    /// <summary>An amount in minor units, ≥ 0; 0 where the cell is empty or missing, false where it is no such amount.</summary>
    public bool TryOptional(int column, out long minor)
    {
        minor = 0;
        return this[column] is not { IsEmpty: false } text
            || (Amounts.TryParseMinor(text, table.DecimalComma, context.Currency, out minor) && minor is >= 0 and <= ImportLimits.PriceMinor);
    }

    /// <summary>The discount's size. Where goods come back, shops write what is taken back with either sign.</summary>
    public bool TryDiscount(bool refund, out long minor)
    {
        minor = 0;
        foreach (var column in columns.Discounts)
        {
            if (this[column] is { IsEmpty: false } text)
            {
                if (!Amounts.TryParseMinor(text, table.DecimalComma, context.Currency, out var one) || !Amounts.TryDiscountSize(refund, ref one))
                {
                    return false;
                }

                minor += one;
            }
        }

        return true;
    }

    /// <summary>The customer's id, made from the address where there is no other; "" where there is neither.</summary>
    public string CustomerOrAddress() => Record.CustomerId.Length > 0 ? Record.CustomerId : Addresses.Id(Record.Email, Record.Phone) ?? "";

    private bool TryText(int column, out string? text)
    {
        var field = this[column];
        text = field.Length > ImportLimits.TextLength ? null : Pool.Get(field);
        return field.Length <= ImportLimits.TextLength;
    }
}
