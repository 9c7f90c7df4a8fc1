using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Tests.Planning;

public sealed class CampaignValidationTests
{
    private static readonly Campaign Good = PlanWorld.TwoVariants();

    private static string Sentences(Campaign campaign) =>
        string.Join('\n', CampaignValidation.Problems(campaign, PlanWorld.NoTemplateProblems).Select(p => $"{p.Field}: {p.Sentence}"));

    private static Campaign With(Func<Treatment, Treatment> change) => Good with { Treatments = [change(Good.Treatments[0])] };

    private static Campaign Offering(Func<Offer, Offer> change) => With(t => t with { Offer = change(t.Offer) });

    [Fact]
    public void Presets_and_every_segments_draft_can_be_saved()
    {
        Assert.Equal(3, CampaignPresets.Demo.Count);
        foreach (var campaign in CampaignPresets.Demo.Concat(SegmentNames.ByPriority.Select(s => CampaignPresets.DraftFor(s, "draft-" + s))))
        {
            Assert.Equal("", Sentences(campaign));
        }
    }

    [Fact]
    public void A_segment_that_rests_on_a_barred_field_is_no_audience()
    {
        var barred = RetailScheme.Scheme with { BarredFields = ["spend", "days_since_last_order"] };
        var problems = CampaignValidation.Problems(Good with { Segments = [SegmentNames.AtRisk] }, PlanWorld.NoTemplateProblems, barred);
        Assert.Contains(
            "Segments: 'at-risk' rests on days_since_last_order, which this workspace bars from offers; choose another segment, or lift the bar under Segments, Fields.",
            problems.Select(p => p.Sentence));
    }

    [Fact]
    public void Drafts_of_the_same_preset_have_codes_of_their_own()
    {
        string? Code(string id) => CampaignPresets.DraftFor(SegmentNames.PriceSensitive, id).Treatments[0].Offer.Code;
        Assert.NotEqual(Code("a"), Code("b"));
        Assert.Equal("48HOURS", Code("48-hours"));
    }

