using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>A customer's segments: which, since when and why, and those before.</summary>
public sealed record CustomerSegmentsView
{
    /// <summary>Raw id.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Business time that was asked about.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The memberships that held then, by priority; null where that is no longer known (only the last <see cref="MembershipRow.PastLimit"/> ended ones are kept).</summary>
    public required IReadOnlyList<Membership>? Memberships { get; init; }

    /// <summary>All memberships that are kept, newest first.</summary>
    public required IReadOnlyList<Membership> History { get; init; }

    /// <summary>For every segment of the scheme whether the customer belongs to it now, and why; empty before the first recompute and for times past.</summary>
    public required IReadOnlyList<SegmentExplanation> Explanations { get; init; }

    /// <summary>What was decided by hand and holds at the time.</summary>
    public required IReadOnlyList<Placement> Placements { get; init; }

    /// <summary>Why memberships are preliminary; empty where they are not.</summary>
    public required IReadOnlyList<string> Preliminary { get; init; }
}

/// <summary>Reads the segments of single customers.</summary>
public sealed class CustomerSegments(IRowStore rows, Workspace workspace, SegmentReader segments)
{
    /// <summary>The customer's segments at a business time, null for now; null where nothing is known of the customer.</summary>
    public async ValueTask<CustomerSegmentsView?> ReadAsync(string customerId, DateTimeOffset? at, CancellationToken cancellation)
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

        var row = (await rows.FindAsync<MembershipRow>(Tables.Customers, partition, Tables.Membership(key), cancellation))?.Value;
        var placements = (await rows.FindAsync<PlacementRow>(Tables.Customers, partition, Tables.Placement(key), cancellation))?.Value;
        var (snapshot, now) = (await segments.LatestAsync(cancellation), await workspace.NowAsync(cancellation));
        var classifier = at is null || at >= now ? snapshot?.ClassifierAt(at ?? now) : null;
        return new CustomerSegmentsView
        {
            CustomerId = customerId,
            At = at ?? now,
            Memberships = row is null ? [] : row.At(at ?? now, snapshot?.Scheme.Scheme.SegmentIds ?? []),
            History = row is null ? [] : [.. row.Present.Concat(row.Past).OrderByDescending(m => m.Since).ThenBy(m => m.Segment, StringComparer.Ordinal)],
            Explanations = classifier is null ? [] : [.. classifier.Scheme.SegmentIds.Select(s => MembershipSince.Of(classifier.Explain(history, customer, placements, s), classifier.Scheme, row, classifier.AsOf))],
            Placements = placements is null ? [] : [.. placements.All.Where(p => p.HoldsAt(at ?? now))],
            Preliminary = snapshot?.Report.Preliminary ?? [],
        };
    }
}
