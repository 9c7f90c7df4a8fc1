using Campaigns.Core.Profiles.Models;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles.Models;

public class ModelFitTests
{
    private static readonly Gen<double[]> Parameters = ModelGen.Parameter(-3, 4).Array[4];

    [Fact]
    public void The_likelihood_of_groups_is_the_sum_over_their_customers() =>
        Gen.Select(ModelGen.Customers, Parameters, Gen.OneOf(1.0, 7.0)).Sample((customers, p, unit) =>
        {
            var groups = customers.Summary().Histories();
            double Sum(IPurchaseModel model) => customers.Sum(c => model.LogLikelihood(RepeatHistory.FromDays(c.X, c.Recency, c.Age, unit)));

            Close(Sum(new BgNbd(p[0], p[1], p[2], p[3])), new BetaGeometricFit(groups, unit, dropsAtStart: false).LogLikelihood(p, new double[4]), 1e-9);
            Close(Sum(new MbgNbd(p[0], p[1], p[2], p[3])), new BetaGeometricFit(groups, unit, dropsAtStart: true).LogLikelihood(p, new double[4]), 1e-9);
            Close(Sum(new ParetoNbd(p[0], p[1], p[2], p[3])), new ParetoFit(groups, unit).LogLikelihood(p, new double[4]), 1e-9);
        });

    [Fact]
    public void Gradients_are_the_finite_differences_of_the_likelihood() =>
        Gen.Select(ModelGen.Customers, Parameters).Sample((customers, p) =>
        {
            var groups = customers.Summary().Histories();
            CheckGradient(new BetaGeometricFit(groups, 1, dropsAtStart: false).LogLikelihood, p);
            CheckGradient(new BetaGeometricFit(groups, 1, dropsAtStart: true).LogLikelihood, p);
            CheckGradient(new ParetoFit(groups, 1).LogLikelihood, p);

            var spend = Spend(customers);
            CheckGradient((at, gradient) => new GammaGammaFit(spend, 100).LogLikelihood(at[0], at[1], at[2], gradient), p[..3]);
        });

    [Fact]
    public void Gamma_gamma_over_groups_is_the_sum_over_their_customers() =>
        Gen.Select(ModelGen.Customers, Parameters).Sample((customers, p) =>
        {
            var expected = customers.Where(c => c.X > 0).Sum(c => new GammaGamma(p[0], p[1], p[2]).LogLikelihood(c.X, Total(c) / 100.0 / c.X));
            Close(expected, new GammaGammaFit(Spend(customers), 100).LogLikelihood(p[0], p[1], p[2], new double[3]), 1e-9);
        });

    [Fact]
    public void Any_customers_give_finite_positive_parameters() =>
        ModelGen.Customers.Sample(
            customers =>
            {
                var summary = customers.Summary();
                var (bg, mbg, pareto) = (BgNbd.Fit(summary, 7).Model, MbgNbd.Fit(summary, 7).Model, ParetoNbd.Fit(summary, 7).Model);
                var spend = GammaGamma.Fit(Spend(customers)).Model;
                Assert.All(
                    [bg.R, bg.Alpha, bg.A, bg.B, mbg.R, mbg.Alpha, mbg.A, mbg.B, pareto.R, pareto.Alpha, pareto.S, pareto.Beta, spend.P, spend.Q, spend.V],
                    value => Assert.True(double.IsFinite(value) && value > 0));
            },
            iter: 40);

    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(0, 0, 0, 100_000)]
    [InlineData(0, 0, 365, 5000)]
    [InlineData(1, 1, 1, 3)]
    [InlineData(12, 360, 365, 5000)]
    [InlineData(20_000, 39_999, 40_000, 7)]
    public void Customers_all_alike_give_a_model_that_answers(int x, int recency, int age, int count)
    {
        var summary = new RepeatSummary();
        summary.Add(x, recency, age, count);
        IPurchaseModel[] models = [BgNbd.Fit(summary, 1).Model, MbgNbd.Fit(summary, 1).Model, ParetoNbd.Fit(summary, 1).Model];
        foreach (var model in models)
        {
            var history = new RepeatHistory(x, recency, age);
            Assert.InRange(model.ProbabilityActive(history), 0, 1);
            Assert.InRange(model.ExpectedOrders(history, 30), 0, 1e6);
            Assert.InRange(model.ProbabilityOfOrder(history, 30), 0, 1);
        }
    }

    [Fact]
    public void Nobody_gives_a_model_that_says_it_is_none()
    {
        Assert.False(BgNbd.Fit(new RepeatSummary(), 7).Converged);
        Assert.False(MbgNbd.Fit(new RepeatSummary(), 7).Converged);
        Assert.False(ParetoNbd.Fit(new RepeatSummary(), 7).Converged);
        Assert.False(GammaGamma.Fit(new SpendSummary()).Converged);
    }

    [Fact]
    public void A_sample_of_groups_stands_for_all_customers()
    {
        var groups = new HistoryGroups(50_000);
        for (var i = 0; i < groups.Count; i++)
        {
            groups.Set(i, i % 7, i % 7 == 0 ? 0 : i % 90, i, i % 7 == 0 ? 100 : 1);
        }

        var sample = groups.Sample(5_000);
        Assert.InRange(sample.Count, 4_000, 6_000);
        Assert.InRange(sample.TotalWeight() / groups.TotalWeight(), 0.97, 1.03);
        Assert.InRange(sample.MeanAgeDays() / groups.MeanAgeDays(), 0.97, 1.03);
    }

    private static SpendSummary Spend((int X, int Recency, int Age)[] customers)
    {
        var spend = new SpendSummary();
        foreach (var customer in customers)
        {
            spend.Add(customer.X, Total(customer));
        }

        return spend;
    }

    private static long Total((int X, int Recency, int Age) customer) => customer.X * (1000L + (37 * customer.Recency)) + customer.Age;

    private static void CheckGradient(Objective objective, double[] at)
    {
        var (gradient, unused) = (new double[at.Length], new double[at.Length]);
        objective(at, gradient);
        for (var i = 0; i < at.Length; i++)
        {
            // Four points and a long step: where the integral takes one panel more its last digits jump, which a short step would magnify.
            var step = 1e-3 * at[i];
            double At(int steps)
            {
                var there = (double[])at.Clone();
                there[i] += steps * step;
                return objective(there, unused);
            }

            var above = At(1);
            var difference = ((8 * (above - At(-1))) - (At(2) - At(-2))) / (12 * step);
            // Rounding of the likelihood limits what a difference can tell.
            var rounding = 1e-13 * (1 + Math.Abs(above)) / step;
            Assert.Equal(difference, gradient[i], (1e-6 * Math.Abs(gradient[i])) + rounding + 1e-6);
        }
    }

    private static void Close(double expected, double actual, double relative) =>
        Assert.Equal(expected, actual, relative * (1 + Math.Abs(expected)));
}
