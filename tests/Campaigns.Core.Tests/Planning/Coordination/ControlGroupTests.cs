using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Primitives;
using CsCheck;

namespace Campaigns.Core.Tests.Planning.Coordination;

public sealed class ControlGroupTests
{
    private static readonly string Salt = Convert.ToHexStringLower(PlanWorld.Salt);
    private static readonly string[] Zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Amman"];

    private static readonly WorkspaceSettings Plain = new() { Salt = PlanWorld.Salt, Buckets = 4, TimeZone = "UTC" };

    private static DateTimeOffset On(int year, int month, int day) => new(year, month, day, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_moment_lies_in_one_quarter_and_quarters_follow_each_other_without_a_gap() =>
        Gen.Select(Gen.Int[0, 3_600_000], Gen.Int[0, Zones.Length - 1]).Sample((hours, zoneIndex) =>
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(Zones[zoneIndex]);
            var at = new DateTimeOffset(1950, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(hours * 17L);
            var quarter = Quarter.Of(at, zone);
            Assert.True(quarter.StartIn(zone) <= at && at < quarter.EndIn(zone));
            Assert.Equal(quarter, Quarter.Of(quarter.StartIn(zone), zone));
            Assert.Equal(quarter.Index + 1, Quarter.Of(quarter.EndIn(zone), zone).Index);
            Assert.Equal(quarter, Quarter.OfIndex(quarter.Index));
            Assert.Equal(quarter, Quarter.Parse(quarter.ToString()));
        });

    [Theory]
    [InlineData("2026-q0")]
    [InlineData("2026-q5")]
    [InlineData("2026q1")]
    [InlineData("0026-q1")]
    [InlineData("-026-q1")]
    [InlineData("")]
    public void What_is_no_quarter_is_none(string text) => Assert.Null(Quarter.Parse(text));

    [Fact]
    public void A_change_of_the_share_holds_from_the_next_quarter_on()
    {
        var march = ControlGroup.Set(Plain, 0.1, On(2026, 3, 5));
        Assert.Null(ControlGroup.Now(march, On(2026, 3, 31)));
        Assert.Equal(100_000, ControlGroup.Now(march, On(2026, 4, 1))!.Value.PartsPerMillion);
        var may = ControlGroup.Set(march, 0.05, On(2026, 5, 1));
        Assert.Equal(100_000, ControlGroup.Now(may, On(2026, 6, 30))!.Value.PartsPerMillion);
        Assert.Equal(50_000, ControlGroup.Now(may, On(2026, 7, 1))!.Value.PartsPerMillion);
        Assert.Equal(0.05, ControlGroup.ShareSet(may));
        // Thought better of it, in the same quarter; and off, much later.
        Assert.Equal(march.ControlShares, ControlGroup.Set(may, 0.1, On(2026, 6, 1)).ControlShares);
        var off = ControlGroup.Set(may, 0, On(2027, 2, 1));
        Assert.NotNull(ControlGroup.Now(off, On(2027, 3, 31)));
        Assert.Null(ControlGroup.Now(off, On(2027, 4, 1)));
        Assert.Equal(50_000, ControlGroup.Of(off.ControlShares, new Quarter(2026, 4))!.Value.PartsPerMillion); // What was, stays.
        Assert.Empty(ControlGroup.Set(Plain, 0, On(2026, 3, 5)).ControlShares);
        Assert.Throws<ArgumentOutOfRangeException>(() => ControlGroup.Set(Plain, 0.21, On(2026, 3, 5)));
    }

    [Fact]
    public void Groups_have_their_share_grow_with_it_and_are_drawn_anew_each_quarter()
    {
        const int Customers = 20_000;
        var keys = Enumerable.Range(0, Customers).Select(i => CustomerKey.Of(PlanWorld.Salt, "c" + i)).ToList();
        HashSet<CustomerKey> Group(int number, int parts) => [.. keys.Where(k => new ControlGroup(new Quarter(2026, number).Index, parts).Holds(Salt, k))];
        var (small, large, next) = (Group(1, 50_000), Group(1, 200_000), Group(2, 200_000));
        // Four standard errors of a share of 20,000.
        Assert.InRange(small.Count, 1_000 - 124, 1_000 + 124);
        Assert.InRange(large.Count, 4_000 - 227, 4_000 + 227);
        Assert.Subset(large, small);
        Assert.InRange(large.Intersect(next).Count(), 800 - 111, 800 + 111);
    }

    [Fact]
    public async Task No_run_of_the_quarter_addresses_the_group_and_each_counts_it()
    {
        string? text = null;
        foreach (var buckets in new[] { 4, 1, 64 })
        {
            await using var world = await PlanWorld.CreateAsync(buckets);
            await world.Store.Workspace.ChangeAsync(s => ControlGroup.Set(s, 0.2, PlanWorld.Start), default);
            await world.AddMixAsync(400);
            await world.Store.Workspace.SetNowAsync(On(2026, 4, 10), default);
            var group = new ControlGroup(new Quarter(2026, 2).Index, 200_000);
            var preview = (await new AudiencePreviews(world.Store.Rows, world.Store.Blobs, world.Store.Workspace, world.Runs).OfAsync(PlanWorld.TwoVariants(), default))!;
            var run = await world.PlanAsync(PlanWorld.TwoVariants());
            var rows = await world.RowsAsync(run);
            Assert.NotEmpty(rows);
            Assert.DoesNotContain(rows.Keys, k => group.Holds(Salt, new CustomerKey(k)));
            var reasons = (await world.PlanOfAsync(run)).SkippedByReason();
            Assert.Equal(preview.Plan.SkippedByReason(), reasons);
            Assert.InRange(reasons[ExclusionReasons.ControlGroup], 20, 60);
            text ??= await world.TextAsync(run);
            Assert.Equal(text, await world.TextAsync(run));
        }
    }
}
