using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>
/// Classifies a customer anew when its orders or its own row change in an import, with what the last recompute learnt, in the
/// transaction that saves them: who orders is no longer at risk at once, not tomorrow, and who moves to Leeds is of Leeds. Stands behind <see cref="HistoryFold"/>. Before the first
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
    public bool FollowsCustomer => true;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RowOperation>> FoldAsync(CustomerChange change, CancellationToken cancellation)
    {
        if (classifier is not { } known)
        {
            return [];
        }

        var history = change.Left as PurchaseHistory ?? await HistoryAsync(change, cancellation);
        var placements = await change.RowAsync(Tables.Placement(change.Key), cancellation);
        var row = await change.RowAsync(Tables.Membership(change.Key), cancellation);
        var set = known.Classify(
            history,
            change.Customer,
            placements is null ? null : RowCodec.Decode<PlacementRow>(placements.Payload));
        return known.Change(row is null ? null : RowCodec.Decode<MembershipRow>(row.Payload), set) is { } after
            ? [RowOperation.Write(Tables.Membership(change.Key), RowCodec.Encode(after), row?.ETag)]
            : [];
    }

    /// <summary>The history as it stands: no order changed.</summary>
    private static async ValueTask<PurchaseHistory?> HistoryAsync(CustomerChange change, CancellationToken cancellation) =>
        await change.RowAsync(Tables.History(change.Key), cancellation) is { } row ? RowCodec.Decode<PurchaseHistory>(row.Payload) : null;
}