    public static TheoryData<Campaign, string, string> Bad() => new()
    {
        { Good with { Id = "Spring Sale" }, "id", "Id: use 1 to 60 lower-case letters, digits and hyphens." },
        { Good with { Name = " " }, "name", "Name: use 1 to 120 characters." },
        { Good with { Segments = [] }, "segments", "Segments: choose at least one." },
        { Good with { Segments = ["vip"] }, "segments", "Segments: 'vip' is none; there are lost, at-risk, new, loyal, price-sensitive, regular." },
        { With(t => t with { Segments = [SegmentNames.Loyal] }), "treatments", "Message variants: none is for the segment 'at-risk'; add one, or leave the segment out." },
        { With(t => t with { Segments = [SegmentNames.Loyal, SegmentNames.AtRisk, SegmentNames.New] }), "treatments.gift.segments", "Message variant 'gift', segments: 'new' is not one of the campaign's." },
        { Good with { Treatments = [] }, "treatments", "Message variants: there must be 1 to 10." },
        { Good with { Treatments = [Good.Treatments[0], Good.Treatments[0]] }, "treatments", "Message variants: the id 'gift' is there twice; give each its own." },
        { Good with { HoldoutShare = 0.51 }, "holdoutShare", "Control group: choose a share from 0 % to 50 %." },
        { Good with { HoldoutShare = double.NaN }, "holdoutShare", "Control group: choose a share from 0 % to 50 %." },
        { Offering(o => o with { DiscountShare = 0.1, DiscountMinor = 500, LeastOrderMinor = 900, Code = "X" }), "treatments.gift.offer.discountMinor", "Message variant 'gift', offer amount off: choose a percentage or an amount, not both." },
        { Offering(o => o with { DiscountMinor = 500, LeastOrderMinor = 500, Code = "X" }), "treatments.gift.offer.leastOrderMinor", "Message variant 'gift', offer least order value: an amount off needs one above that amount, else orders could cost nothing." },
        { Offering(o => o with { FreeShipping = true }), "treatments.gift.offer.benefitCostMinor", "Message variant 'gift', offer benefit cost: say what free shipping costs you per order." },
        { Offering(o => o with { Kind = OfferKind.Bundle, DiscountShare = 0.1, Code = "X", BundleSkus = ["A"] }), "treatments.gift.offer.bundleSkus", "Message variant 'gift', offer products: a bundle has 2 to 10 products, by sku." },
        { Offering(o => o with { Kind = OfferKind.Bundle, BundleSkus = ["A", "B"] }), "treatments.gift.offer.discountShare", "Message variant 'gift', offer discount: a bundle needs a percentage or an amount off." },
        { Offering(o => o with { BundleSkus = ["A", "B"] }), "treatments.gift.offer.bundleSkus", "Message variant 'gift', offer products: only a bundle names products." },
        { Offering(o => o with { Stock = 0 }), "treatments.gift.offer.stock", "Message variant 'gift', offer stock: choose 1 to 100,000,000, or leave it empty for no limit." },
        { Offering(o => o with { ValidFrom = PlanWorld.Start, ValidUntil = PlanWorld.Start }), "treatments.gift.offer.validUntil", "Message variant 'gift', offer valid until: it must be later than the day from which the offer holds." },
        { Offering(o => o with { ValidUntil = PlanWorld.Start }) with { StartAt = PlanWorld.Start }, "treatments.gift.offer.validUntil", "Message variant 'gift', offer valid until: it ends before the campaign starts; move one of them." },
        { Good with { Purpose = CampaignPurpose.PromisedBenefit, HoldoutShare = 0.1 }, "holdoutShare", "Control group: what is promised to everyone is held back from nobody; choose 0 %, leave it empty, or make it a marketing campaign." },
        { Good with { Purpose = CampaignPurpose.ServiceMessage, MaxSends = 10 }, "maxSends", "Most messages per run: what is promised to everyone cannot be limited; leave it empty, or make it a marketing campaign." },
        { Good with { Purpose = CampaignPurpose.PromisedBenefit, Strategy = Strategy.Adaptive }, "strategy", "Choosing: without a control group nothing is learnt; choose automatic, fixed or split." },
        { Good with { Purpose = CampaignPurpose.PromisedBenefit, SegmentStrategies = [new(SegmentNames.Loyal, Strategy.Adaptive)] }, "strategy", "Choosing: without a control group nothing is learnt; choose automatic, fixed or split." },
        { Good with { SegmentStrategies = [new(SegmentNames.Loyal, (Strategy)9)] }, "segmentStrategies", "Choosing in segment 'loyal': there are automatic, fixed, split and adaptive." },
        { Good with { SegmentStrategies = [new(SegmentNames.New, Strategy.Split)] }, "segmentStrategies", "Choosing in segment 'new': it is not one of the campaign's; add it, or let it choose as the campaign does." },
        { Good with { SegmentStrategies = [new(SegmentNames.Loyal, Strategy.Split), new(SegmentNames.Loyal, Strategy.Fixed)] }, "segmentStrategies", "Choosing by segment: one is there twice." },
        { Good with { OutcomeWindowDays = 0 }, "outcomeWindowDays", "Outcome window: choose 1 to 365 days." },
        { Good with { OutcomeWindowDays = 366 }, "outcomeWindowDays", "Outcome window: choose 1 to 365 days." },
        { Good with { RepeatDays = -1 }, "repeatDays", "Repeat: choose every 1 to 365 days, or 0 for a single run." },
        { Good with { MaxSends = 0 }, "maxSends", "Most messages per run: choose at least 1, or leave it empty for no ceiling." },
        { Offering(o => o with { DiscountShare = 0.71, Code = "X" }), "treatments.gift.offer.discountShare", "Message variant 'gift', offer discount: choose 0 % to 70 %." },
        { Offering(o => o with { DiscountShare = double.NaN }), "treatments.gift.offer.discountShare", "Message variant 'gift', offer discount: choose 0 % to 70 %." },
        { Offering(o => o with { DiscountShare = 0.1 }), "treatments.gift.offer.code", "Message variant 'gift', offer code: a discount needs one, by which its redemptions are known." },
        { Offering(o => o with { Kind = OfferKind.TimeLimitedDiscount, DiscountShare = 0.1, Code = "X" }), "treatments.gift.offer.validHours", "Message variant 'gift', offer valid hours: a time-limited discount needs at least 1." },
        { Offering(o => o with { Code = "TWO WORDS" }), "treatments.gift.offer.code", "Message variant 'gift', offer code: use 1 to 40 letters, digits and signs without spaces." },
        { With(t => t with { Template = t.Template with { Sms = null } }), "treatments.gift.template.sms", "Message variant 'gift', SMS text: write one, or take SMS out of the channels." },
        { With(t => t with { Channels = [] }), "treatments.gift.channels", "Message variant 'gift', channels: choose at least one." },
    };

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void What_is_wrong_is_said_in_one_sentence_that_names_the_field(Campaign campaign, string field, string sentence) =>
        Assert.Equal($"{field}: {sentence}", Sentences(campaign));

    [Fact]
    public void Templates_that_would_not_fit_a_row_are_refused_before_they_are_stored() =>
        Assert.StartsWith(
            "treatments: Templates: together they take ", Sentences(With(t => t with { Template = t.Template with { Html = new string('x', 300_000) } })), StringComparison.Ordinal);

    [Fact]
    public void What_the_template_check_finds_is_passed_on() =>
        Assert.Contains(
            CampaignValidation.Problems(Good, _ => ["HTML: {{x}} is unknown."]),
            p => p is { Field: "treatments.gift.template", Sentence: "Message variant 'gift', HTML: {{x}} is unknown." });

    [Theory]
    [InlineData("Hello", 1)]
    [InlineData("{{shopUrl}} {{firstName}}", 1)]
    [InlineData("{{shopUrl}} {{firstName}} {{ unsubscribeUrl }}", 2)]
    [InlineData("Żółw {{shopUrl}}", 2)]
    [InlineData("", 1)]
    public void The_cost_of_a_text_message_is_planned_with_room_for_its_fields(string sms, int segments)
    {
        Assert.Equal(segments, SendCost.PlannedSegments(sms));
        var inputs = new RunInputs
        {
            Campaign = Good,
            Occurrence = 0,
            SegmentsJob = "s",
            HoldoutPartsPerMillion = 0,
            Margin = new MarginPolicy(),
            WindowEnd = PlanWorld.Start,
            EmailCostMicros = 7,
            SmsCostMicros = 100,
        };
        var variant = Good.Treatments[0] with { Template = Good.Treatments[0].Template with { Sms = sms } };
        Assert.Equal(100 * segments, SendCost.Micros(variant, Channel.Sms, inputs));
        Assert.Equal(7, SendCost.Micros(variant, Channel.Email, inputs));
    }
}
