using Campaigns.Core.Primitives;
using Campaigns.Simulation.Offers;

namespace Campaigns.Simulation.Tests;

public class OfferTrialTests
{
    [Fact]
    public void The_policy_soon_loses_less_than_equal_shares_and_hardly_anything_against_nobody()
    {
        var trial = OfferTrial.Run(5_000, 12, 12, effects: true, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(1, trial.RegretShare[0], 0.1);
        Assert.True(trial.RegretShare[^1] < 0.45, $"regret {trial.RegretShare[^1]:0.000}");
        Assert.True(trial.LateMedian > -0.06, $"late {trial.LateMedian:0.000}");
        Assert.True(trial.NobodyLow > -0.1, $"nobody {trial.NobodyLow:0.000}");
    }

    [Fact]
    public void Without_effects_little_is_lost_and_little_is_called_a_gain()
    {
        var trial = OfferTrial.Run(5_000, 10, 12, effects: false, cancellation: TestContext.Current.CancellationToken);

        Assert.True(trial.NobodyTotal is < 0 and > -0.12, $"{trial.NobodyTotal:0.000}");
        Assert.True(trial.GainShare < 0.05, $"{trial.GainShare:0.000}");
    }

    [Fact]
    public void Spending_in_a_market_is_on_average_what_its_expectation_says()
    {
        var market = new OfferMarket(5, effects: true);
        var chance = new RandomStream(9);
        const int Customers = 1_000_000;
        var (buyers, spent) = (0, 0.0);
        for (var i = 0; i < Customers; i++)
        {
            var spend = market.Spend(2, 1, 4, ref chance);
            (buyers, spent) = (buyers + (spend > 0 ? 1 : 0), spent + spend);
        }

        var economics = market.Economics[1];
        var expected = (market.ExpectedProfit(2, 1, 4) + economics.SendCostMinor) / (economics.MarginShare - economics.DiscountShare);
        Assert.Equal(market.Conversion(2, 1, 4), (double)buyers / Customers, 0.001);
        Assert.Equal(1, spent / Customers / expected, 0.05);
    }
}
