using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Privacy;

/// <summary>All that is held of a customer under its id.</summary>
/// <param name="CustomerId">The shop's id.</param>
/// <param name="Customer">Addresses, consent, attributes and recent messages, or null.</param>
/// <param name="DoNotContact">Suppressions of its addresses.</param>
/// <param name="Profile">What follows from its orders, or null.</param>
/// <param name="Segments">Segments with their history, or null.</param>
/// <param name="DecidedByHand">What people decided about its segments, or null.</param>
/// <param name="Orders">Orders as imported.</param>
/// <param name="Sends">What campaigns decided and sent.</param>
public sealed record CustomerExport(
    string CustomerId, CustomerRow? Customer, IReadOnlyList<SuppressionRow> DoNotContact, PurchaseHistory? Profile, MembershipRow? Segments, PlacementRow? DecidedByHand,
    IAsyncEnumerable<OrderRow> Orders, IAsyncEnumerable<ExportedSend> Sends);

/// <summary>A run's decision about the customer and what became of it.</summary>
public sealed record ExportedSend(string Run, AssignmentRow Record);

/// <summary>Reads all that is held of a customer: for its right of access.</summary>
public sealed class CustomerExports(IRowStore rows, Workspace workspace, AddressBook addresses)
{
    /// <summary>The customer's, or null where nothing is known under the id. Orders and sends are read as they are enumerated.</summary>
    public async ValueTask<CustomerExport?> FindAsync(string customerId, CancellationToken cancellation)
    {
        if (customerId.Length is 0 or > CustomerKey.MaxIdLength)
        {
            return null;
        }

        var settings = await workspace.SettingsAsync(cancellation);
        var key = CustomerKey.Of(settings.Salt, customerId);
        var partition = new Bucketing(settings.Buckets).PartitionOf(key);
        var customer = (await rows.FindAsync<CustomerRow>(Tables.Customers, partition, Tables.Customer(key), cancellation))?.Value;
        var history = (await rows.FindAsync<PurchaseHistory>(Tables.Customers, partition, Tables.History(key), cancellation))?.Value;
        if (customer is null && history is null)
        {
            return null;
        }

        var suppressions = new List<SuppressionRow>();
        foreach (var address in new[] { customer?.Email, customer?.Phone }.OfType<string>())
        {
            if (await addresses.SuppressionAsync(address, cancellation) is { } row)
            {
                suppressions.Add(row);
            }
        }

        return new CustomerExport(
            customerId,
            customer,
            suppressions,
            history,
            (await rows.FindAsync<MembershipRow>(Tables.Customers, partition, Tables.Membership(key), cancellation))?.Value,
            (await rows.FindAsync<PlacementRow>(Tables.Customers, partition, Tables.Placement(key), cancellation))?.Value,
            OrdersAsync(partition, key, cancellation),
            SendsAsync(partition, key, cancellation));
    }

    private async IAsyncEnumerable<OrderRow> OrdersAsync(string partition, CustomerKey key, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, partition, Tables.Orders(key), cancellation))
        {
            yield return RowCodec.Decode<OrderRow>(row.Payload);
        }
    }

    private async IAsyncEnumerable<ExportedSend> SendsAsync(string partition, CustomerKey key, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var index in rows.ScanPrefixAsync(Tables.Customers, partition, Tables.RunsOf(key), cancellation))
        {
            var run = index.Key[Tables.RunsOf(key).Length..];
            if (await rows.FindAsync<AssignmentRow>(Tables.Customers, partition, Tables.Assignment(run, key), cancellation) is { } record)
            {
                yield return new ExportedSend(run, record.Value);
            }
        }
    }
}
