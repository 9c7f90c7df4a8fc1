using Campaigns.Core.Profiles.Models;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles.Models;

public class PurchaseModelLawTests
{
    [Fact]
    public void Silence_never_makes_a_customer_more_active() =>
        Gen.Select(ModelGen.Model, ModelGen.History, Gen.Double[0, 1000]).Sample((model, history, silence) =>
        {
            var later = history with { Age = history.Age + silence };
            Assert.True(model.ProbabilityActive(later) <= model.ProbabilityActive(history) + 1e-10);
        });

    [Fact]
    public void Probabilities_lie_between_0_and_1_and_orders_are_finite_for_every_history() =>
        Gen.Select(ModelGen.Model, ModelGen.History, ModelGen.Horizon).Sample((model, history, horizon) =>
        {
            Assert.InRange(model.ProbabilityActive(history), 0, 1);
            Assert.InRange(model.ProbabilityOfOrder(history, horizon), 0, 1);
            Assert.InRange(model.ExpectedOrders(history, horizon), 0, 1e12);
            Assert.True(double.IsFinite(model.LogLikelihood(history)));
        });

    [Theory]
    [InlineData(-3, 5, 10)]
    [InlineData(3, 20, 10)]
    [InlineData(3, -1, -10)]
    [InlineData(0, 5, 10)]
    [InlineData(2, double.NaN, double.NaN)]
    [InlineData(2, 1, double.PositiveInfinity)]
    public void A_history_that_cannot_be_gets_an_answer_all_the_same(int orders, double recency, double age)
    {
        IPurchaseModel[] models = [new BgNbd(0.25, 4.4, 0.8, 2.4), new MbgNbd(0.5, 6.2, 0.9, 1.6), new ParetoNbd(0.55, 10.6, 0.6, 11.7)];
        foreach (var model in models)
        {
            var history = new RepeatHistory(orders, recency, age);
            Assert.InRange(model.ProbabilityActive(history), 0, 1);
            Assert.InRange(model.ExpectedOrders(history, 30), 0, 1000);
        }
    }

    [Fact]
    public void Expected_orders_rise_with_the_horizon_and_are_no_fewer_than_the_chance_of_one() =>
        Gen.Select(ModelGen.Model, ModelGen.History, Gen.Double[0.1, 400], Gen.Double[0.1, 400]).Sample((model, history, horizon, more) =>
        {
            var (near, far) = (model.ExpectedOrders(history, horizon), model.ExpectedOrders(history, horizon + more));
            Assert.True(near <= (far * (1 + 1e-9)) + 1e-280);
            Assert.True(model.ProbabilityOfOrder(history, horizon) <= (near * (1 + 1e-8)) + 1e-280);
            Assert.Equal(0, model.ExpectedOrders(history, 0));
            Assert.Equal(0, model.ProbabilityOfOrder(history, 0));
        });

    [Fact]
    public void The_chance_of_no_order_is_the_likelihood_of_more_silence_over_that_of_the_history() =>
        Gen.Select(ModelGen.Model, ModelGen.History, Gen.Double[0.1, 400]).Sample((model, history, horizon) =>
        {
            var silent = model.LogLikelihood(history with { Age = history.Age + horizon }) - model.LogLikelihood(history);
            // Likelihoods of thousands of orders are differences of numbers around 10⁵.
            Assert.Equal(1 - Math.Exp(silent), model.ProbabilityOfOrder(history, horizon), 1e-8 * (1 + history.RepeatOrders));
        });

    [Fact]
    public void In_the_next_moment_an_active_customer_orders_at_the_mean_rate_of_the_posterior() =>
        Gen.Select(ModelGen.Model, ModelGen.History).Sample((model, history) =>
        {
            var (r, alpha) = model switch { BgNbd m => (m.R, m.Alpha), MbgNbd m => (m.R, m.Alpha), ParetoNbd m => (m.R, m.Alpha), _ => (0, 0) };
            var moment = 1e-9 / (1 + history.RepeatOrders);
            var rate = model.ProbabilityActive(history) * (r + history.RepeatOrders) / (alpha + history.Age);
            // Below 1e-280 numbers lose digits: a history that the model holds for all but impossible.
            Assert.Equal(rate, model.ExpectedOrders(history, moment) / moment, (1e-5 * rate) + 1e-280);
        });

    [Fact]
    public void Series_and_quadrature_give_the_same_expected_orders() =>
        Gen.Select(ModelGen.Parameter(-4, 6), ModelGen.Parameter(-4, 8), ModelGen.Parameter(-4, 8), Gen.Double[0.01, 4]).Sample((shape, a, b, scaled) =>
        {
            var series = new BetaGeometric(shape, 1, a, b, dropsAtStart: false).OrdersIfActive(0, 0, scaled);
            Assert.Equal(series, MoreMath.MeanLifetimeOrders(shape, scaled, a, b), 1e-8 * series);
        });

    [Fact]
    public void The_integral_of_powers_agrees_with_its_closed_form_where_alpha_is_beta() =>
        Gen.Select(ModelGen.Parameter(-4, 6), ModelGen.Parameter(-3, 12), ModelGen.Parameter(-3, 3), Gen.Double[0, 100], Gen.Double[0.01, 1000]).Sample((alpha, k, m, low, length) =>
        {
            var power = k + m + 1;
            var closed = Math.Log(-MoreMath.ExpM1(-(power - 1) * Math.Log((alpha + low + length) / (alpha + low))) / (power - 1)) - ((power - 1) * Math.Log(alpha + low));
            Assert.Equal(closed, PowerIntegral.Log(alpha, alpha, k, m + 1, low, low + length), 1e-9 * (1 + Math.Abs(closed)));
        });

    [Fact]
    public void The_integral_of_powers_adds_up_over_its_range() =>
        Gen.Select(ModelGen.Parameter(-6, 8), ModelGen.Parameter(-6, 8), ModelGen.Parameter(-3, 7), Gen.Double[0, 100], Gen.Double[0.01, 300]).Sample((alpha, beta, k, low, length) =>
        {
            var parts = Enumerable.Range(0, 64).Sum(i => Math.Exp(PowerIntegral.Log(alpha, beta, k, 1.7, low + (length * i / 64), low + (length * (i + 1) / 64)) + (k * Math.Log(alpha + low))));
            var whole = Math.Exp(PowerIntegral.Log(alpha, beta, k, 1.7, low, low + length) + (k * Math.Log(alpha + low)));
            Assert.Equal(parts, whole, 1e-9 * whole);
        });

    [Fact]
    public void Scores_in_bulk_are_the_models_own_answers() =>
        Gen.Select(ModelGen.Model, ModelGen.History.Array[1, 30]).Sample((model, histories) =>
        {
            var (active, orders) = (new double[histories.Length], new double[histories.Length]);
            new OrderScores(model, 90).Score(histories, active, orders);
            Assert.Equal(histories.Select(h => model.ProbabilityActive(h)), active);
            Assert.Equal(histories.Select(h => model.ExpectedOrders(h, 90)), orders);
        });
}
