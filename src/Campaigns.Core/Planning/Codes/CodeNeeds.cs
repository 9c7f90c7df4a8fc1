using Campaigns.Core.Offers.Codes;

namespace Campaigns.Core.Planning.Codes;

/// <summary>What a run needs of the pools of its offers. Pure.</summary>
public static class CodeNeeds
{
    /// <summary>A need for each variant whose offer has a pool, in the campaign's order; <paramref name="sends"/> tells how many customers draw it.</summary>
    public static IReadOnlyList<CodeNeed> Of(Campaign campaign, Func<string, long> sends) =>
        [.. campaign.Treatments.Where(t => t.Offer.CodePool is not null).Select(t => new CodeNeed(t.Offer.CodePool!, t.Id, checked((int)sends(t.Id))))];

    /// <summary>The needs of a run that has been counted.</summary>
    public static IReadOnlyList<CodeNeed> Of(Campaign campaign, CeilingPlan plan) =>
        Of(campaign, id => plan.Limited.Single(l => string.Equals(l.Treatment, id, StringComparison.Ordinal)).Sends);
}
