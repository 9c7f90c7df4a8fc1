using Campaigns.Core.Ingest.Spill;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Ingest;

/// <summary>All that one import says of one customer.</summary>
internal sealed class CustomerContent
{
    public required CustomerKey Key { get; init; }

    public string CustomerId { get; set; } = "";

    /// <summary>The orders by id; made from all their lines in the order of the source.</summary>
    public List<OrderRow> Orders { get; } = [];

    /// <summary>What it says of the customer, in the order of the source.</summary>
    public List<CustomerRecord> Records { get; } = [];

    /// <summary>The last e-mail address on an order, or null.</summary>
    public string? OrderEmail { get; set; }

    /// <summary>The last phone number on an order, or null.</summary>
    public string? OrderPhone { get; set; }
}

/// <summary>Groups a bucket's sorted entries into customers and orders.</summary>
internal sealed class ContentReader(SpillMerge merge, DateTimeOffset importedAt, uint mark)
{
    private readonly TextPool pool = new();
    private readonly OrderRecord record = new();
    private readonly List<OrderLine> lines = [];
    private readonly byte[] hash = new byte[CustomerKey.HashLength];
    private bool started;
    private bool more;

    // The order being gathered.
    private string orderId = "";
    private string kind = "";
    private string? coupon;
    private string? country;
    private long atTicks;
    private long revisedTicks;
    private long group;

    /// <summary>Entries read.</summary>
    public long Entries { get; private set; }

    /// <summary>The next customer, or null at the end.</summary>
    public async ValueTask<CustomerContent?> NextAsync(CancellationToken cancellation)
    {
        if (!started)
        {
            started = true;
            more = await merge.NextAsync(cancellation);
        }

        if (!more)
        {
            return null;
        }

        merge.Entry[..CustomerKey.HashLength].CopyTo(hash);
        var content = new CustomerContent { Key = CustomerKey.OfHash(hash) };
        lines.Clear();
        orderId = "";
        do
        {
            Take(content);
            Entries++;
            more = await merge.NextAsync(cancellation);
        }
        while (more && merge.Entry[..CustomerKey.HashLength].SequenceEqual(hash));

        EndOrder(content);
        return content;
    }

    private void Take(CustomerContent content)
    {
        if (merge.Entry[SpillEntry.KindAt] == SpillEntry.Customer)
        {
            var customer = SpillEntry.ReadCustomer(merge.Entry);
            Check(content, customer.CustomerId);
            content.Records.Add(customer);
            return;
        }

        SpillEntry.ReadOrder(merge.Entry, record, pool);
        Check(content, record.CustomerId);
        content.OrderEmail = record.Email ?? content.OrderEmail;
        content.OrderPhone = record.Phone ?? content.OrderPhone;
        if (lines.Count == 0 || !string.Equals(orderId, record.OrderId, StringComparison.Ordinal))
        {
            EndOrder(content);
            BeginOrder();
        }
        else if (record.Group != group)
        {
            // Two whole orders with one id: the newer stands; of equal ones the later in the source.
            if (record.RevisedTicks < revisedTicks)
            {
                return;
            }

            BeginOrder();
        }

        if (lines.Count == ImportLimits.LinesPerOrder)
        {
            throw new JobFailedException($"Order {record.OrderId} has more than {ImportLimits.LinesPerOrder:N0} lines: give its parts ids of their own.");
        }

        // Lines of one order may differ by minutes (real exports do): it was placed with the first.
        atTicks = Math.Min(atTicks, record.AtTicks);
        revisedTicks = Math.Max(revisedTicks, record.RevisedTicks);
        coupon ??= record.CouponCode;
        country ??= record.Country;
        lines.Add(record.Line);
    }

    private void BeginOrder()
    {
        lines.Clear();
        (orderId, kind, group) = (record.OrderId, record.Event, record.Group);
        (coupon, country, atTicks, revisedTicks) = (null, null, long.MaxValue, 0);
    }

    private void EndOrder(CustomerContent content)
    {
        if (lines.Count == 0)
        {
            return;
        }

        content.Orders.Add(new OrderRow
        {
            OrderId = orderId,
            CustomerId = content.CustomerId,
            OrderedAt = new DateTimeOffset(atTicks, TimeSpan.Zero),
            RevisedAt = revisedTicks == 0 ? importedAt : new DateTimeOffset(revisedTicks, TimeSpan.Zero),
            Event = kind,
            Lines = [.. lines],
            CouponCode = coupon,
            Country = country,
            WrittenBy = mark,
        });
        lines.Clear();
    }

    private static void Check(CustomerContent content, string id)
    {
        if (content.CustomerId.Length == 0)
        {
            content.CustomerId = id;
        }
        else if (!string.Equals(content.CustomerId, id, StringComparison.Ordinal))
        {
            throw new InvalidDataException("Two customer ids have the same key: the chance of that is 2⁻¹²⁸, so the sorted records are damaged.");
        }
    }
}
