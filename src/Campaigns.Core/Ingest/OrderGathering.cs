namespace Campaigns.Core.Ingest;

/// <summary>Gathers the records of one customer, sorted by order id with the source's order among equals, into orders.</summary>
internal sealed class OrderGathering
{
    private readonly List<OrderLine> lines = [];
    private string orderId = "";
    private string kind = "";
    private string? coupon;
    private string? country;
    private long atTicks;
    private long revisedTicks;
    private long group;

    /// <summary>Takes a record; the order before it, where it is now complete.</summary>
    public OrderRow? Take(OrderRecord record, in OrderGatheringMarks marks)
    {
        OrderRow? complete = null;
        if (lines.Count == 0 || !string.Equals(orderId, record.OrderId, StringComparison.Ordinal))
        {
            complete = Complete(marks);
            Begin(record);
        }
        else if (record.Group != group)
        {
            // Two whole orders with one id: the newer stands; of equal ones the later in the source.
            if (record.RevisedTicks < revisedTicks)
            {
                return null;
            }

            Begin(record);
        }

        if (lines.Count == ImportLimits.LinesPerOrder)
        {
            throw new Jobs.JobFailedException($"Order {record.OrderId} has more than {ImportLimits.LinesPerOrder:N0} lines: give its parts ids of their own.");
        }

        // Lines of one order may differ by minutes (real exports do): it was placed with the first.
        atTicks = Math.Min(atTicks, record.AtTicks);
        revisedTicks = Math.Max(revisedTicks, record.RevisedTicks);
        coupon ??= record.CouponCode;
        country ??= record.Country;
        lines.Add(record.Line);
        return complete;
    }

    /// <summary>The last order, or null where there was none. The next record begins anew.</summary>
    public OrderRow? Complete(in OrderGatheringMarks marks)
    {
        if (lines.Count == 0)
        {
            return null;
        }

        var order = new OrderRow
        {
            OrderId = orderId,
            CustomerId = marks.CustomerId,
            OrderedAt = new DateTimeOffset(atTicks, TimeSpan.Zero),
            RevisedAt = revisedTicks == 0 ? marks.ImportedAt : new DateTimeOffset(revisedTicks, TimeSpan.Zero),
            Event = kind,
            Lines = [.. lines],
            CouponCode = coupon,
            Country = country,
            WrittenBy = marks.WrittenBy,
        };
        lines.Clear();
        return order;
    }

    private void Begin(OrderRecord record)
    {
        lines.Clear();
        (orderId, kind, group) = (record.OrderId, record.Event, record.Group);
        (coupon, country, atTicks, revisedTicks) = (null, null, long.MaxValue, 0);
    }
}

/// <summary>What orders carry besides what their records say.</summary>
internal readonly record struct OrderGatheringMarks(string CustomerId, DateTimeOffset ImportedAt, uint WrittenBy);
