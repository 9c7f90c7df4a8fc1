using Campaigns.Core.Primitives;

namespace Campaigns.Core.Ingest.Csv;

/// <summary>
/// Exports of shop systems, where an order's rows stand together and only all of them say what was paid for each item:
/// discounts, refunds and cancellations are the order's. An order that was cancelled or refunded whole is read as its lines
/// and their return, so that nothing of it is left; one refunded in part has its lines' prices lowered in proportion.
/// Revenue is what was paid for the goods: shipping, fees and taxes added on top are no part of it.
/// </summary>
internal abstract class ExportCsv(CsvTable table, OrderCells cells) : IOrderReader
{
    private readonly List<ExportLine> lines = [];
    private long seenLine = -1;
    private long group;
    private string? refusal = "the first row of this order is missing";

    /// <summary>The table.</summary>
    protected CsvTable Table => table;

    /// <summary>The cells.</summary>
    protected OrderCells Cells => cells;

    /// <summary>The order's lines so far.</summary>
    protected List<ExportLine> Lines => lines;

    /// <summary>Of the order: nothing of it is left.</summary>
    protected bool Cancelled { get; set; }

    /// <summary>Of the order: money paid and money given back, minor units; the share kept is 1 − refunded ÷ paid.</summary>
    protected (long Paid, long Refunded) Payment { get; set; }

    /// <summary>Of the order: discount beyond that of its lines, minor units.</summary>
    protected long OrderDiscount { get; set; }

    /// <inheritdoc/>
    public async ValueTask ReadAsync(IRecordSink sink, CancellationToken cancellation)
    {
        while (await table.ReadAsync(cancellation))
        {
            sink.Row();
            if (StartsOrder())
            {
                await FlushAsync(sink);
                BeginOrder();
            }

            var reason = table.Fields > table.Width ? "more fields than columns" : refusal ?? ReadItem();
            if (reason is not null)
            {
                sink.Reject(table.Line, reason, table.Raw);
            }
        }

        await FlushAsync(sink);
    }

    /// <inheritdoc/>
    public long? TimeOfRow()
    {
        See();
        return cells.Record.AtTicks > 0 ? cells.Record.AtTicks : null;
    }

    /// <inheritdoc/>
    public (string CustomerId, string? Country) CustomerOfRow()
    {
        See();
        return (refusal is null ? cells.CustomerOrAddress() : "", cells.Record.Country);
    }

    /// <inheritdoc/>
    public string? CurrencyOfRow() => cells.Currency();

    /// <summary>Reads what only this format has of the order, from its first row.</summary>
    protected abstract string? ReadOrder();

    /// <summary>Reads the row's item into <see cref="Lines"/>.</summary>
    protected abstract string? ReadItem();

    /// <summary>What only all rows together say: called before an order's lines are passed on.</summary>
    protected virtual void EndOrder()
    {
    }

    private bool StartsOrder()
    {
        var id = cells[cells.Columns.OrderId];
        return !id.IsEmpty && !id.SequenceEqual(cells.Record.OrderId);
    }

    private void BeginOrder()
    {
        (Cancelled, Payment, OrderDiscount, group) = (false, default, 0, table.Line);
        cells.Record.AtTicks = 0;
        refusal = cells.ReadOrderId() ?? cells.ReadTime() ?? cells.ReadCustomer() ?? cells.ReadText() ?? ReadOrder();
    }

    /// <summary>Keeps the present order's cells in mind where somebody looks at rows one by one.</summary>
    private void See()
    {
        if (seenLine != table.Line)
        {
            seenLine = table.Line;
            if (StartsOrder())
            {
                BeginOrder();
            }
        }
    }

    private async ValueTask FlushAsync(IRecordSink sink)
    {
        if (lines.Count == 0)
        {
            return;
        }

        EndOrder();
        ShareDiscount();
        var record = cells.Record;
        record.Group = group;
        foreach (var line in lines)
        {
            record.ProductName = line.Name;
            record.Line = Kept(line);
            await sink.OrderAsync(record);
            var back = Cancelled ? record.Line.Quantity : Math.Min(line.RefundedUnits, record.Line.Quantity);
            if (back > 0)
            {
                record.Line = record.Line with
                {
                    Quantity = -back,
                    DiscountMinor = -(long)((Int128)record.Line.DiscountMinor * back / record.Line.Quantity),
                };
                await sink.OrderAsync(record);
            }
        }

        lines.Clear();
    }

    /// <summary>The order's discount over its lines in proportion to what they cost, exact in sum.</summary>
    private void ShareDiscount()
    {
        var whole = lines.Sum(l => Math.Max(0, l.PaidMinor));
        var discount = Math.Min(OrderDiscount, whole);
        var (passed, given) = (0L, 0L);
        for (var i = 0; i < lines.Count && discount > 0; i++)
        {
            passed += Math.Max(0, lines[i].PaidMinor);
            var share = (long)((((Int128)discount * passed) + (whole / 2)) / whole) - given;
            given += share;
            lines[i] = lines[i] with { DiscountMinor = lines[i].DiscountMinor + share };
        }
    }

    private OrderLine Kept(ExportLine line)
    {
        var (price, discount) = (line.PriceE4, line.DiscountMinor);
        if (!Cancelled && Payment is { Refunded: > 0, Paid: > 0 } && Payment.Refunded < Payment.Paid)
        {
            price = (long)((Int128)price * (Payment.Paid - Payment.Refunded) / Payment.Paid);
            discount = (long)((Int128)discount * (Payment.Paid - Payment.Refunded) / Payment.Paid);
        }

        return OrderCsv.LineOf(line.Sku, line.UnitsE4, price, discount, null, null);
    }
}

/// <summary>An item of an order in an export.</summary>
/// <param name="Sku">Product.</param>
/// <param name="Name">Its name, or null.</param>
/// <param name="UnitsE4">Quantity × 10⁴, &gt; 0.</param>
/// <param name="PriceE4">Unit price before discount, minor units × 10⁴.</param>
/// <param name="DiscountMinor">Discount on the line, minor units.</param>
/// <param name="RefundedUnits">Units that came back.</param>
internal readonly record struct ExportLine(string Sku, string? Name, long UnitsE4, long PriceE4, long DiscountMinor, int RefundedUnits = 0)
{
    /// <summary>Price before discount, minor units.</summary>
    public long ListMinor => Money.LineMinor(1, (long)((Int128)PriceE4 * UnitsE4 / Money.UnitPriceScale));

    /// <summary>What was paid for it before a discount of the whole order, minor units.</summary>
    public long PaidMinor => ListMinor - DiscountMinor;
}
