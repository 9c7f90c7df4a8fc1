using System.Globalization;
using System.Text.Json;
using Campaigns.Core.Ingest.Csv;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using static Campaigns.Core.Ingest.Json.JsonFields;

namespace Campaigns.Core.Ingest.Json;

/// <summary>
/// Orders and customers by JSON: an array, or one object per line. An order has <c>order_id</c>, <c>customer_id</c> (or
/// <c>email</c> or <c>phone</c>), <c>ordered_at</c>, and <c>total</c> or <c>lines</c> (<c>sku, quantity, unit_price,
/// discount_amount, category, unit_cost, name</c>); customers have the properties that their CSV has as columns.
/// </summary>
internal sealed class JsonRecords(ReadingContext context)
{
    /// <summary>Characters kept of a record that is too large.</summary>
    private const int KeptOfRefused = 1000;

    private readonly OrderRecord record = new();
    private readonly CustomerFields customers = new(context);
    private readonly FeedFields products = new(context, decimalComma: false);
    private readonly Dates dates = new(context.Zone, context.DateFormats);

    /// <summary>Reads all into the sink. "Line" of an array's reject is the element's number.</summary>
    public async ValueTask ReadAsync(SourceText text, ImportSubject subject, IRecordSink sink, CancellationToken cancellation)
    {
        if (text.Start.Span.TrimStart(" \t\r\n"u8)[0] == '[')
        {
            await ReadArrayAsync(text, subject, sink, cancellation);
            return;
        }

        var number = 0L;
        while (await text.Reader.ReadLineAsync(cancellation) is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            sink.Row();
            JsonDocument document;
            try
            {
                document = JsonDocument.Parse(line);
            }
            catch (JsonException)
            {
                sink.Reject(number, "the line is not a JSON object", line);
                continue;
            }

            using (document)
            {
                await ReadOneAsync(document.RootElement, number, subject, sink);
            }
        }
    }

    private async ValueTask ReadArrayAsync(SourceText text, ImportSubject subject, IRecordSink sink, CancellationToken cancellation)
    {
        var number = 0L;
        try
        {
            // The reader has decoded the bytes; the parser wants bytes again.
            var bytes = new TextBytes(text.Reader);
            await foreach (var element in JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(bytes, JsonSerializerOptions.Default, cancellation))
            {
                sink.Row();
                await ReadOneAsync(element, ++number, subject, sink);
            }
        }
        catch (JsonException error)
        {
            throw new JobFailedException($"The JSON is broken after element {number} (line {(error.LineNumber ?? 0) + 1}): send an array of objects, or one object per line.");
        }
    }

    private async ValueTask ReadOneAsync(JsonElement element, long number, ImportSubject subject, IRecordSink sink)
    {
        try
        {
            if (Problem(element, subject) is { } problem)
            {
                sink.Reject(number, problem, element.GetRawText().AsSpan(0, Math.Min(element.GetRawText().Length, KeptOfRefused)));
                return;
            }

            await ReadObjectAsync(element, number, subject, sink);
        }
        catch (InvalidOperationException) when (!IsText(element))
        {
            sink.Reject(number, "a text in it is not valid Unicode", element.GetRawText());
        }
    }

