using Campaigns.Core.Segments;
using CsCheck;

namespace Campaigns.Core.Tests.Segments;

public class MembershipChangeTests
{
    private static readonly Gen<SegmentSet> Set = Gen.Int[0, (1 << SegmentNames.ByPriority.Count) - 1].Select(bits => new SegmentSet(bits));

    [Fact]
    public void A_membership_lasts_from_since_to_until()
    {
        var first = MembershipChange.Apply(null, default(SegmentSet).With(SegmentNames.New), Day(1))!;
        var second = MembershipChange.Apply(first, default(SegmentSet).With(SegmentNames.Loyal).With(SegmentNames.PriceSensitive), Day(5))!;
        var third = MembershipChange.Apply(second, default(SegmentSet).With(SegmentNames.Loyal), Day(9))!;

        Assert.Equal((SegmentNames.New, SegmentNames.Loyal, SegmentNames.Loyal), (first.Primary, second.Primary, third.Primary));
        Assert.Equal([new Membership(SegmentNames.Loyal, Day(5))], third.Present);
        Assert.Equal([new Membership(SegmentNames.New, Day(1), Day(5)), new Membership(SegmentNames.PriceSensitive, Day(5), Day(9))], third.Past);
    }

    [Fact]
    public void Applying_a_classification_again_changes_nothing() =>
        Gen.Select(Set, Set, Gen.Int[0, 3]).Sample((before, now, days) =>
        {
            var row = MembershipChange.Apply(null, before, Day(1));
            var changed = MembershipChange.Apply(row, now, Day(1 + days)) ?? row;

            Assert.Null(MembershipChange.Apply(changed, now, Day(1 + days)));
            Assert.Null(MembershipChange.Apply(changed, now, Day(9)));
            Assert.Equal(now, changed is null ? default : MembershipChange.Holds(changed));
            Assert.Equal(now.Primary, changed?.Primary ?? "");
        });

    [Fact]
    public void A_late_recompute_of_an_earlier_time_changes_nothing()
    {
        var row = MembershipChange.Apply(null, default(SegmentSet).With(SegmentNames.Loyal), Day(5));
        Assert.Null(MembershipChange.Apply(row, default(SegmentSet).With(SegmentNames.New), Day(4)));
    }

    [Fact]
    public void Past_memberships_are_kept_up_to_a_limit()
    {
        var row = default(MembershipRow);
        for (var day = 0; day < 100; day++)
        {
            row = MembershipChange.Apply(row, new SegmentSet(1 << (day % 2)), Day(day));
        }

        Assert.Equal(MembershipRow.PastLimit, row!.Past.Length);
        Assert.Equal(Day(99), row.Past[^1].Until);
    }

    private static DateTimeOffset Day(int day) => ShopGen.Start.AddDays(day);
}
