using Campaigns.Core.Ingest;
using Campaigns.Core.Measurement;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Tests.Measurement;

public sealed class MeasureStepTests
{
    private static readonly DateTimeOffset At = StoredRun.At;

    /// <summary>Orders and refunds before, within and after the window, some cancelling others.</summary>
    private static List<(int Customer, OrderRow Order)> Orders(int seed)
    {
        var orders = new List<(int, OrderRow)>();
        for (var customer = 0; customer < StoredRun.Customers; customer++)
        {
            for (var n = 0; n < 5; n++)
            {
                var draw = StableHash.PartsPerMillion("orders", customer.ToString(), n.ToString());
                var day = (draw % 100) - 40 + 0.5;
                var order = OutcomesTests.Order($"{customer}-{n}", day, 500 + (draw % 7 * 100), draw % 5 == 0 ? -1 : 2, draw % 3 * 10L, draw % 4 == 0 ? "back10" : null);
                orders.Add((customer, order with { OrderedAt = At.AddDays(day) }));
            }
        }

        return [.. orders.OrderBy(o => StableHash.Of(seed.ToString(), o.Item2.OrderId))];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_recount_agrees_with_what_was_folded_step_by_step_in_any_order_of_arrival(int seed)
    {
        await using var run = await StoredRun.CreateAsync(4);
        foreach (var (customer, order) in Orders(seed))
        {
            await run.LandAsync(customer, order);
        }

        var report = await run.RecountAsync();
        Assert.Equal((long)StoredRun.Customers, report.Customers);
        Assert.True(report.Agrees, string.Join('\n', report.Examples));
    }

    [Fact]
    public async Task Figures_are_the_same_for_1_16_and_256_buckets_and_any_order_of_arrival_and_of_messages()
    {
        var tables = new List<string>();
        foreach (var (buckets, seed) in new[] { (1, 1), (16, 2), (256, 3) })
        {
            await using var run = await StoredRun.CreateAsync(buckets);
            foreach (var (customer, order) in Orders(seed))
            {
                await run.LandAsync(customer, order);
            }

            await run.SetNowAsync(At.AddDays(31));
            var report = await run.MeasureAsync(At.AddDays(31), seed);
            using var csv = new StringWriter();
            foreach (var by in Enum.GetValues<KpiGrouping>())
            {
                KpiCsv.Write(report.Rows(by), csv);
            }

            tables.Add(csv.ToString());
        }

        Assert.Contains("win-back", tables[0], StringComparison.Ordinal);
        Assert.Equal(tables[0], tables[1]);
        Assert.Equal(tables[0], tables[2]);
    }

    [Fact]
    public async Task What_a_run_has_cost_is_told_to_dispatch_and_to_later_runs()
    {
        await using var run = await StoredRun.CreateAsync(4, budgetMicros: 5_000_000);
        Assert.Null(await run.SpendAsync());
        await run.LandAsync(1, OutcomesTests.Order("a", 3, 1000, discount: 100, code: "BACK10") with { OrderedAt = At.AddDays(3) });
        await run.LandAsync(2, OutcomesTests.Order("b", 3, 1000, discount: 100, code: "OTHER") with { OrderedAt = At.AddDays(3) });
        await run.SetNowAsync(At.AddDays(4));
        await run.MeasureAsync(At.AddDays(4));
        // A discount of 1.00 on the offer's code; the other code is not the offer's, and sending cost nothing here.
        var spend = (await run.SpendAsync())!;
        Assert.Equal((1_000_000, At.AddDays(4), false), (spend.SpentMicros, spend.MeasuredAt, spend.Closed));

        // With its window it stops to reserve anything of a total budget, whether it had a budget of its own or not.
        await using var free = await StoredRun.CreateAsync(4);
        await free.SetNowAsync(At.AddDays(31));
        await free.MeasureAsync(At.AddDays(31));
        Assert.Equal((0, true), ((await free.SpendAsync())!.SpentMicros, (await free.SpendAsync())!.Closed));
    }

    [Fact]
    public async Task A_measurement_adds_up_what_the_assignments_hold()
    {
        await using var run = await StoredRun.CreateAsync(4);
        await run.LandAsync(1, OutcomesTests.Order("a", 3, 1000, discount: 100, code: "BACK10") with { OrderedAt = At.AddDays(3) });
        await run.LandAsync(5, OutcomesTests.Order("b", 4, 700) with { OrderedAt = At.AddDays(4) });
        await run.SetNowAsync(At.AddDays(31));
        var row = Assert.Single((await run.MeasureAsync(At.AddDays(31))).Rows(KpiGrouping.Campaign));
        Assert.Equal((40L, 32L, 8L, 900L, 700L, 1L), (row.Customers, row.Treated, row.HeldOut, row.RevenueMinor, row.RevenueHeldOutMinor, row.Orders));
        Assert.Equal((1 / 32.0, 1 / 8.0, 100.0), (row.Conversion, row.ConversionHeldOut, row.CostMinor));
        Assert.Equal(("too small to measure", "not known yet", true), (row.Verdict, row.ChurnNote, row.WindowClosed));
        // Exactly a fifth was held out, as the logged probabilities say.
        Assert.Equal(1.0, row.SampleRatioPValue);
    }

    [Fact]
    public async Task Late_orders_count_until_the_late_days_are_over_and_not_after()
    {
        await using var run = await StoredRun.CreateAsync(4);
        await run.SetNowAsync(At.AddDays(60));
        await run.LandAsync(1, OutcomesTests.Order("a", 3, 1000) with { OrderedAt = At.AddDays(3) });
        Assert.Equal(1000, (await run.OutcomeAsync(1)).RevenueMinor);
        await run.SetNowAsync(At.AddDays(60.01));
        await run.LandAsync(1, OutcomesTests.Order("b", 4, 500) with { OrderedAt = At.AddDays(4), RevisedAt = At.AddDays(60.01) });
        Assert.Equal(1000, (await run.OutcomeAsync(1)).RevenueMinor);
        Assert.True((await run.RecountAsync()).Agrees);
    }

    [Fact]
    public async Task An_order_that_landed_while_the_run_was_planned_is_found_by_the_next_measurement()
    {
        await using var run = await StoredRun.CreateAsync(4);
        await run.LandAsync(1, OutcomesTests.Order("a", 3, 1000) with { OrderedAt = At.AddDays(3) }, outcomes: false);
        Assert.Equal(1, (await run.RecountAsync()).Different);
        await run.SetNowAsync(At.AddDays(5));
        var report = await run.MeasureAsync(At.AddDays(5));
        Assert.Equal(1000, report.Campaign("win-back")!.RevenueMinor);
        Assert.True((await run.RecountAsync()).Agrees);
    }

    [Fact]
    public async Task A_frozen_run_keeps_its_figures_and_is_never_measured_again()
    {
        await using var run = await StoredRun.CreateAsync(4);
        await run.LandAsync(1, OutcomesTests.Order("b", -3, 700) with { OrderedAt = At.AddDays(-3) });
        await run.LandAsync(1, OutcomesTests.Order("a", 3, 1000) with { OrderedAt = At.AddDays(3) });
        // 90 days of churn horizon and 30 for late orders.
        var frozen = At.AddDays(120);
        await run.SetNowAsync(frozen);
        var before = (await run.MeasureAsync(frozen)).Campaign("win-back")!;
        Assert.Equal((0.0, null), (before.Churn, before.ChurnHeldOut));
        await run.LandAsync(1, OutcomesTests.Order("late", 80, 900) with { OrderedAt = At.AddDays(80) });
        var after = await run.MeasureAsync(frozen.AddDays(1));
        Assert.Equal(frozen, Assert.Single(after.Runs).MeasuredAt);
        Assert.Equal(frozen.AddDays(1), after.AsOf);
        Assert.Equal(before.RevenueMinor, after.Campaign("win-back")!.RevenueMinor);
    }

    [Fact]
    public async Task Without_an_open_run_an_order_costs_no_read()
    {
        await using var store = TempStore.Create(1);
        var runs = new MeasuredRuns(new Core.Planning.Runs(store.Rows, store.Blobs, store.Workspace));
        var fold = new OutcomeFold(runs, store.Workspace, new Outcomes());
        await fold.BeginAsync(default);
        // A change that would throw on any read.
        Assert.Empty(await fold.FoldAsync(null!, default));
    }
}
