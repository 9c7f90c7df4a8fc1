using System.Globalization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>Starts recomputes of all segments.</summary>
public sealed class Recompute(JobRunner runner, Workspace workspace, SchemeCatalog schemes, SegmentReader reader, TimeProvider time)
{
    /// <summary>
    /// Creates the recompute of this business time unless it exists, and gives its first messages; <paramref name="generation"/>
    /// ("" for none) makes a further one of the same time possible, for example the id of the import that it follows.
    /// </summary>
    public async ValueTask<IReadOnlyList<Outgoing>> StartAsync(DateTimeOffset asOf, string generation, CancellationToken cancellation)
    {
        // Afresh: an import that just ended on another instance may have changed what all of this recompute goes by.
        var settings = await workspace.ReadSettingsAsync(cancellation);
        var scheme = await schemes.ReadCurrentAsync(cancellation);
        var inputs = new RecomputeInputs
        {
            Generation = generation,
            DiscountsKnown = settings.DiscountsKnown,
            ChurnDays = settings.ChurnDays,
            Currency = settings.Currency,
            SchemeNumber = scheme.Number,
            SchemeJson = scheme.Stored,
            Attributes = await workspace.AttributesAsync(cancellation),
            Models = await workspace.ModelSettingsAsync(cancellation),
            Previous = await PreviousAsync(asOf, cancellation),
            MarginShare = settings.MarginShare,
            MarginShareByCategory = settings.MarginShareByCategory,
        };
        var head = new JobHead
        {
            Job = JobId(asOf, generation),
            Kind = RecomputeInputs.JobKind,
            AsOf = asOf,
            CreatedAt = time.GetUtcNow(),
            Inputs = RowCodec.Encode(inputs).ToArray(),
        };
        return await runner.CreateAsync(head, cancellation);
    }

    /// <summary>The latest recompute of an earlier time: of those of the same time, the one that they were compared with.</summary>
    private async ValueTask<PreviousRecompute?> PreviousAsync(DateTimeOffset asOf, CancellationToken cancellation)
    {
        if (await reader.LatestAsync(cancellation) is not { Report: var latest } snapshot || latest.AsOf > asOf)
        {
            return null;
        }

        return latest.AsOf == asOf ? snapshot.Inputs.Previous : new PreviousRecompute(latest.Job, latest.AsOf, [.. latest.Segments.Select(s => s.Segment)], latest.Customers);
    }

    /// <summary>The id of the recompute: the same for the same business time (to the millisecond) and generation.</summary>
    public static string JobId(DateTimeOffset asOf, string generation)
    {
        var id = "recompute-" + asOf.ToUniversalTime().ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        return generation.Length == 0 ? id : id + "-" + StableHash.Id(generation)[..8];
    }
}
