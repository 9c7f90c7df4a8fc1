using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Terms;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Core.Tests.Planning.Terms;

/// <summary>What a workspace refuses in offers, in its own words.</summary>
public sealed class WorkspaceTermsTests
{
    private static readonly WorkspaceSettings Settings = new() { Salt = [], Buckets = 1, MarginShare = 0.4 };

    private static readonly Offer Discount = new()
    {
        Id = "sale",
        Name = "Sale",
        Kind = OfferKind.TimeLimitedDiscount,
        DiscountShare = 0.15,
        ValidHours = 48,
        Code = "SALE",
    };

    private static Campaign Campaign(Offer offer) => PlanWorld.TwoVariants() with { Treatments = [PlanWorld.Variant("gift", Channel.Email) with { Offer = offer }] };

    private static string Sentences(Campaign campaign, Func<WorkspaceSettings, WorkspaceSettings>? change = null, long? orderValue = 4_000) => string.Join(
        '\n',
        new WorkspaceTerms(RetailScheme.Compiled, change is null ? Settings : change(Settings), orderValue).Problems(campaign).Select(p => $"{p.Field}: {p.Sentence}"));

    [Fact]
    public void An_offer_that_leaves_less_than_the_margin_floor_is_refused_with_its_numbers()
    {
        var sale = Campaign(Discount);
        Assert.Equal("", Sentences(sale, s => s with { MarginFloorShare = 0.24 }));
        Assert.Equal(
            "treatments.gift.offer: Message variant 'gift', offer: of a usual order of £40.00 the margin of 40 % is £16.00; the discount takes £6.00, the benefit £0.00 and sending £0.00. "
            + "£10.00 (25 %) would be left, below the workspace's margin floor of 26 %: give less, ask for a larger least order, or lower the floor.",
            Sentences(sale, s => s with { MarginFloorShare = 0.26 }));

        // The campaign's own floor comes first; without a margin or a usual order nothing can be said.
        Assert.Equal("", Sentences(sale with { MarginFloorShare = 0.2 }, s => s with { MarginFloorShare = 0.26 }));
        Assert.Contains("below the campaign's margin floor of 30 %", Sentences(sale with { MarginFloorShare = 0.3 }), StringComparison.Ordinal);
        Assert.Equal("", Sentences(sale with { MarginFloorShare = 0.3 }, s => s with { MarginShare = null }));
        Assert.Equal("", Sentences(sale with { MarginFloorShare = 0.3 }, orderValue: null));
    }

    [Fact]
    public void An_amount_or_a_benefit_weighs_less_on_a_larger_least_order()
    {
        var tenOff = Discount with { DiscountShare = 0, DiscountMinor = 1_000, LeastOrderMinor = 2_000 };
        Func<WorkspaceSettings, WorkspaceSettings> floor = s => s with { MarginFloorShare = 0.2 };
        Assert.Contains("the discount takes £10.00", Sentences(Campaign(tenOff), floor), StringComparison.Ordinal);
        Assert.Equal("", Sentences(Campaign(tenOff with { LeastOrderMinor = 6_000 }), floor));
        Assert.Contains("the benefit £9.00", Sentences(Campaign(Discount with { DiscountShare = 0, FreeShipping = true, BenefitCostMinor = 900 }), floor), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_cannot_be_understood_or_rests_on_a_barred_field_is_refused()
    {
        Assert.Equal("", Sentences(Campaign(Discount with { EligibilityRule = """{"field": "orders", "at_least": 3}""" })));
        Assert.Contains(
            "treatments.gift.offer.eligibilityRule: Message variant 'gift', offer is for: there is no field 'ordrs'.",
            Sentences(Campaign(Discount with { EligibilityRule = """{"field": "ordrs", "at_least": 3}""" })),
            StringComparison.Ordinal);
        Assert.Contains("this is no JSON", Sentences(Campaign(Discount with { EligibilityRule = "orders > 3" })), StringComparison.Ordinal);

        var barred = new CompiledScheme(RetailScheme.Scheme with { BarredFields = ["orders"] }, FieldCatalogue.BuiltIn);
        var problem = Assert.Single(new WorkspaceTerms(barred, Settings, null).Problems(Campaign(Discount with { EligibilityRule = """{"field": "orders", "at_least": 3}""" })));
        Assert.Contains("rests on orders, which this workspace bars from offers", problem.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_purpose_of_consent_that_the_workspace_does_not_have_is_refused()
    {
        var news = Campaign(Discount) with { ConsentPurpose = "newsletter" };
        Assert.StartsWith("consentPurpose: Consent: the workspace has no purpose 'newsletter'", Sentences(news), StringComparison.Ordinal);
        Assert.Equal("", Sentences(news, s => s with { Contact = s.Contact with { Purposes = [new("newsletter", "our monthly newsletter")] } }));
    }

    [Fact]
    public void A_discount_that_nobody_could_ever_get_is_refused_with_the_ceiling_named()
    {
        Assert.Contains("it takes up to 15 % off an order, and the workspace's ceiling is 10 % per customer in 90 days", Sentences(Campaign(Discount), s => s with { MaxDiscountDepth = 0.1 }), StringComparison.Ordinal);
        Assert.Contains("allows no discounts", Sentences(Campaign(Discount), s => s with { MaxDiscounts = 0 }), StringComparison.Ordinal);
        Assert.Equal("", Sentences(Campaign(Discount) with { Purpose = CampaignPurpose.PromisedBenefit }, s => s with { MaxDiscounts = 0 }));
        Assert.Equal("", Sentences(PlanWorld.TwoVariants(), s => s with { MaxDiscounts = 0 }));
    }

    [Fact]
    public void A_budget_below_one_message_is_refused_with_both_amounts()
    {
        var costly = Campaign(Discount) with { BudgetMinor = 3, MaxSendCostMinor = 3 };
        Func<WorkspaceSettings, WorkspaceSettings> dear = s => s with { EmailCostMicros = 50_000 };
        Assert.Contains("budgetMinor: Budget per run: £0.03 is less than one message costs (£0.05)", Sentences(costly, dear), StringComparison.Ordinal);
        Assert.Contains("maxSendCostMinor: Most sending cost per run: £0.03", Sentences(costly, dear), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_law_asks_for_it_a_discount_must_say_that_the_price_is_personal()
    {
        Func<WorkspaceSettings, WorkspaceSettings> law = s => s with { TellPersonalPrice = true };
        Assert.Equal(
            "treatments.gift.template: Message variant 'gift', E-mail: a discount must say that the price is personal (Settings, Discounts): add {{personalPriceNotice}}.",
            Sentences(Campaign(Discount), law));
        Assert.Equal("", Sentences(PlanWorld.TwoVariants(), law));

        var told = Campaign(Discount);
        told = told with { Treatments = [told.Treatments[0] with { Template = told.Treatments[0].Template with { Html = "<p>Sale. {{personalPriceNotice}}</p>" } }] };
        Assert.Equal("", Sentences(told, law));
        Assert.Empty(CampaignValidation.Problems(told, Campaigns.Core.Dispatch.MessageRenderer.Validate));
    }
}
