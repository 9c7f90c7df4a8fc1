using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>What became of a placement.</summary>
public abstract record PlacementResult
{
    private PlacementResult()
    {
    }

    /// <summary>Done: what is decided by hand now, and the memberships as they stand; null before the first recompute.</summary>
    public sealed record Done(PlacementRow Placements, MembershipRow? Memberships) : PlacementResult;

    /// <summary>Not done, and what to do.</summary>
    public sealed record Refused(string Sentence) : PlacementResult;

    /// <summary>Nothing is known of the customer, or nothing was decided about the segment.</summary>
    public sealed record Missing(string Sentence) : PlacementResult;
}

/// <summary>Puts a customer into a segment or keeps it out by hand, or takes that back; its memberships follow in the same commit.</summary>
public sealed class PlacementStep(IRowStore rows, Workspace workspace, SegmentReader segments, SchemeCatalog schemes)
{
    /// <summary>Contention on one customer beyond this many tries means a fault, not bad luck.</summary>
    private const int MaxAttempts = 50;

    /// <summary>Decides. The placement's <see cref="Placement.At"/> is set to the business time.</summary>
    public async ValueTask<PlacementResult> PlaceAsync(string customerId, Placement placement, CancellationToken cancellation)
    {
        var now = await workspace.NowAsync(cancellation);
        var scheme = (await schemes.CurrentAsync(cancellation)).Scheme;
        if (scheme.IndexOf(placement.Segment) < 0)
        {
            return new PlacementResult.Refused($"There is no segment '{placement.Segment}'; there are {string.Join(", ", scheme.SegmentIds)}.");
        }

        if (placement.Reason.Trim().Length is 0 or > Placement.MaxReasonLength)
        {
            return new PlacementResult.Refused($"Give a reason of 1 to {Placement.MaxReasonLength} characters: who looks at the customer next year will ask for it.");
        }

        if (placement.Until <= now)
        {
            return new PlacementResult.Refused("The end lies in the past: choose a later one, or none.");
        }

        var wanted = placement with { At = now, Reason = placement.Reason.Trim() };
        return await ChangeAsync(customerId, now, row => row.With(wanted), $"More than {PlacementRow.Limit} segments are decided by hand for this customer: take some back first.", cancellation);
    }

    /// <summary>Takes a decision back: the rules decide again.</summary>
    public async ValueTask<PlacementResult> RemoveAsync(string customerId, string segment, CancellationToken cancellation) =>
        await ChangeAsync(customerId, await workspace.NowAsync(cancellation), row => row.Without(segment), null, cancellation);

    /// <summary>Load → decide → save, until nobody comes between. <paramref name="refusal"/> says why a change is none; null where it was then missing.</summary>
    private async ValueTask<PlacementResult> ChangeAsync(
        string customerId, DateTimeOffset now, Func<PlacementRow, PlacementRow?> change, string? refusal, CancellationToken cancellation)
    {
        var settings = await workspace.SettingsAsync(cancellation);
        var key = CustomerKey.Of(settings.Salt, customerId);
        var partition = new Bucketing(settings.Buckets).PartitionOf(key);
        var classifier = (await segments.LatestAsync(cancellation))?.ClassifierAt(now);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var customer = await rows.FindAsync<CustomerRow>(Tables.Customers, partition, Tables.Customer(key), cancellation);
            var history = await rows.FindAsync<PurchaseHistory>(Tables.Customers, partition, Tables.History(key), cancellation);
            if (customer is null && history is null)
            {
                return new PlacementResult.Missing("There is no such customer.");
            }

            var stored = await rows.FindAsync<PlacementRow>(Tables.Customers, partition, Tables.Placement(key), cancellation);
            var member = await rows.FindAsync<MembershipRow>(Tables.Customers, partition, Tables.Membership(key), cancellation);
            if (change(stored?.Value ?? new PlacementRow { CustomerId = customerId }) is not { } placements)
            {
                return refusal is null ? new PlacementResult.Missing("Nothing was decided by hand about this segment.") : new PlacementResult.Refused(refusal);
            }

            var after = classifier?.Change(member?.Value, classifier.Classify(history?.Value, customer?.Value, placements));
            var operations = new List<RowOperation> { RowOperation.Write(Tables.Placement(key), RowCodec.Encode(placements), stored?.ETag) };
            if (after is not null)
            {
                operations.Add(RowOperation.Write(Tables.Membership(key), RowCodec.Encode(after), member?.ETag));
            }

            if (await rows.CommitAsync(Tables.Customers, partition, operations, cancellation) is CommitResult.Committed)
            {
                return new PlacementResult.Done(placements, after ?? member?.Value);
            }
        }

        throw new IOException($"Customer {key} was changed by others {MaxAttempts} times in a row; try again.");
    }
}
