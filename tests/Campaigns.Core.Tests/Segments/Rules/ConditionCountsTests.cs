using Campaigns.Core.Segments.Rules;
using CsCheck;

namespace Campaigns.Core.Tests.Segments.Rules;

public class ConditionCountsTests
{
    [Fact]
    public void Counts_of_parts_make_the_counts_of_the_whole() =>
        Gen.Select(RuleGen.Any.Array[1, 3], RuleGen.Customer.Array[0, 8], Gen.Int[0, 8]).Sample((rules, customers, cut) =>
        {
            var scheme = new CompiledScheme(RuleGen.Scheme(rules), RuleGen.Catalogue);
            var (whole, first, second) = (new ConditionCounts(scheme), new ConditionCounts(scheme), new ConditionCounts(scheme));
            for (var i = 0; i < customers.Length; i++)
            {
                whole.Add(RuleGen.Facts(customers[i]));
                (i < cut ? first : second).Add(RuleGen.Facts(customers[i]));
            }

            first.Merge(second.ToArray());
            Assert.Equal(whole.ToArray(), first.ToArray());
        });

    [Fact]
    public void A_condition_decides_where_the_others_leave_it_open()
    {
        var (yes, no) = (new Rule.Compare("orders", Comparison.AtLeast, Number(0)), new Rule.Compare("orders", Comparison.Below, Number(0)));
        var scheme = new CompiledScheme(RuleGen.Scheme(new Rule.All([yes, no, new Rule.Any([yes, no])])), FieldCatalogue.BuiltIn);
        var counts = new ConditionCounts(scheme);
        counts.Add(new CustomerFacts { Shop = ShopGen.ParametersOf([], ShopGen.Start, true), AsOf = ShopGen.Start });

        // The rule fails by the second condition alone: only that one (and the whole) could change the outcome.
        Assert.Equal(
            [("", 0, 1), (".all[0]", 1, 0), (".all[1]", 0, 1), (".all[2]", 1, 0), (".all[2].any[0]", 1, 0), (".all[2].any[1]", 0, 0)],
            counts.ToList().Select(c => (c.Path["$.segments[0].rule".Length..], (int)c.Held, (int)c.Decided)));
    }

    [Fact]
    public void A_condition_of_all_that_always_holds_decides_nothing_nor_does_one_of_any_that_never_does()
    {
        var (yes, no) = (new Rule.Compare("orders", Comparison.AtLeast, Number(0)), new Rule.Compare("orders", Comparison.Below, Number(0)));
        var scheme = new CompiledScheme(RuleGen.Scheme(new Rule.All([yes, new Rule.Any([yes, no])])), FieldCatalogue.BuiltIn);
        var counts = new ConditionCounts(scheme);
        counts.Add(new CustomerFacts { Shop = ShopGen.ParametersOf([], ShopGen.Start, true), AsOf = ShopGen.Start });
        Assert.Equal(
            [("", 1), (".all[0]", 0), (".all[1]", 0), (".all[1].any[0]", 1), (".all[1].any[1]", 0)],
            counts.ToList().Select(c => (c.Path["$.segments[0].rule".Length..], (int)c.Decided)));
    }

    private static Operand.Literal Number(double number) => new(FieldValue.Of(number));
}
