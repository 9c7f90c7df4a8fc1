using System.Globalization;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Measurement.Replay;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Tests.Measurement.Replay;

/// <summary>Replay on stored runs.</summary>
public sealed class StoredDecisionsTests
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal) { ["a"] = "A gift" };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public async Task Decisions_are_what_was_assigned_with_its_probability_and_the_profit_that_was_measured(int buckets)
    {
        await using var run = await StoredRun.CreateAsync(buckets);
        for (var customer = 0; customer < StoredRun.Customers; customer += 2)
        {
            var order = OutcomesTests.Order("o" + customer.ToString(CultureInfo.InvariantCulture), 0, 1_000 + (customer * 10L)) with { OrderedAt = StoredRun.At.AddDays(3) };
            await run.LandAsync(customer, order);
        }

        var report = await run.MeasureAsync(StoredRun.At.AddDays(40));
        var stored = await run.Decisions.ReadAsync(report.Runs, Names, Cancelled);
        var log = stored.Decisions;

        Assert.Equal((StoredRun.Customers, (long)StoredRun.Customers, true), (log.Count, stored.Customers, stored.MarginKnown));
        Assert.Equal([ReplayLimits.None, "A gift"], log.Treatments);
        Assert.Equal(["at-risk", "lost"], log.Cells.Select(c => c[0]));
        var (rewards, propensities) = (new double[2], new double[2]);
        for (var i = 0; i < log.Count; i++)
        {
            rewards[log.Treatment[i]] += log.Reward[i];
            propensities[log.Treatment[i]] += log.Propensity[i];
        }

        var cells = report.Runs[0].Cells.ToLookup(c => c.Key.HeldOut ? 0 : 1, c => c.Sums.CappedProfit);
        for (var arm = 0; arm < 2; arm++)
        {
            var measured = cells[arm].Aggregate((x, y) => x + y);
            Assert.True(measured.Sum > 0);
            Assert.Equal((double)measured.Sum / Money.MicrosPerMajor, rewards[arm], 9);
            Assert.Equal(measured.Count * (arm == 0 ? 0.2 : 0.8), propensities[arm], 9);
        }
    }

    [Fact]
    public void A_sample_is_a_range_of_keys_that_holds_its_share_of_the_customers_wherever_it_begins()
    {
        var keys = Enumerable.Range(0, 20_000).Select(i => CustomerKey.Of([7], "c" + i).Text).ToList();
        foreach (var share in new[] { 0.05, 0.5, 0.9 })
        {
            foreach (var run in Enumerable.Range(0, 20).Select(r => "run" + r))
            {
                var ranges = StoredDecisions.KeyRanges(run, share);
                var held = keys.Count(k => ranges.Any(r => string.CompareOrdinal(k, r.From) >= 0 && string.CompareOrdinal(k, r.Before) < 0));
                // Six standard deviations of a binomial count.
                Assert.InRange(held, (share * keys.Count) - (6 * Math.Sqrt(share * (1 - share) * keys.Count)), (share * keys.Count) + (6 * Math.Sqrt(share * (1 - share) * keys.Count)));
            }
        }

        Assert.Equal([("", "~")], StoredDecisions.KeyRanges("run", 1));
    }

    [Fact]
    public async Task Sends_in_which_nobody_was_assigned_are_refused_with_what_to_do()
    {
        await using var run = await StoredRun.CreateAsync(1);
        var refused = await Assert.ThrowsAsync<JobFailedException>(async () => await run.Decisions.ReadAsync([], Names, Cancelled));
        Assert.Contains("choose others", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_cannot_be_reached_is_left_alone_and_a_policy_equal_to_what_was_drawn_then_has_the_mean_of_its_rows()
    {
        // In "far" the perk can reach nobody; elsewhere half draw it.
        var log = Logs.Of(Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? ("none", 1.0, 2.0, "far") : (i % 4 == 1 ? "perk" : "none", 0.5, i % 4 == 1 ? 5.0 : 3.0, "near")));
        bool Possible(int cell, int treatment) => treatment == log.Nobody || log.Cells[cell][0] == "near";
        var replay = PolicyReplay.Of(log, ReplayPolicy.ForEveryone(log, log.IndexOf("perk", "test"), Possible), 5, Possible);

        Assert.Null(replay.Value.Refusal);
        Assert.Equal((2.0 + 5.0) / 2, replay.Value.DoublyRobust.Value, 9);
        Assert.Equal((2.0 + 3.0) / 2, replay.Comparisons[log.Nobody].SimpleValue.DoublyRobust.Value, 9);
        Assert.Equal(1, replay.Comparisons[log.Nobody].Difference.Value, 9);
        Assert.True(replay.Comparisons[log.IndexOf("perk", "test")].Same);
        Assert.StartsWith("Send perk to everyone", ReplayAdvice.On(replay).Sentence, StringComparison.Ordinal);
    }
}