    /// <summary>Half of a pair of surrogates, escaped: JSON allows it, and no text can hold it.</summary>
    private static bool IsText(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.String => element.GetString() is not null,
                JsonValueKind.Object => element.EnumerateObject().All(p => p.Name is not null && IsText(p.Value)),
                JsonValueKind.Array => element.EnumerateArray().All(IsText),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private async ValueTask ReadObjectAsync(JsonElement element, long number, ImportSubject subject, IRecordSink sink)
    {
        if (subject == ImportSubject.Customers)
        {
            var (customer, reason) = customers.Read(name => Text(element, name), element.EnumerateObject().Select(p => p.Name).Where(CustomerFields.IsConsentOfPurpose), Attributes(element));
            if (customer is null)
            {
                sink.Reject(number, reason!, element.GetRawText());
            }
            else
            {
                await sink.CustomerAsync(customer);
            }

            return;
        }

        if (subject == ImportSubject.Products)
        {
            var (product, reason) = products.Read(name => Array.Find(FeedFields.Names[name], n => Text(element, n).Length > 0) is { } named ? Text(element, named) : "");
            if (product is null)
            {
                sink.Reject(number, reason!, element.GetRawText());
            }
            else
            {
                await sink.ProductAsync(product);
            }

            return;
        }

        var lines = new List<(OrderLine Line, string? Name)>();
        if (Head(element, number) is { } headReason)
        {
            sink.Reject(number, headReason, element.GetRawText());
        }
        else if (Lines(element, lines) is { } lineReason)
        {
            sink.Reject(number, lineReason, element.GetRawText());
        }
        else
        {
            foreach (var (line, name) in lines)
            {
                (record.Line, record.ProductName) = (line, name);
                await sink.OrderAsync(record);
            }
        }
    }

    private string? Head(JsonElement order, long number)
    {
        record.OrderId = Text(order, "order_id");
        record.CustomerId = Text(order, "customer_id");
        if ((Ids.OrderProblem(record.OrderId) ?? Ids.CustomerProblem(record.CustomerId)) is { } id)
        {
            return id;
        }

        var (mail, phone) = (Text(order, "email"), Text(order, "phone"));
        record.Email = mail.Length == 0 ? null : Addresses.Email(mail);
        record.Phone = phone.Length == 0 ? null : Addresses.Phone(phone, context.PhoneCountry);
        if (record.CustomerId.Length == 0 && record.Email is null && record.Phone is null)
        {
            return mail.Length > 0 ? "the e-mail address is not valid" : phone.Length > 0 ? "the phone number is not valid" : "no customer on the row (guest sale)";
        }

        if (!dates.TryParse(Text(order, "ordered_at"), out record.AtTicks))
        {
            return "the date is not one that we can read (ISO 8601, or give the date format)";
        }

        if (context.IsFuture(record.AtTicks) || new DateTime(record.AtTicks).Year < ImportLimits.FirstYear)
        {
            return "the date lies in the future or before 1990";
        }

        record.RevisedTicks = 0;
        if (Text(order, "updated_at") is { Length: > 0 } updated && (!dates.TryParse(updated, out record.RevisedTicks) || context.IsFuture(record.RevisedTicks)))
        {
            return context.IsFuture(record.RevisedTicks) ? "updated_at lies in the future" : "updated_at is not a date that we can read";
        }

        var currency = Text(order, "currency");
        if (currency.Length > 0 && !currency.Equals(context.Currency, StringComparison.OrdinalIgnoreCase))
        {
            return $"currency {currency[..Math.Min(3, currency.Length)]} is not the workspace's {context.Currency}";
        }

        record.Group = number;
        record.CouponCode = Short(order, "coupon_code");
        record.Country = Short(order, "country");
        record.Event = Short(order, "event") ?? OrderRow.OrderEvent;
        return null;
    }

    private string? Lines(JsonElement order, List<(OrderLine Line, string? Name)> lines)
    {
        if (!order.TryGetProperty("lines", out var array) || array.ValueKind != JsonValueKind.Array)
        {
            if (Text(order, "total") is not { Length: > 0 } total)
            {
                if (!string.Equals(record.Event, OrderRow.OrderEvent, StringComparison.Ordinal))
                {
                    lines.Add((new OrderLine("", 1, 0), null)); // An event without a value, such as a visit.
                    return null;
                }

                return "neither total nor lines";
            }

            if (!Amounts.TryParseMinorE4(total, false, context.Currency, out var amount) || !OrderCsv.InRange(amount) || !TryDiscount(order, amount < 0, out var off))
            {
                return "total or discount_amount is not an amount";
            }

            lines.Add((new OrderLine("", amount < 0 ? -1 : 1, Math.Abs(amount) + (off * Money.UnitPriceScale), amount < 0 ? -off : off), null));
            return null;
        }

        if (array.GetArrayLength() is 0 or > ImportLimits.LinesPerOrder)
        {
            return $"an order has 1 to {ImportLimits.LinesPerOrder} lines";
        }

        foreach (var line in array.EnumerateArray())
        {
            if (line.ValueKind != JsonValueKind.Object || Line(line, lines) is { } reason)
            {
                return "a line's quantity, unit_price, discount_amount or unit_cost is not an amount, or its sku is too long";
            }
        }

        return null;
    }

    private string? Line(JsonElement line, List<(OrderLine Line, string? Name)> lines)
    {
        var sku = Text(line, "sku");
        var quantity = Text(line, "quantity");
        if (sku.Length > ImportLimits.SkuLength
            || !Amounts.TryParseE4(quantity.Length == 0 ? "1" : quantity, false, out var units) || units == 0
            || Math.Abs(units) > (long)ImportLimits.Quantity * Money.UnitPriceScale
            || !Amounts.TryParseMinorE4(Text(line, "unit_price"), false, context.Currency, out var price) || price < 0 || !OrderCsv.InRange(price)
            || !TryDiscount(line, units < 0, out var off))
        {
            return "bad";
        }

        long? cost = null;
        if (Text(line, "unit_cost") is { Length: > 0 } text)
        {
            if (!Amounts.TryParseMinorE4(text, false, context.Currency, out var read) || read < 0 || !OrderCsv.InRange(read))
            {
                return "bad";
            }

            cost = read;
        }

        lines.Add((OrderCsv.LineOf(sku, units, price, units < 0 ? -off : off, cost, Short(line, "category")), Short(line, "name")));
        return null;
    }

    private bool TryDiscount(JsonElement element, bool refund, out long minor)
    {
        minor = 0;
        return Text(element, "discount_amount") is not { Length: > 0 } text
            || (Amounts.TryParseMinor(text, false, context.Currency, out minor) && Amounts.TryDiscountSize(refund, ref minor));
    }
}
