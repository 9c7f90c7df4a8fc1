using Campaigns.Core.Profiles.Models;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles.Models;

public class LifetimeValueTests
{
    private static readonly GammaGamma Spend = new(6.25, 3.74, 15.44);

    [Fact]
    public void Without_discount_it_is_expected_orders_times_expected_spend() =>
        Gen.Select(ModelGen.Model, ModelGen.History, ModelGen.Horizon).Sample((model, history, horizon) =>
            Assert.Equal(
                model.ExpectedOrders(history, horizon) * Spend.ExpectedSpend(2, 40),
                LifetimeValue.Of(model, Spend, history, 2, 40, horizon, 1, 0),
                1e-9 * (1 + model.ExpectedOrders(history, horizon))));

    [Fact]
    public void It_is_the_sum_over_days_of_the_days_orders_discounted()
    {
        IPurchaseModel[] models = [new BgNbd(0.243, 4.414, 0.793, 2.426), new MbgNbd(0.525, 6.183, 0.891, 1.614), new ParetoNbd(0.553, 10.578, 0.606, 11.669)];
        var history = new RepeatHistory(2, 30.43, 38.86);
        foreach (var model in models)
        {
            var sum = 0.0;
            for (var day = 0; day < 728; day++)
            {
                var gain = model.ExpectedOrders(history, (day + 1) / 7.0) - model.ExpectedOrders(history, day / 7.0);
                sum += gain * Math.Pow(1.15, -(day + 0.5) / 365.25);
            }

            Assert.Equal(sum, LifetimeValue.DiscountedOrders(model, history, 104, 7, 0.15), 1e-6);
        }
    }

    [Fact]
    public void A_higher_discount_rate_never_raises_it() =>
        Gen.Select(ModelGen.Model, ModelGen.History, Gen.Double[0, 0.5], Gen.Double[0, 0.5]).Sample((model, history, rate, more) =>
        {
            var (cheap, dear) = (LifetimeValue.DiscountedOrders(model, history, 365, 1, rate), LifetimeValue.DiscountedOrders(model, history, 365, 1, rate + more));
            Assert.True(dear <= cheap * (1 + 1e-4));
        });

    [Fact]
    public void Expected_spend_lies_between_the_customers_mean_and_that_of_all_and_comes_nearer_with_orders() =>
        Gen.Select(Gen.Int[1, 5000], Gen.Double[0.01, 10_000]).Sample((orders, mean) =>
        {
            var (fewer, more) = (Spend.ExpectedSpend(orders, mean), Spend.ExpectedSpend(orders + 1, mean));
            Assert.InRange(fewer, Math.Min(mean, Spend.MeanSpend) - 1e-9, Math.Max(mean, Spend.MeanSpend) + 1e-9);
            Assert.True(Math.Abs(more - mean) <= Math.Abs(fewer - mean) + 1e-9);
        });

    [Fact]
    public void Without_an_order_the_mean_of_all_is_expected() =>
        Assert.Equal(6.25 * 15.44 / 2.74, Spend.ExpectedSpend(0, 0), 1e-9);
}
