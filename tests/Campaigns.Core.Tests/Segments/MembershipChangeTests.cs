using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using CsCheck;

namespace Campaigns.Core.Tests.Segments;

public class MembershipChangeTests
{
    private static readonly Gen<SegmentSet> Set = Gen.ULong[0, (1UL << SegmentNames.ByPriority.Count) - 1].Select(bits => new SegmentSet(bits));

    [Fact]
    public void A_membership_lasts_from_since_to_until()
    {
        var first = Apply(null, RetailScheme.Scheme.SetOf(SegmentNames.New), Day(1))!;
        var second = Apply(first, RetailScheme.Scheme.SetOf(SegmentNames.Loyal, SegmentNames.PriceSensitive), Day(5))!;
        var third = Apply(second, RetailScheme.Scheme.SetOf(SegmentNames.Loyal), Day(9))!;

        Assert.Equal((SegmentNames.New, SegmentNames.Loyal, SegmentNames.Loyal), (first.Primary, second.Primary, third.Primary));
        Assert.Equal([new Membership(SegmentNames.Loyal, Day(5))], third.Present);
        Assert.Equal([new Membership(SegmentNames.New, Day(1), Day(5)), new Membership(SegmentNames.PriceSensitive, Day(5), Day(9))], third.Past);
    }

    [Fact]
    public void Applying_a_classification_again_changes_nothing() =>
        Gen.Select(Set, Set, Gen.Int[0, 3]).Sample((before, now, days) =>
        {
            var row = Apply(null, before, Day(1));
            var changed = Apply(row, now, Day(1 + days)) ?? row;

            Assert.Null(Apply(changed, now, Day(1 + days)));
            Assert.Null(Apply(changed, now, Day(9)));
            Assert.Equal(now, changed is null ? default : RetailScheme.Scheme.SetOf(changed.Present.Select(m => m.Segment)));
            Assert.Equal(now.Primary, changed?.Primary ?? "");
        });

    [Fact]
    public void A_late_recompute_of_an_earlier_time_changes_nothing()
    {
        var row = Apply(null, RetailScheme.Scheme.SetOf(SegmentNames.Loyal), Day(5));
        Assert.Null(Apply(row, RetailScheme.Scheme.SetOf(SegmentNames.New), Day(4)));
    }

    [Fact]
    public void Past_memberships_are_kept_up_to_a_limit()
    {
        var row = default(MembershipRow);
        for (var day = 0; day < 100; day++)
        {
            row = Apply(row, new SegmentSet(1UL << (day % 2)), Day(day));
        }

        Assert.Equal(MembershipRow.PastLimit, row!.Past.Length);
        Assert.Equal(Day(99), row.Past[^1].Until);
    }

    private static MembershipRow? Apply(MembershipRow? row, SegmentSet set, DateTimeOffset asOf) => MembershipChange.Apply(row, RetailScheme.Scheme, set, asOf);

    private static DateTimeOffset Day(int day) => ShopGen.Start.AddDays(day);
}
