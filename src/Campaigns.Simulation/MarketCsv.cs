using System.Globalization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;

namespace Campaigns.Simulation;

/// <summary>Writes a market's orders and customers as the CSV files that the importer reads (RFC 4180, UTF-8, LF).</summary>
public static class MarketCsv
{
    /// <summary>Columns of an orders file: one row per line of an order.</summary>
    public const string OrdersHeader =
        "order_id,customer_id,ordered_at,sku,quantity,unit_price,discount_amount,coupon_code,category,country,product_name,unit_cost";

    /// <summary>Columns of a customers file.</summary>
    public const string CustomersHeader =
        "customer_id,email,phone,first_name,consent_email,consent_sms,consent_source,consent_at,language,time_zone,country";

    /// <summary>Writes the header and the orders; returns the rows written without the header.</summary>
    public static long WriteOrders(TextWriter writer, Market market, IEnumerable<OrderRow> orders)
    {
        var rows = 0L;
        writer.Write(OrdersHeader);
        writer.Write('\n');
        foreach (var order in orders)
        {
            foreach (var line in order.Lines)
            {
                WriteLine(writer, market, order, line);
                rows++;
            }
        }

        return rows;
    }

    /// <summary>Writes the header and the customers; returns the rows written without the header.</summary>
    public static long WriteCustomers(TextWriter writer, IEnumerable<MadeUpContact> contacts)
    {
        var rows = 0L;
        writer.Write(CustomersHeader);
        writer.Write('\n');
        foreach (var contact in contacts)
        {
            var said = contact.EmailConsent.Source is not null ? contact.EmailConsent : contact.SmsConsent;
            WriteRow(
                writer, contact.CustomerId, contact.Email, contact.Phone, contact.FirstName, YesNo(contact.EmailConsent), YesNo(contact.SmsConsent),
                said.Source, said.At is { } at ? Instant(at) : null, contact.Language, contact.TimeZone, contact.Country);
            rows++;
        }

        return rows;
    }

    private static void WriteLine(TextWriter writer, Market market, OrderRow order, in OrderLine line)
    {
        Write(writer, order.OrderId);
        Next(writer, order.CustomerId);
        Next(writer, Instant(order.OrderedAt));
        Next(writer, line.Sku);
        Next(writer, line.Quantity.ToString(CultureInfo.InvariantCulture));
        Next(writer, Major(line.UnitPriceMinorE4 / Money.UnitPriceScale));
        Next(writer, Major(line.DiscountMinor));
        Next(writer, order.CouponCode);
        Next(writer, line.Category);
        Next(writer, order.Country);
        Next(writer, market.ProductOf(line.Sku)?.Name);
        Next(writer, line.UnitCostMinorE4 is { } cost ? Major(cost / Money.UnitPriceScale) : null);
        writer.Write('\n');
    }

    private static void WriteRow(TextWriter writer, params ReadOnlySpan<string?> fields)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            if (i > 0)
            {
                writer.Write(',');
            }

            Write(writer, fields[i]);
        }

        writer.Write('\n');
    }

    private static void Next(TextWriter writer, string? field)
    {
        writer.Write(',');
        Write(writer, field);
    }

    private static void Write(TextWriter writer, string? field)
    {
        if (field is null)
        {
            return;
        }

        var plain = field.AsSpan().IndexOfAny(",\"\r\n") < 0;
        writer.Write(plain ? field : "\"" + field.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"");
    }

    private static string? YesNo(Consent consent) => consent.Given switch { true => "yes", false => "no", null => null };

    private static string Instant(DateTimeOffset at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Major(long minor)
    {
        var sign = minor < 0 ? "-" : "";
        var (major, rest) = Math.DivRem(Math.Abs(minor), 100);
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{major}.{rest:00}");
    }
}
