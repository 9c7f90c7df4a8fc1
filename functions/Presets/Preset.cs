using System.Text.Json.Serialization;
using Campaigns.Core.Segments.Rules;
using Campaigns.Simulation.Samples;

namespace Campaigns.Functions.Presets;

/// <summary>A segment scheme to begin with, what it needs, and sample customers to look at it with.</summary>
/// <param name="Name">Name of its files: <c>{name}.json</c> (the scheme) and <c>{name}.sample.json</c> (the rest).</param>
/// <param name="Json">The scheme's document, UTF-8, as it is saved.</param>
/// <param name="Scheme">The same, read and found valid.</param>
/// <param name="About">Whom it is for, what it needs, sample customers.</param>
public sealed record Preset(string Name, ReadOnlyMemory<byte> Json, SegmentScheme Scheme, PresetAbout About);

/// <summary>What stands in <c>{name}.sample.json</c>.</summary>
public sealed record PresetAbout
{
    /// <summary>Whom it is for, in a sentence.</summary>
    public required string For { get; init; }

    /// <summary>What must be imported for it to work.</summary>
    public required PresetNeeds Needs { get; init; }

    /// <summary>Groups of sample customers.</summary>
    public required SampleGroup[] Groups { get; init; }

    /// <summary>The groups as a recipe.</summary>
    [JsonIgnore]
    public SampleRecipe Recipe => new() { Groups = Groups };
}

/// <summary>The fields and events that a preset's rules ask for, in plain words.</summary>
public sealed record PresetNeeds
{
    /// <summary>Columns of the customers file, besides customer_id, addresses and consent.</summary>
    public required NeededColumn[] Customers { get; init; }

    /// <summary>Columns of the orders file; empty where no orders are needed.</summary>
    public required NeededColumn[] Orders { get; init; }

    /// <summary>Events: rows of the orders file with this name in the column "event".</summary>
    public required NeededEvent[] Events { get; init; }
}

/// <summary>A column.</summary>
/// <param name="Column">Its name, or several.</param>
/// <param name="Meaning">What stands in it.</param>
/// <param name="Holds">number, text, yes_no or date; null where it is no attribute.</param>
/// <param name="Example">An example; null where it is no attribute.</param>
public sealed record NeededColumn(string Column, string Meaning, string? Holds = null, string? Example = null);

/// <summary>An event.</summary>
/// <param name="Event">Its name in the column "event".</param>
/// <param name="Meaning">What happened.</param>
public sealed record NeededEvent(string Event, string Meaning);
