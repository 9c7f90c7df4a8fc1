using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using CsCheck;

namespace Campaigns.Core.Tests.Segments.Rules;

public class RetailSchemeTests
{
    /// <summary>The scheme with rules as they stood in code before there were schemes: they knew no floor.</summary>
    private static readonly CompiledScheme NoFloor = new(
        RetailScheme.Scheme with { Parameters = [.. RetailScheme.Scheme.Parameters.Select(p => p.Name == "at-risk-floor" ? p with { Value = 0 } : p)] },
        FieldCatalogue.BuiltIn);

    [Fact]
    public void The_scheme_classifies_as_the_rules_in_code_did() =>
        Gen.Select(ShopGen.History, ShopGen.Parameters, Gen.Int[0, 1500]).Sample(
            (history, parameters, day) =>
            {
                var asOf = ShopGen.Start.AddDays(day);
                Assert.Equal(Former(history, parameters, asOf), RetailScheme.Scheme.IdsOf(NoFloor.Classify(Facts(history, parameters, asOf))));
            },
            iter: 5_000);

    [Fact]
    public void The_floor_only_keeps_quick_buyers_from_being_at_risk() =>
        Gen.Select(ShopGen.History, ShopGen.Parameters, Gen.Int[0, 1500]).Sample((history, parameters, day) =>
        {
            var facts = Facts(history, parameters, ShopGen.Start.AddDays(day));
            var (with, without) = (RetailScheme.Compiled.Classify(facts), NoFloor.Classify(facts));
            if (with != without)
            {
                Assert.True(history.DaysSinceLastOrder(facts.AsOf) <= 14);
                Assert.True(history.MeanGapDays < 7);
                Assert.False(with.Contains(SegmentNames.Lost) || with.Contains(SegmentNames.AtRisk));
            }
        });

    [Fact]
    public void Every_customer_with_an_order_has_one_primary_and_a_reason_for_each_membership() =>
        Gen.Select(ShopGen.History, ShopGen.Parameters, Gen.Int[0, 1500]).Sample((history, parameters, day) =>
        {
            var facts = Facts(history, parameters, ShopGen.Start.AddDays(day));
            var set = RetailScheme.Compiled.Classify(facts);
            Assert.Equal(history.Orders == 0, set.IsEmpty);
            Assert.Equal(set.Names, RetailScheme.Compiled.Reasons(facts).Select(r => r.Segment));
            Assert.True(new[] { SegmentNames.Lost, SegmentNames.AtRisk, SegmentNames.New }.Count(s => set.Contains(s)) <= 1);
            Assert.False(set.Contains(SegmentNames.Regular) && set.Count > 1);
        });

    [Fact]
    public void Silence_never_makes_a_customer_more_alive() =>
        Gen.Select(ShopGen.History, ShopGen.Parameters, Gen.Int[0, 1500], Gen.Int[0, 500]).Sample((history, parameters, day, later) =>
        {
            var before = RetailScheme.Compiled.Classify(Facts(history, parameters, ShopGen.Start.AddDays(day)));
            var after = RetailScheme.Compiled.Classify(Facts(history, parameters, ShopGen.Start.AddDays(day + later)));
            Assert.True(Stage(after) >= Stage(before), $"{before.Primary} became {after.Primary} by silence");
            Assert.Equal(before.Contains(SegmentNames.PriceSensitive), after.Contains(SegmentNames.PriceSensitive));
        });

    [Fact]
    public void Everybody_is_lost_after_enough_silence() =>
        Gen.Select(ShopGen.History, ShopGen.Parameters).Where((h, _) => h.Orders > 0).Sample((history, parameters) =>
            Assert.Equal(SegmentNames.Lost, RetailScheme.Compiled.Classify(Facts(history, parameters, ShopGen.Start.AddDays(20_000))).Primary));

    private static CustomerFacts Facts(PurchaseHistory history, SegmentParameters parameters, DateTimeOffset asOf) =>
        new() { History = history, Shop = parameters, AsOf = asOf };

    private static int Stage(SegmentSet set) => set.Contains(SegmentNames.Lost) ? 2 : set.Contains(SegmentNames.AtRisk) ? 1 : 0;

    /// <summary>The segments by the if-chain that the scheme replaced.</summary>
    private static List<string> Former(PurchaseHistory history, SegmentParameters shop, DateTimeOffset asOf)
    {
        var segments = new List<string>();
        if (history.Orders == 0)
        {
            return segments;
        }

        var silence = Math.Max(0, history.DaysSinceLastOrder(asOf)!.Value);
        if (silence > (history.OrderDays >= 3 ? 2 * history.MeanGapDays!.Value : shop.Gap80Days))
        {
            segments.Add(silence > shop.Gap95Days ? SegmentNames.Lost : SegmentNames.AtRisk);
        }
        else if (history.OrderDays <= 1)
        {
            segments.Add(SegmentNames.New);
        }

        if (history.OrderDays >= 3 && Rfm.Score(history, shop.Rfm, asOf) is { Recency: >= 4, Frequency: >= 4, Monetary: >= 4 })
        {
            segments.Add(SegmentNames.Loyal);
        }

        var lines = CheapLines.Of(history, shop.DiscountsKnown, shop.UsualPrices);
        if (history.OrderDays >= 2 && lines.Judged >= 4 && (lines.Cheap + (4 * shop.CheapShare)) / (lines.Judged + 4) >= shop.PriceSensitiveShare)
        {
            segments.Add(SegmentNames.PriceSensitive);
        }

        return segments.Count > 0 ? segments : [SegmentNames.Regular];
    }
}
