using Campaigns.Core.Ingest;
using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;

namespace Campaigns.Core.Segments.Rules;

/// <summary>All that rules may ask about one customer at one time.</summary>
public readonly struct CustomerFacts
{
    /// <summary>Purchases, or null where there were none.</summary>
    public PurchaseHistory? History { get; init; }

    /// <summary>Addresses, consent and attributes, or null where only orders are known.</summary>
    public CustomerRow? Customer { get; init; }

    /// <summary>What the last recompute learnt about the shop.</summary>
    public required SegmentParameters Shop { get; init; }

    /// <summary>Business time that ages and silences are counted to.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>What the models say of the customer; the default where nothing was fitted: all scores unknown.</summary>
    public CustomerScores Scores { get; init; }

    /// <summary>Segments of the scheme in which the customer was placed by hand.</summary>
    public SegmentSet Placed { get; init; }

    /// <summary>Segments of the scheme that the customer is kept out of by hand, whatever their rules say.</summary>
    public SegmentSet KeptOut { get; init; }
}
