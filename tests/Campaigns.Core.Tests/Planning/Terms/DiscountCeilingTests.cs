using Campaigns.Core.Offers;
using Campaigns.Core.Planning.Terms;
using CsCheck;

namespace Campaigns.Core.Tests.Planning.Terms;

public sealed class DiscountCeilingTests
{
    private static readonly Gen<Offer> Offers = Gen.Select(Gen.Int[0, 70], Gen.Long[0, 5_000], Gen.Long[0, 20_000]).Select(g => new Offer
    {
        Id = "o",
        Name = "o",
        Kind = OfferKind.ExclusiveBenefit,
        DiscountShare = g.Item1 / 100.0,
        DiscountMinor = g.Item1 > 0 ? 0 : g.Item2,
        LeastOrderMinor = g.Item3,
    });

    private static readonly Gen<DiscountCeiling> Ceilings = Gen.Select(Gen.Int[0, 6], Gen.Long[0, 2_000_000], Gen.Bool, Gen.Bool)
        .Select(g => new DiscountCeiling(90, g.Item3 ? g.Item1 : null, g.Item4 ? g.Item2 : null));

    [Fact]
    public void What_was_offered_before_never_makes_a_discount_allowed() =>
        Gen.Select(Offers, Ceilings, Gen.Int[0, 5], Gen.Long[0, 1_000_000], Gen.Int[0, 2], Gen.Long[0, 500_000]).Sample((offer, ceiling, discounts, depth, more, deeper) =>
            ceiling.Allows(offer, new OfferStanding(0, discounts, depth)) || !ceiling.Allows(offer, new OfferStanding(0, discounts + more, depth + deeper)));

    [Fact]
    public void Within_the_ceiling_at_most_so_many_discounts_of_so_much_depth_are_offered() =>
        Gen.Select(Offers.List[0, 20], Ceilings).Sample((offers, ceiling) =>
        {
            var standing = default(OfferStanding);
            foreach (var offer in offers.Where(o => o.IsDiscount && ceiling.Allows(o, standing)))
            {
                standing = new OfferStanding(0, standing.Discounts + 1, standing.DepthPartsPerMillion + DiscountCeiling.DepthOf(offer));
            }

            return standing.Discounts <= (ceiling.MaxDiscounts ?? int.MaxValue) && standing.DepthPartsPerMillion <= (ceiling.MaxDepthPartsPerMillion ?? long.MaxValue);
        });

    [Fact]
    public void Depth_is_the_most_that_an_order_can_get_off()
    {
        var offer = new Offer { Id = "o", Name = "o", Kind = OfferKind.ExclusiveBenefit };
        Assert.Equal(0, DiscountCeiling.DepthOf(offer with { FreeShipping = true, BenefitCostMinor = 400 }));
        Assert.Equal(150_000, DiscountCeiling.DepthOf(offer with { DiscountShare = 0.15 }));
        Assert.Equal(250_000, DiscountCeiling.DepthOf(offer with { DiscountMinor = 1_000, LeastOrderMinor = 4_000 }));
        Assert.Equal(1_000_000, DiscountCeiling.DepthOf(offer with { DiscountMinor = 1_000 }));
    }
}
