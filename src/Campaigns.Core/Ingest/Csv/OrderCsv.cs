using Campaigns.Core.Primitives;

namespace Campaigns.Core.Ingest.Csv;

/// <summary>
/// Orders by CSV whose rows stand for themselves: our own (<c>order_id, customer_id, ordered_at</c> and either <c>total</c> or
/// <c>sku, quantity, unit_price</c>, with optional columns; <c>total</c> beside <c>sku</c> is what was paid for the line), any other
/// whose columns are mapped to these, and the Online Retail export (<c>InvoiceNo, StockCode, Description, Quantity, InvoiceDate,
/// UnitPrice, CustomerID, Country</c>; pounds, London time, invoices that begin with C take back).
/// </summary>
internal sealed class OrderCsv : IOrderReader
{
    private readonly CsvTable table;
    private readonly OrderColumns columns;
    private readonly OrderCells cells;
    private readonly OrderRecord record;

    public OrderCsv(CsvTable table, ReadingContext context, ColumnMap map, bool retail)
    {
        this.table = table;
        columns = retail ? OrderColumns.OnlineRetail(table, map) : OrderColumns.Own(table, map);
        var formats = context.DateFormat is null && retail ? ["M/d/yyyy H:mm"] : context.DateFormats;
        var zone = retail ? TimeZoneInfo.FindSystemTimeZoneById("Europe/London") : context.Zone;
        cells = new OrderCells(table, context, columns, new Dates(zone, formats));
        record = cells.Record;
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public long? TimeOfRow() => cells.Time();

    /// <inheritdoc/>
    public (string CustomerId, string? Country) CustomerOfRow() =>
        (cells.ReadCustomer() is null ? cells.CustomerOrAddress() : "", cells.Pool.Get(cells[columns.Country]));

    /// <inheritdoc/>
    public string? CurrencyOfRow() => cells.Currency();

    /// <summary>Fills the record from the row; the reason where it cannot be imported.</summary>
    private string? Fill() =>
        table.Fields > table.Width
            ? "more fields than columns"
            : cells.ReadOrderId() ?? cells.ReadCustomer() ?? cells.ReadTime() ?? cells.ReadText() ?? (columns.Total >= 0 ? FillTotal() : FillLine());

    private string? FillTotal()
    {
        if (cells.ReadSku(columns.Sku, out var product) is { } reason)
        {
            return reason;
        }

        if (!cells.TryAmountE4(columns.Total, out var amount))
        {
            return "total is not an amount";
        }

        if (!cells.TryDiscount(amount < 0, out var off))
        {
            return "discount_amount is not an amount of 0 or more";
        }

        // The total is what was paid: the price before discount is that and the discount.
        var whole = Math.Abs(amount) + (off * Money.UnitPriceScale);
        record.Group = columns.Sku >= 0 ? 0 : table.Line;
        record.Line = new OrderLine(product, amount < 0 ? -1 : 1, whole, amount < 0 ? -off : off, null, cells.Pool.Get(cells[columns.Category]));
        if (columns.Sku >= 0 && whole > 0 && cells.ReadQuantity(out var units) is null)
        {
            // Totals of lines whose units are known; where they are not (0, empty), the line is one unit.
            record.Line = UnitsOf(record.Line, Math.Abs(units));
        }

        return null;
    }

    private string? FillLine()
    {
        var units = 0L;
        if ((cells.ReadSku(columns.Sku, out var product) ?? cells.ReadQuantity(out units)) is { } reason)
        {
            return reason;
        }

        if (!cells.TryAmountE4(columns.UnitPrice, out var unitPrice) || unitPrice < 0)
        {
            return "the unit price is not an amount of 0 or more";
        }

        if (!cells.TryDiscount(units < 0, out var off))
        {
            return "discount_amount is not an amount of 0 or more";
        }

        long? unitCost = null;
        if (columns.UnitCost >= 0 && !cells[columns.UnitCost].IsEmpty)
        {
            if (!cells.TryAmountE4(columns.UnitCost, out var read) || read < 0)
            {
                return "unit_cost is not an amount of 0 or more";
            }

            unitCost = read;
        }

        record.Group = 0;
        record.Line = LineOf(product, units, unitPrice, units < 0 ? -off : off, unitCost, cells.Pool.Get(cells[columns.Category]));
        return null;
    }

    /// <summary>The line in units where they divide its price without a rest that matters; else one unit at the whole price, as fractional quantities are kept.</summary>
    private static OrderLine UnitsOf(OrderLine line, long unitsE4)
    {
        if (unitsE4 % Money.UnitPriceScale != 0)
        {
            return line;
        }

        var units = unitsE4 / Money.UnitPriceScale;
        var price = line.UnitPriceMinorE4 / units;
        return Money.LineMinor(units, price) == Money.LineMinor(1, line.UnitPriceMinorE4)
            ? line with { Quantity = (int)(line.Quantity * units), UnitPriceMinorE4 = price }
            : line;
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
}
