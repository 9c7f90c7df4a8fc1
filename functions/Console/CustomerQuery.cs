using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Decisions;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;

namespace Campaigns.Functions.Console;

/// <summary>Something in a customer's timeline. <paramref name="Kind"/>: "order", "send", "touch" or "segment"; <paramref name="Link"/> leads to more, or null.</summary>
public sealed record TimelineEntry(DateTimeOffset At, string Kind, string Text, string? Amount = null, string? Link = null);

/// <summary>One customer.</summary>
public sealed record CustomerModel
{
    /// <summary>Raw id.</summary>
    public required string Id { get; init; }

    /// <summary>Addresses and consent; null where only orders are known.</summary>
    public required CustomerRow? Customer { get; init; }

    /// <summary>Purchase history, or null without orders.</summary>
    public required PurchaseHistory? History { get; init; }

    /// <summary>Segments by the latest recompute, or null before one.</summary>
    public required MembershipRow? Membership { get; init; }

    /// <summary>Memberships, reasons and what was decided by hand: now, or at the time that was asked about.</summary>
    public required CustomerSegmentsView Segments { get; init; }

    /// <summary>Time that memberships are shown for; null for now.</summary>
    public required DateTimeOffset? At { get; init; }

    /// <summary>What the models say; all unknown before models are fitted.</summary>
    public required CustomerScores Scores { get; init; }

    /// <summary>What was fitted, or null.</summary>
    public required ShopModel? Models { get; init; }

    /// <summary>Recency, frequency, spend; null without orders or segments.</summary>
    public required RfmScore? Rfm { get; init; }

    /// <summary>Newest first, at most <see cref="CustomerQuery.TimelineLength"/>.</summary>
    public required IReadOnlyList<TimelineEntry> Timeline { get; init; }

    /// <summary>There is more than the timeline shows.</summary>
    public required bool More { get; init; }

    /// <summary>What sends decided about the customer and why, newest first.</summary>
    public IReadOnlyList<ExplainedDecision> Decisions { get; init; } = [];
}

/// <summary>Finds and reads single customers.</summary>
public sealed class CustomerQuery(IRowStore rows, Workspace workspace, SegmentReader segments, SchemeCatalog schemes, CustomerSegments memberships, AddressBook addresses, ProductNames names, RunDecisions decisions)
{
    /// <summary>Entries of the timeline shown.</summary>
    public const int TimelineLength = 100;

    /// <summary>Orders and sends read for it: nobody scrolls further.</summary>
    private const int ReadLimit = 1_000;

