using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Segments;

/// <summary>
/// What a recompute was asked to do, frozen when it is created: what changes while it runs, counts in the next one. Inputs of
/// jobs of kind <see cref="JobKind"/>.
/// </summary>
[MemoryPackable]
public sealed partial record RecomputeInputs : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Kind of job.</summary>
    public const string JobKind = "recompute";

    /// <summary>What it was made after, for example the newest import.</summary>
    public string Generation { get; init; } = "";

    /// <summary>Discounts were seen in the orders.</summary>
    public bool DiscountsKnown { get; init; }

    /// <summary>Days of the churn horizon: stands in for the shop's gaps while they are too few.</summary>
    public int ChurnDays { get; init; }

    /// <summary>ISO 4217 currency.</summary>
    public string Currency { get; init; } = "GBP";

    /// <summary>Number of the scheme: see <see cref="SchemeRow"/>.</summary>
    public int SchemeNumber { get; init; }

    /// <summary>The scheme's document; empty for the built-in one.</summary>
    public byte[] SchemeJson { get; init; } = [];

    /// <summary>Types of the imported attributes.</summary>
    public AttributeTypes Attributes { get; init; } = new();

    /// <summary>The recompute before, of an earlier business time, against which moves are counted; null for the first.</summary>
    public PreviousRecompute? Previous { get; init; }

    /// <summary>What the workspace decided about models and scores.</summary>
    public ModelSettings Models { get; init; } = new();

    /// <summary>Margin as a share of the price before discount, in [0, 1]; null = unknown: see <see cref="WorkspaceSettings"/>.</summary>
    public double? MarginShare { get; init; }

    /// <summary>The same by category.</summary>
    public Dictionary<string, double> MarginShareByCategory { get; init => field = value ?? []; } = []; // Recomputes of versions without it have none.

    /// <summary><see cref="Models"/>, with what follows from the workspace's orders and currency.</summary>
    [MemoryPackIgnore]
    public ModelSettings ModelSettings => Models with { DiscountsKnown = DiscountsKnown, MinorPerUnit = Money.MinorPerMajor(Currency) };

    /// <summary>The scheme, made ready.</summary>
    public CompiledScheme Compile() =>
        SchemeJson.Length == 0 && Attributes.All.Length == 0 && Models.Rfm == new RfmSettings() ? RetailScheme.Compiled
        : SchemeJson.Length == 0 ? new CompiledScheme(RetailScheme.Scheme, SchemeCatalog.CatalogueOf(Attributes).With(Models.Rfm))
        : SchemeCatalog.Compile(SchemeJson, SchemeCatalog.CatalogueOf(Attributes).With(Models.Rfm));
}

/// <summary>The recompute before.</summary>
/// <param name="Job">Its job.</param>
/// <param name="AsOf">Its business time.</param>
/// <param name="Segments">Ids of its segments, by priority.</param>
/// <param name="Customers">Customers that it put into segments: how large samples of this one's are.</param>
[MemoryPackable]
public sealed partial record PreviousRecompute(string Job, DateTimeOffset AsOf, string[] Segments, long Customers = 0);
