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

    /// <summary>The addresses that it names, repeats among them.</summary>
    public IEnumerable<(string Address, Channel Channel)> Addresses()
    {
        foreach (var (email, phone) in Records.Select(r => (r.Email, r.Phone)).Append((OrderEmail, OrderPhone)))
        {
            if (email is not null)
            {
                yield return (email, Channel.Email);
            }

            if (phone is not null)
            {
                yield return (phone, Channel.Sms);
            }
        }
    }

    /// <summary>What it says of addresses that must not be contacted, and since when.</summary>
    public IEnumerable<(Channel Channel, string Address, string Reason, DateTimeOffset At)> Suppressions(DateTimeOffset importedAt)
    {
        foreach (var record in Records)
        {
            var at = record.ConsentAt ?? (record.RevisedAt == default ? importedAt : record.RevisedAt);
            if (record is { EmailSuppression: { } byEmail, Email: { } email })
            {
                yield return (Channel.Email, email, byEmail, at);
            }

            if (record is { SmsSuppression: { } bySms, Phone: { } phone })
            {
                yield return (Channel.Sms, phone, bySms, at);
            }
        }
    }
}

/// <summary>Groups a bucket's sorted entries into customers and orders.</summary>
internal sealed class ContentReader(SpillMerge merge, DateTimeOffset importedAt, uint mark)
{
    private readonly TextPool pool = new();
    private readonly OrderRecord record = new();
    private readonly OrderGathering gathering = new();
    private readonly byte[] hash = new byte[CustomerKey.HashLength];
    private bool started;
    private bool more;

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
        do
        {
            Take(content);
            Entries++;
            more = await merge.NextAsync(cancellation);
        }
        while (more && merge.Entry[..CustomerKey.HashLength].SequenceEqual(hash));

        if (gathering.Complete(Marks(content)) is { } last)
        {
            content.Orders.Add(last);
        }

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
        if (gathering.Take(record, Marks(content)) is { } complete)
        {
            content.Orders.Add(complete);
        }
    }

    private OrderGatheringMarks Marks(CustomerContent content) => new(content.CustomerId, importedAt, mark);

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
