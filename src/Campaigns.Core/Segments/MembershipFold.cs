using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>
/// Classifies a customer anew when its orders change, with what the last recompute learnt, in the transaction that saves the
/// orders: who orders is no longer at risk at once, not tomorrow. Stands behind <see cref="HistoryFold"/>. Before the first
/// recompute there is nothing to classify by.
/// </summary>
public sealed class MembershipFold(SegmentReader segments, Workspace workspace) : ICustomerFold
{
    private volatile Classifier? classifier;

    /// <inheritdoc/>
    public async ValueTask BeginAsync(CancellationToken cancellation)
    {
        var snapshot = await segments.LatestAsync(cancellation);
        var now = await workspace.NowAsync(cancellation);
        // A clock that lags behind the recompute must not end memberships before they began.
        classifier = snapshot?.ClassifierAt(now > snapshot.Report.AsOf ? now : snapshot.Report.AsOf);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RowOperation>> FoldAsync(CustomerChange change, CancellationToken cancellation)
    {
        if (classifier is not { } known || change.Left is not PurchaseHistory history)
        {
            return [];
        }

        var customer = await change.RowAsync(Tables.Customer(change.Key), cancellation);
        var placements = await change.RowAsync(Tables.Placement(change.Key), cancellation);
        var row = await change.RowAsync(Tables.Membership(change.Key), cancellation);
        var set = known.Classify(
            history,
            customer is null ? null : RowCodec.Decode<CustomerRow>(customer.Payload),
            placements is null ? null : RowCodec.Decode<PlacementRow>(placements.Payload));
        return known.Change(row is null ? null : RowCodec.Decode<MembershipRow>(row.Payload), set) is { } after
            ? [RowOperation.Write(Tables.Membership(change.Key), RowCodec.Encode(after), row?.ETag)]
            : [];
    }
}
