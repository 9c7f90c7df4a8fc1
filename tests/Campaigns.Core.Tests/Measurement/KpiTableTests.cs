using Campaigns.Core.Measurement;
using Campaigns.Core.Planning;

namespace Campaigns.Core.Tests.Measurement;

public sealed class KpiTableTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    /// <summary>1,000 customers, 200 held out; a tenth of the held-out and <paramref name="treatedShare"/> of the treated buy for about 50.00 at 40 % margin.</summary>
    private static KpiReport Report(double treatedShare, double days = 31, bool margin = true, long redeemed = 0, long send = 1000, int customers = 1000)
    {
        var empty = new RunSummary
        {
            Run = "run-1",
            Campaign = "win-back",
            CampaignName = "=Win-back, \"again\"",
            Occurrence = 0,
            At = At,
            WindowEnd = At.AddDays(30),
            MeasuredAt = At.AddDays(days),
            MarginKnown = margin,
            ChurnDays = 90,
            MicrosPerMinor = 10_000,
        };
        var tally = new RunTally(empty);
        for (var i = 0; i < customers; i++)
        {
            var heldOut = i % 5 == 0;
            var place = i / 5 % 100;
            var buys = place < 100 * (heldOut ? 0.3 : treatedShare);
            var revenue = buys ? 4000 + (place * 20) : 0;
            tally.Add(
                OutcomesTests.Assigned(heldOut) with { SendCostMicros = heldOut ? 0 : send },
                new Outcome(buys ? 1 : 0, revenue, margin ? revenue * 2 / 5 : 0, 0, heldOut || !buys ? 0 : redeemed, 0, 0, 0, 0),
                churn: null);
        }

        return new KpiReport(At.AddDays(days), "GBP", [tally.ToSummary()], new ShopTally(At.AddDays(days), 90).ToSummary());
    }

    private static KpiRow Row(KpiReport report) => Assert.Single(report.Rows(KpiGrouping.Campaign));

    [Fact]
    public void A_large_gain_is_proven_a_large_loss_too_and_none_is_not()
    {
        Assert.Equal("proven gain", Row(Report(0.6)).Verdict);
        Assert.Equal("proven loss", Row(Report(0.1)).Verdict);
        var none = Row(Report(0.3));
        Assert.Equal("not proven", none.Verdict);
        Assert.True(none.IntervalLowMinor < 0 && none.IntervalHighMinor > 0);
        Assert.StartsWith("Not proven", none.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Until_the_window_closes_the_always_valid_interval_stands_and_it_is_wider()
    {
        var (open, closed) = (Row(Report(0.3, days: 29.9)), Row(Report(0.3, days: 30)));
        Assert.Equal(("always-valid", "fixed-time"), (open.IntervalKind, closed.IntervalKind));
        Assert.True(open.IntervalHighMinor - open.IntervalLowMinor > 1.4 * (closed.IntervalHighMinor - closed.IntervalLowMinor));
        Assert.Equal("too early", Row(Report(0.6, days: 0)).Verdict);
    }

    [Fact]
    public void Too_few_customers_or_buyers_are_too_small_to_measure_and_it_says_which()
    {
        Assert.Contains("80 customers in the smaller group", Row(Report(0.6, customers: 400)).Explanation, StringComparison.Ordinal);
        Assert.Contains("buyers", Row(Report(0.6, customers: 505)).Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_margins_everything_is_called_revenue_and_there_is_no_return()
    {
        var row = Row(Report(0.6, margin: false));
        Assert.Equal(("revenue", null), (row.Figure, row.Roi));
        Assert.DoesNotContain("profit", row.Explanation, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(row.IncrementalRevenuePer1000Minor, row.IncrementalPer1000Minor);
    }

    [Fact]
    public void Profit_per_1000_and_return_follow_from_the_same_sums_as_by_hand()
    {
        var row = Row(Report(0.6, redeemed: 300));
        // Margin per customer by arm: places 0 … 59 (or 0 … 29) of 100 buy for 4000 + 20·place at 40 %.
        double Margin(int buyers) => Enumerable.Range(0, buyers).Sum(p => (4000 + (20 * p)) * 0.4) / 100;
        var incremental = (Margin(60) - Margin(30)) * 800;
        var cost = (300 * 480) + (0.1 * 800);
        Assert.Equal(cost, row.CostMinor, 6);
        Assert.Equal((incremental - cost) / cost, row.Roi!.Value, 9);
        Assert.True(row.RoiLow < row.Roi && row.Roi < row.RoiHigh);
        // The figures here know of no discount on orders, so profit loses only what sending cost.
        Assert.Equal(((Margin(60) - Margin(30)) * 1000) - (0.1 * 1000), row.IncrementalPer1000Minor!.Value, 6);
    }

    [Fact]
    public void Return_is_undefined_where_nothing_was_spent()
    {
        Assert.Null(Row(Report(0.6, send: 0)).Roi);
        Assert.NotNull(Row(Report(0.6, send: 1)).Roi);
    }

    [Fact]
    public void Return_is_not_shown_where_it_is_undefined_or_the_groups_are_too_small()
    {
        Assert.Equal("undefined", Row(Report(0.6, send: 0)).RoiNote);
        Assert.All(
            [Row(Report(0.6, send: 1)), Row(Report(0.6, send: 0))],
            row => Assert.Equal(row is { Roi: not null, Verdict: not "too small to measure" }, row.RoiShown is not null));
    }

    [Fact]
    public void Fiellers_interval_holds_the_ratios_that_a_test_would_not_reject()
    {
        // Cost alike for all: the interval is then that of the incremental margin divided by the cost.
        var row = Row(Report(0.6));
        var totalCost = 0.1 * 800;
        double[] Arm(int buyers, int copies) => [.. Enumerable.Range(0, 100 * copies).Select(i => i % 100 < buyers ? (4000 + (20 * (i % 100))) * 0.4 : 0)];
        var (treated, heldOut) = (Arm(60, 8), Arm(30, 2));
        double Variance(double[] x) => x.Sum(v => Math.Pow(v - x.Average(), 2)) / (x.Length - 1) / x.Length;
        var half = 1.959963985 * 800 * Math.Sqrt(Variance(treated) + Variance(heldOut)) / totalCost;
        Assert.Equal(row.Roi!.Value - half, row.RoiLow!.Value, 5);
        Assert.Equal(row.Roi!.Value + half, row.RoiHigh!.Value, 5);
    }

    [Fact]
    public void Csv_quotes_what_it_must_and_disarms_formulas()
    {
        using var csv = new StringWriter();
        KpiCsv.Write(Report(0.6).Rows(KpiGrouping.Offer), csv);
        var lines = csv.ToString().Split("\r\n");
        Assert.StartsWith("scope,campaign,campaignName,", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("campaign,win-back,\"'=Win-back, \"\"again\"\"\",,a,o,,,1000,800,200,800,", lines[1], StringComparison.Ordinal);
        Assert.Equal(3, lines.Length);
        Assert.Equal("", lines[2]);
    }

    [Theory]
    [InlineData("campaign", KpiGrouping.Campaign)]
    [InlineData("Day", KpiGrouping.Day)]
    [InlineData("1", null)]
    [InlineData("weekday", null)]
    [InlineData(null, null)]
    public void A_grouping_is_known_by_its_name_alone(string? text, KpiGrouping? expected) => Assert.Equal(expected, KpiTable.ParseGrouping(text));
}
