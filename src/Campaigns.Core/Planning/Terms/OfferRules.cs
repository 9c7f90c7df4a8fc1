using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning.Terms;

/// <summary>The eligibility rules of a run's offers, evaluated as segments are, by the recompute whose memberships the run counts.</summary>
public sealed class OfferRules
{
    private readonly Classifier classifier;
    private readonly (int Variant, CustomerRule? Rule)[] rules;

    private OfferRules(Classifier classifier, (int Variant, CustomerRule? Rule)[] rules) => (this.classifier, this.rules) = (classifier, rules);

    /// <summary>The rules of a campaign. One that the scheme no longer understands holds for nobody.</summary>
    public static OfferRules Of(Campaign campaign, Classifier classifier) => new(
        classifier,
        [.. campaign.Treatments.Select((t, i) => (i, t.Offer.EligibilityRule)).Where(r => r.EligibilityRule is not null)
            .Select(r => (r.i, CustomerRule.Parse(r.EligibilityRule!, classifier.Compiled).Rule))]);

    /// <summary>Some offer of the campaign has a rule.</summary>
    public static bool Has(Campaign campaign) => Array.Exists(campaign.Treatments, t => t.Offer.EligibilityRule is not null);

    /// <summary>The rules of a run, or null where it has none. Rules are asked as of <paramref name="asOf"/>, the run's time.</summary>
    public static async ValueTask<OfferRules?> LoadAsync(IRowStore rows, IBlobStore blobs, RunInputs inputs, DateTimeOffset asOf, CancellationToken cancellation)
    {
        if (!Has(inputs.Campaign))
        {
            return null;
        }

        var head = await rows.FindAsync<JobHead>(Tables.Work, inputs.SegmentsJob, JobRows.Head, cancellation);
        return head is not null && await JobRows.ResultAsync(rows, blobs, inputs.SegmentsJob, SurveyStep.Stage, cancellation) is { } parameters
            ? Of(inputs.Campaign, new Classifier(RowCodec.Decode<RecomputeInputs>(head.Value.Inputs).Compile(), RowCodec.Decode<SegmentParameters>(parameters), asOf))
            : throw new IOException($"The recompute {inputs.SegmentsJob} that the run rests on cannot be read; try again.");
    }

    /// <summary>The variants whose rules do not hold for the customer, as bits.</summary>
    public int UnfitOf(PurchaseHistory? history, CustomerRow? customer, PlacementRow? placements)
    {
        var facts = classifier.FactsOf(history, customer, placements);
        var unfit = 0;
        foreach (var (variant, rule) in rules)
        {
            unfit |= rule?.Holds(facts) == true ? 0 : 1 << variant;
        }

        return unfit;
    }
}