    /// <summary>Ids of the customers with this id, e-mail address or phone number.</summary>
    public async ValueTask<IReadOnlyList<string>> FindAsync(string query, CancellationToken cancellation)
    {
        var text = query.Trim();
        if (text.Length is 0 or > CustomerKey.MaxIdLength)
        {
            return [];
        }

        var settings = await workspace.SettingsAsync(cancellation);
        var found = new List<string>();
        if (await ReadAsync(text, null, cancellation) is not null)
        {
            found.Add(text);
        }

        if ((text.Contains('@', StringComparison.Ordinal) ? Addresses.Email(text) : Addresses.Phone(text, settings.Country)) is { } address)
        {
            found.AddRange((await addresses.FindAsync(address, cancellation)).Select(c => c.Value.CustomerId));
        }

        return [.. found.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Addresses and consent of the customer, or null.</summary>
    public async ValueTask<CustomerRow?> RowAsync(string id, CancellationToken cancellation)
    {
        if (id.Length is 0 or > CustomerKey.MaxIdLength)
        {
            return null;
        }

        var settings = await workspace.SettingsAsync(cancellation);
        var key = CustomerKey.Of(settings.Salt, id);
        return (await rows.FindAsync<CustomerRow>(Tables.Customers, new Bucketing(settings.Buckets).PartitionOf(key), Tables.Customer(key), cancellation))?.Value;
    }

    /// <summary>The customer, or null where nothing is known under the id. <paramref name="at"/>: the time that memberships are shown for, null for now.</summary>
    public async ValueTask<CustomerModel?> ReadAsync(string id, DateTimeOffset? at, CancellationToken cancellation)
    {
        if (await memberships.ReadAsync(id, at, cancellation) is not { } view)
        {
            return null;
        }

        var settings = await workspace.SettingsAsync(cancellation);
        var key = CustomerKey.Of(settings.Salt, id);
        var partition = new Bucketing(settings.Buckets).PartitionOf(key);
        var customer = (await rows.FindAsync<CustomerRow>(Tables.Customers, partition, Tables.Customer(key), cancellation))?.Value;
        var history = (await rows.FindAsync<PurchaseHistory>(Tables.Customers, partition, Tables.History(key), cancellation))?.Value;
        var membership = (await rows.FindAsync<MembershipRow>(Tables.Customers, partition, Tables.Membership(key), cancellation))?.Value;
        var snapshot = await segments.LatestAsync(cancellation);
        var timeline = await TimelineAsync(key, partition, settings.Currency, cancellation);
        timeline.AddRange(Memberships(membership, (await schemes.CurrentAsync(cancellation)).Scheme.Segments));
        return new CustomerModel
        {
            Id = id,
            Customer = customer,
            History = history,
            Membership = membership,
            Segments = view,
            At = at,
            Scores = history is null || customer?.ObjectsToProfiling == true || snapshot?.Parameters is not { Model: { } model } shop ? default : model.Score(history, view.At, shop.UsualPrices),
            Models = snapshot?.Parameters.Model,
            Rfm = history is null || customer?.ObjectsToProfiling == true || snapshot is null ? null : Rfm.Score(history, snapshot.Parameters.Rfm, snapshot.Parameters.AsOf),
            Timeline = [.. timeline.OrderByDescending(e => e.At).ThenBy(e => e.Kind, StringComparer.Ordinal).Take(TimelineLength)],
            More = timeline.Count > TimelineLength,
            Decisions = await decisions.OfCustomerAsync(id, cancellation),
        };
    }

    private static IEnumerable<TimelineEntry> Memberships(MembershipRow? membership, IReadOnlyList<SegmentDefinition> scheme)
    {
        foreach (var m in (membership?.Present ?? []).Concat(membership?.Past ?? []))
        {
            yield return new TimelineEntry(m.Since, "segment", $"Came into segment “{Words.Segment(m.Segment, scheme)}”");
            if (m.Until is { } until)
            {
                yield return new TimelineEntry(until, "segment", $"Left segment “{Words.Segment(m.Segment, scheme)}”");
            }
        }
    }

    private async ValueTask<List<TimelineEntry>> TimelineAsync(CustomerKey key, string partition, string currency, CancellationToken cancellation)
    {
        var entries = new List<TimelineEntry>();
        await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, partition, Tables.Orders(key), cancellation))
        {
            entries.Add(await OrderAsync(RowCodec.Decode<OrderRow>(row.Payload), currency, cancellation));
            if (entries.Count == ReadLimit)
            {
                break;
            }
        }

        var runs = new List<string>();
        await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, partition, Tables.RunsOf(key), cancellation))
        {
            runs.Add(row.Key[Tables.RunsOf(key).Length..]);
            if (runs.Count == ReadLimit)
            {
                break;
            }
        }

        foreach (var run in runs)
        {
            if (await rows.FindAsync<AssignmentRow>(Tables.Customers, partition, Tables.Assignment(run, key), cancellation) is { Value: var assignment })
            {
                entries.AddRange(Sends(new SendId(run, key), assignment));
            }
        }

        return entries;
    }

    private async ValueTask<TimelineEntry> OrderAsync(OrderRow order, string currency, CancellationToken cancellation)
    {
        var first = order.Lines.Take(3).Select(l => l.Sku).Where(s => s.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        var known = await names.OfAsync(first, cancellation);
        var what = string.Join(", ", first.Select(s => known.GetValueOrDefault(s, s))) + (order.Lines.Length > 3 ? $" and {order.Lines.Length - 3} more" : "");
        var kind = order.Event != OrderRow.OrderEvent ? order.Event : order.AmountMinor < 0 ? "Refund" : "Order";
        var coupon = order.CouponCode is { } code ? $", coupon {code}" : "";
        return new TimelineEntry(order.OrderedAt, "order", $"{kind} {order.OrderId}{(what.Length > 0 ? ": " + what : "")}{coupon}", Show.Exact(order.AmountMinor, currency));
    }

    private static IEnumerable<TimelineEntry> Sends(SendId id, AssignmentRow row)
    {
        var campaign = $"campaign “{row.Campaign}”";
        var link = row.WasSent ? $"/outbox/{id.Run}/{id.Customer.Text}" : null;
        yield return new TimelineEntry(
            row.AssignedAt,
            "send",
            row.HeldOut ? $"In the control group of {campaign}: gets no message" : $"Chosen for {campaign}, variant “{row.Treatment}” by {Words.Channel(row.Channel)}");
        if (!row.HeldOut && row.SentAt is { } sent)
        {
            yield return new TimelineEntry(sent, "send", $"{Words.Channel(row.Channel)} of {campaign}: {Words.State(row.State)}", Link: link);
        }
        else if (row.Reason is { } reason)
        {
            yield return new TimelineEntry(row.DueAt ?? row.AssignedAt, "send", $"{Words.Channel(row.Channel)} of {campaign}: {Words.State(row.State)}, {Words.Reason(reason)}");
        }

        foreach (var (at, what) in new[] { (row.OpenedAt, "Opened"), (row.ClickedAt, "Clicked in"), (row.UnsubscribedAt, "Unsubscribed through") })
        {
            if (at is { } touched)
            {
                yield return new TimelineEntry(touched, "touch", $"{what} the message of {campaign}");
            }
        }
    }
}
