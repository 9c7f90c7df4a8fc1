using Campaigns.Core.Measurement;
using Campaigns.Core.Measurement.Control;
using Campaigns.Core.Planning;
using Campaigns.Core.Profiles;

namespace Campaigns.Core.Tests.Measurement.Control;

public sealed class ControlMeasureTests
{
    private static readonly DateTimeOffset May = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset January = new(2026, 1, 10, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The first ids of customers in the group, or outside it.</summary>
    private static IEnumerable<string> Ids(bool inGroup) => Enumerable.Range(0, 1_000_000).Select(i => "c" + i).Where(id => ControlWorld.InGroup(id) == inGroup);

    [Fact]
    public async Task Each_side_is_what_its_known_customers_ordered_in_the_quarter_less_what_sends_cost()
    {
        await using var world = await ControlWorld.CreateAsync();
        var (group, others) = (Ids(true).Take(3).ToArray(), Ids(false).Take(4).ToArray());
        // In the group: one with an order, part of it refunded; one created before, without any order; one known only later.
        await world.AddAsync(group[0], null,
            ControlWorld.Order("1", January, 1000), ControlWorld.Order("2", May, 3000, quantity: 2, discountMinor: 600), ControlWorld.Order("3", May.AddDays(1), 3000, quantity: -1, discountMinor: -300));
        await world.AddAsync(group[1], ControlWorld.From.AddSeconds(-1));
        await world.AddAsync(group[2], ControlWorld.From, ControlWorld.Order("4", May, 9999));
        // Outside: the order at the first moment counts, the one at the end does not.
        await world.AddAsync(others[0], ControlWorld.From.AddDays(-9), ControlWorld.Order("5", ControlWorld.From, 400), ControlWorld.Order("6", ControlWorld.Until, 7777));
        await world.AddAsync(others[1], January);
        await world.AddAsync(others[2], May);
        await world.AddAsync(others[3], null, ControlWorld.Order("7", January, 500), ControlWorld.Order("8", May, 200));
        await world.AssignAsync(others[0], "run-a", May, sendCostMicros: 1_500);
        await world.AssignAsync(others[0], "run-b", May.AddDays(40), sendCostMicros: 500, benefitMinor: 30);
        await world.AssignAsync(others[1], "run-a", May, sendCostMicros: 40_000);
        await world.AssignAsync(others[3], "run-old", ControlWorld.From.AddDays(-1), sendCostMicros: 99_000, benefitMinor: 99);
        await world.AssignAsync(others[2], "run-a", May, sendCostMicros: 77_000); // Known too late.

        var summary = (await world.MeasureAsync(ControlWorld.Until.AddDays(5)))!.Summary;
        Assert.Null(summary.SpendCapMinor);
        // (5,400 of two, of which one was refunded with its discount of 300) = 2,700.
        Assert.Equal((2, 1, 2_700, 0), (summary.Group.Customers, summary.Group.Buyers, (long)summary.Group.Revenue.Sum, summary.Group.SendCostMicros));
        Assert.Equal(((3_000L / 2) - 300) * 10_000, (long)summary.Group.Profit.Sum);
        Assert.Equal((3, 2, 600, 42_000), (summary.Others.Customers, summary.Others.Buyers, (long)summary.Others.Revenue.Sum, summary.Others.SendCostMicros));
        Assert.Equal(((200L - 30 + 100) * 10_000) - 42_000, (long)summary.Others.Profit.Sum);
        Assert.Equal(summary.Others.Profit, summary.Others.CappedProfit);
    }

    [Fact]
    public async Task Results_are_equal_for_any_number_of_buckets_and_order_of_the_messages()
    {
        var texts = new List<string>();
        foreach (var (buckets, seed) in new[] { (16, (int?)null), (1, null), (64, null), (16, 5) })
        {
            await using var world = await ControlWorld.CreateAsync(buckets);
            await FillAsync(world, 600);
            var summary = (await world.MeasureAsync(May.AddDays(30), seed: seed))!.Summary;
            texts.Add(System.Text.Json.JsonSerializer.Serialize((summary.SpendCapMinor, summary.Group.Customers, summary.Others.Customers), new System.Text.Json.JsonSerializerOptions { IncludeFields = true })
                + summary.Group + summary.Others);
            Assert.NotNull(summary.SpendCapMinor);
            Assert.True(summary.Others.CappedRevenue.Sum < summary.Others.Revenue.Sum);
        }

        Assert.Single(texts.Distinct());
    }

    [Fact]
    public async Task What_counts_of_spending_is_fixed_by_the_first_measurement_from_the_time_before_the_quarter()
    {
        await using var world = await ControlWorld.CreateAsync();
        await FillAsync(world, 200);
        var first = (await world.MeasureAsync(May))!.Summary.SpendCapMinor;
        // Orders of the quarter, and late ones of the time before it.
        for (var i = 0; i < 60; i++)
        {
            await world.AddAsync("late" + i, null, ControlWorld.Order("p", January, 5_000_000), ControlWorld.Order("q", May, 9_000_000));
        }

        var second = (await world.MeasureAsync(May.AddDays(1)))!.Summary;
        Assert.Equal(first, second.SpendCapMinor);
        Assert.InRange(first!.Value, 1, 20_000);
        Assert.Equal(260, second.Group.Customers + second.Others.Customers);
    }

    [Fact]
    public async Task It_is_measured_once_a_day_until_late_orders_no_longer_count()
    {
        await using var world = await ControlWorld.CreateAsync();
        await world.AddAsync("c1", January);
        Assert.Empty(await world.Measure.StartAsync(ControlWorld.From.AddSeconds(-1), false, default)); // No group in the first quarter.
        Assert.NotNull(await world.MeasureAsync(May, again: false));
        Assert.Empty(await world.Measure.StartAsync(May.AddHours(23), false, default));
        Assert.NotEmpty(await world.Measure.StartAsync(May.AddHours(24), false, default));
        // In the third quarter both are measured, a month long.
        static IEnumerable<string> Jobs(IEnumerable<Core.Jobs.Outgoing> messages) => messages.Select(m => Core.Jobs.Envelope.Parse(m.Body).Work!.Job).Distinct();
        Assert.Equal(["control-2026-q2-20260705", "control-2026-q3-20260705"], Jobs(await world.Measure.StartAsync(ControlWorld.Until.AddDays(4), false, default)));
        Assert.Equal(["control-2026-q2-20260731", "control-2026-q3-20260731"], Jobs(await world.Measure.StartAsync(ControlWorld.Until.AddDays(RunInputs.LateDays), false, default)));
        Assert.Equal(["control-2026-q3-20260801"], Jobs(await world.Measure.StartAsync(ControlWorld.Until.AddDays(RunInputs.LateDays + 1), false, default)));
    }

    [Fact]
    public async Task A_large_true_effect_is_proven_at_every_look_and_told_per_customer_and_in_all()
    {
        await using var world = await ControlWorld.CreateAsync();
        for (var i = 0; i < 1500; i++)
        {
            var id = "c" + i;
            var buys = ControlWorld.InGroup(id) ? i % 5 == 0 : i % 5 < 3;
            await world.AddAsync(id, January, buys ? [ControlWorld.Order("o", May, 2_000 + (i % 7))] : []);
        }

        var report = (await world.MeasureAsync(May.AddDays(20)))!;
        Assert.False(report.Closed);
        Assert.Equal((Verdict.ProvenGain, IntervalKind.AlwaysValid, "profit"), (report.Headline.Verdict, report.Headline.Kind, report.Figure));
        Assert.False(report.SampleRatioAlert);
        // 40 % more buy for 20.00 at a margin of a half: about 4.00 a customer.
        Assert.InRange(report.Headline.Per1000!.Value, 300_000, 500_000);
        Assert.Equal(report.Headline.Per1000.Value * report.Summary.Others.Customers / 1000, report.TotalMinor!.Value, 6);
        Assert.True(report.Headline.AlwaysValid!.Value.Low < report.Headline.FixedTime!.Value.Low);
        Assert.Contains("Proven gain", report.Describe("GBP"), StringComparison.Ordinal);

        var closed = (await world.MeasureAsync(ControlWorld.Until))!;
        Assert.Equal((true, IntervalKind.FixedTime), (closed.Closed, closed.Headline.Kind));
    }

    [Fact]
    public async Task Without_margins_it_says_revenue()
    {
        await using var world = await ControlWorld.CreateAsync(margin: null);
        await FillAsync(world, 50);
        var report = (await world.MeasureAsync(May.AddDays(30)))!;
        Assert.Equal(("revenue", null), (report.Figure, report.Profit));
        Assert.Equal(Verdict.TooEarly, report.Headline.Verdict);
    }

    [Fact]
    public void Sides_that_are_not_as_large_as_drawn_are_told()
    {
        static ControlReport Of(long group, long others) => new(new ControlSummary
        {
            Inputs = new ControlInputs { Group = new(ControlWorld.Second.Index, 100_000), From = ControlWorld.From, Until = ControlWorld.Until, Margin = new(), MicrosPerMinor = 10_000 },
            MeasuredAt = May,
            Group = new ControlArm { Customers = group },
            Others = new ControlArm { Customers = others },
        });
        Assert.False(Of(1000, 9000).SampleRatioAlert);
        Assert.True(Of(800, 9200).SampleRatioAlert);
        Assert.False(Of(0, 0).SampleRatioAlert);
    }

    /// <summary>Customers of whom most bought before and in the quarter, a few of them a great deal.</summary>
    private static async Task FillAsync(ControlWorld world, int customers)
    {
        for (var i = 0; i < customers; i++)
        {
            var orders = new[] { ControlWorld.Order("a", January.AddDays(i % 50), 1_000 + (i * 37 % 900)), ControlWorld.Order("b", May.AddDays(i % 20), i % 41 == 0 ? 900_000 : 700 + i) };
            await world.AddAsync("c" + i, i % 3 == 0 ? January : null, [.. orders.Take(1 + (i % 2))]);
            if (!ControlWorld.InGroup("c" + i))
            {
                await world.AssignAsync("c" + i, "run-" + (i % 3), May, 1_000 + i, i % 4);
            }
        }
    }
}
