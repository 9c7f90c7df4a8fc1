using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>Notes that a customer objects to profiling (GDPR, Art. 21), or takes that back; its memberships follow in the same commit.</summary>
public sealed class ObjectionStep(IRowStore rows, Workspace workspace, SegmentReader segments)
{
    /// <summary>Contention on one customer beyond this many tries means a fault, not bad luck.</summary>
    private const int MaxAttempts = 50;

    /// <summary>Load → decide → save, until nobody comes between. False where nothing is known under the id.</summary>
    /// <param name="customerId">Raw id.</param>
    /// <param name="objects">The customer objects; false: takes the objection back.</param>
    /// <param name="source">Where it was said, or who noted it.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async ValueTask<bool> SetAsync(string customerId, bool objects, string source, CancellationToken cancellation)
    {
        if (customerId.Length is 0 or > CustomerKey.MaxIdLength)
        {
            return false;
        }

        var (settings, now) = (await workspace.SettingsAsync(cancellation), await workspace.NowAsync(cancellation));
        var key = CustomerKey.Of(settings.Salt, customerId);
        var partition = new Bucketing(settings.Buckets).PartitionOf(key);
        var classifier = (await segments.LatestAsync(cancellation))?.ClassifierAt(now);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var stored = await rows.FindAsync<CustomerRow>(Tables.Customers, partition, Tables.Customer(key), cancellation);
            var history = await rows.FindAsync<PurchaseHistory>(Tables.Customers, partition, Tables.History(key), cancellation);
            if (stored is null && history is null)
            {
                return false;
            }

            var before = stored?.Value ?? new CustomerRow { CustomerId = customerId, CreatedAt = now };
            if (before.Profiling.Given == !objects)
            {
                return true;
            }

            var customer = before with { Profiling = new Consent(!objects, source, now) };
            var placements = await rows.FindAsync<PlacementRow>(Tables.Customers, partition, Tables.Placement(key), cancellation);
            var member = await rows.FindAsync<MembershipRow>(Tables.Customers, partition, Tables.Membership(key), cancellation);
            var operations = new List<RowOperation> { RowOperation.Write(Tables.Customer(key), RowCodec.Encode(customer), stored?.ETag) };
            if (classifier?.Change(member?.Value, classifier.Classify(history?.Value, customer, placements?.Value)) is { } after)
            {
                operations.Add(RowOperation.Write(Tables.Membership(key), RowCodec.Encode(after), member?.ETag));
            }

            if (await rows.CommitAsync(Tables.Customers, partition, operations, cancellation) is CommitResult.Committed)
            {
                return true;
            }
        }

        throw new IOException($"Customer {key} was changed by others {MaxAttempts} times in a row; try again.");
    }
}
