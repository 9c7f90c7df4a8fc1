using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;
using CsCheck;

namespace Campaigns.Core.Tests.Segments.Rules;

public class RuleLawTests
{
    [Fact]
    public void A_segment_and_its_complement_divide_the_customers() =>
        Gen.Select(RuleGen.Any, RuleGen.Customer).Sample((rule, customer) =>
        {
            var holds = RuleGen.Hold(customer, rule, new Rule.Not(rule));
            Assert.NotEqual(holds[0], holds[1]);
        });

    [Fact]
    public void Not_not_says_nothing() =>
        Gen.Select(RuleGen.Any, RuleGen.Customer).Sample((rule, customer) =>
        {
            var holds = RuleGen.Hold(customer, rule, new Rule.Not(new Rule.Not(rule)));
            Assert.Equal(holds[0], holds[1]);
        });

    [Fact]
    public void De_Morgan_holds_with_unknown_values_too() =>
        Gen.Select(RuleGen.Any, RuleGen.Any, RuleGen.Customer).Sample((a, b, customer) =>
        {
            var (notA, notB) = (new Rule.Not(a), new Rule.Not(b));
            var holds = RuleGen.Hold(customer, new Rule.Not(new Rule.All([a, b])), new Rule.Any([notA, notB]), new Rule.Not(new Rule.Any([a, b])), new Rule.All([notA, notB]));
            Assert.Equal(holds[0], holds[1]);
            Assert.Equal(holds[2], holds[3]);
        });

    [Fact]
    public void What_is_written_is_read_as_the_same_scheme() =>
        RuleGen.Any.Array[1, 4].Sample(rules =>
        {
            var scheme = RuleGen.Scheme(rules);
            var json = SchemeJson.Write(scheme);
            var read = SchemeJson.Parse(json, RuleGen.Catalogue);
            Assert.Empty(read.Faults);
            Assert.Equal(scheme, read.Scheme);
            Assert.Equal(json, SchemeJson.Write(read.Scheme!));
        });

    [Fact]
    public void In_segment_says_what_the_segments_own_rule_says() =>
        Gen.Select(RuleGen.Any, RuleGen.Any, RuleGen.Customer).Sample((a, b, customer) =>
        {
            // The first asks for one behind it: the order of segments is priority, not sequence.
            var holds = RuleGen.Hold(customer, new Rule.Not(new Rule.InSegment("s2")), new Rule.All([new Rule.InSegment("s2"), b]), a, b);
            Assert.Equal(!holds[2], holds[0]);
            Assert.Equal(holds[2] && holds[3], holds[1]);
        });

    [Fact]
    public void A_history_without_products_is_classified_alike_where_nobody_asks_for_them() =>
        Gen.Select(RuleGen.Any.Array[1, 3], RuleGen.Customer).Where((_, c) => c.History is not null).Sample((rules, customer) =>
        {
            var classifier = new Classifier(new CompiledScheme(RuleGen.Scheme(rules), RuleGen.Catalogue), customer.Shop, customer.AsOf);
            if (!classifier.AsksForProducts)
            {
                var without = PurchaseHistory.WithoutProducts(RowCodec.Encode(customer.History!));
                Assert.Equal(classifier.Classify(customer.History, customer.Customer, null), classifier.Classify(without, customer.Customer, null));
            }
        });

    [Fact]
    public void Products_behind_a_derived_field_or_an_operand_are_asked_for_and_so_are_prices_where_discounts_are_unknown()
    {
        var ordered = new Rule.Compare("orders", Comparison.AtLeast, new Operand.Literal(FieldValue.Of(1.0)));
        var operand = new Rule.Compare("orders", Comparison.AtLeast, new Operand.OfField("product.p1.lines", null));
        var derived = RuleGen.Scheme(new Rule.Compare("worked_out", Comparison.AtLeast, new Operand.Literal(FieldValue.Of(1.0)))) with
        {
            Fields = [new("worked_out", FieldUnit.Lines, "lines", new Operand.OfField("product.p1.lines", null))],
        };
        Assert.False(Asks(RuleGen.Scheme(ordered), discountsKnown: true));
        Assert.True(Asks(RuleGen.Scheme(ordered), discountsKnown: false));
        Assert.True(Asks(RuleGen.Scheme(operand), discountsKnown: true));
        Assert.True(Asks(derived, discountsKnown: true));
    }

    [Fact]
    public void An_exclusive_scheme_gives_the_first_alone() =>
        Gen.Select(RuleGen.Any.Array[1, 5], RuleGen.Customer).Sample((rules, customer) =>
        {
            var (open, facts) = (RuleGen.Scheme(rules), RuleGen.Facts(customer));
            var all = new CompiledScheme(open, RuleGen.Catalogue).Classify(facts);
            var first = new CompiledScheme(open with { Exclusive = true }, RuleGen.Catalogue).Classify(facts);
            Assert.Equal(all.PrimaryIndex, first.PrimaryIndex);
            Assert.Equal(all.IsEmpty ? 0 : 1, first.Count);
        });

    [Fact]
    public void An_explanation_agrees_with_the_classification() =>
        Gen.Select(RuleGen.Any, RuleGen.Customer).Sample((rule, customer) =>
        {
            var scheme = new CompiledScheme(RuleGen.Scheme(rule), RuleGen.Catalogue);
            var facts = RuleGen.Facts(customer);
            var explained = scheme.Explain(facts, "s0");
            Assert.Equal(scheme.Classify(facts).Contains(0), explained.Member);
            Assert.Equal(explained.Member, explained.Conditions[0].Holds);
            Assert.StartsWith(explained.Member ? "s0: " : "not s0: ", explained.Reason, StringComparison.Ordinal);
            Assert.True(explained.Reason.Length > 10, explained.Reason);
        });

    [Fact]
    public void Who_is_placed_by_hand_is_in_the_segment_whatever_the_rule_says() =>
        Gen.Select(RuleGen.Any, RuleGen.Any, RuleGen.Customer, Gen.Bool).Sample((a, b, customer, exclusive) =>
        {
            var scheme = new CompiledScheme(RuleGen.Scheme(a, b) with { Exclusive = exclusive }, RuleGen.Catalogue);
            var set = scheme.Classify(Placed(RuleGen.Facts(customer), 1));
            Assert.True(set.Contains(1));
            Assert.True(!exclusive || set.Count == 1);
        });

    private static CustomerFacts Placed(CustomerFacts facts, int index) =>
        new() { History = facts.History, Customer = facts.Customer, Shop = facts.Shop, AsOf = facts.AsOf, Placed = default(Campaigns.Core.Segments.SegmentSet).With(index) };

    private static bool Asks(SegmentScheme scheme, bool discountsKnown) =>
        new Classifier(new CompiledScheme(scheme, RuleGen.Catalogue), ShopGen.ParametersOf([], ShopGen.Start, discountsKnown), ShopGen.Start).AsksForProducts;
}
