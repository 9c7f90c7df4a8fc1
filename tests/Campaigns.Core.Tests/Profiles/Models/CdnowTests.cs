using System.Globalization;
using Campaigns.Core.Profiles.Models;

namespace Campaigns.Core.Tests.Profiles.Models;

/// <summary>The published values for the CDNOW sample: 39 weeks to 1997-09-30, time in weeks, orders of one day merged.</summary>
public class CdnowTests
{
    private const double Week = 7;
    private static readonly DateOnly CalibrationEnd = new(1997, 9, 30);

    [Fact]
    public void Bg_nbd_has_the_published_parameters()
    {
        // Fader, Hardie and Lee (2005), table 2.
        var (summary, _) = Sample();
        var fitted = BgNbd.Fit(summary, Week);

        Assert.True(fitted.Converged);
        Assert.Equal(2357, fitted.Customers);
        Assert.Equal(0.243, fitted.Model.R, 0.0005);
        Assert.Equal(4.414, fitted.Model.Alpha, 0.0005);
        Assert.Equal(0.793, fitted.Model.A, 0.0005);
        Assert.Equal(2.426, fitted.Model.B, 0.0005);
        Assert.Equal(-9582.4, fitted.LogLikelihood, 0.05);
    }

    [Fact]
    public void Mbg_nbd_has_the_parameters_that_other_programs_find()
    {
        var (summary, _) = Sample();
        var fitted = MbgNbd.Fit(summary, Week);

        Assert.True(fitted.Converged);
        Assert.Equal(0.525, fitted.Model.R, 0.0005);
        Assert.Equal(6.183, fitted.Model.Alpha, 0.0005);
        Assert.Equal(0.891, fitted.Model.A, 0.0005);
        Assert.Equal(1.614, fitted.Model.B, 0.0005);
    }

    [Fact]
    public void Pareto_nbd_has_the_published_parameters()
    {
        // Fader, Hardie and Lee (2005), table 2.
        var (summary, _) = Sample();
        var fitted = ParetoNbd.Fit(summary, Week);

        Assert.True(fitted.Converged);
        Assert.Equal(0.553, fitted.Model.R, 0.0005);
        Assert.Equal(10.578, fitted.Model.Alpha, 0.0005);
        Assert.Equal(0.606, fitted.Model.S, 0.0005);
        Assert.Equal(11.669, fitted.Model.Beta, 0.0005);
        Assert.Equal(-9595.0, fitted.LogLikelihood, 0.05);
    }

    [Fact]
    public void Gamma_gamma_has_the_published_parameters_on_the_repeat_orders()
    {
        // Fader and Hardie (2013), section 3: 946 customers with a repeat order.
        var (_, spend) = Sample();
        var fitted = GammaGamma.Fit(spend);

        Assert.True(fitted.Converged);
        Assert.Equal(946, fitted.Customers);
        Assert.Equal(6.25, fitted.Model.P, 0.005);
        Assert.Equal(3.74, fitted.Model.Q, 0.005);
        Assert.Equal(15.44, fitted.Model.V, 0.005);
    }

    [Fact]
    public void The_expected_orders_of_the_published_example_are_the_published_ones()
    {
        var model = new BgNbd(0.243, 4.414, 0.793, 2.426);

        Assert.Equal(1.226, model.ExpectedOrders(new RepeatHistory(2, 30.43, 38.86), 39), 0.0005);
    }

    [Fact]
    public void Pareto_nbd_tells_the_best_customer_as_the_literatures_own_program_does()
    {
        // Customer 1516 in the documentation of the R package BTYD: 26 repeat orders, the last 0.14 weeks ago.
        var model = new ParetoNbd(0.5533971, 10.5801985, 0.6060625, 11.6562237);
        var best = new RepeatHistory(26, 30.86, 31);

        Assert.Equal(0.9979, model.ProbabilityActive(best), 0.0001);
        Assert.Equal(25.46, model.ExpectedOrders(best, 52), 0.01);
    }

    [Fact]
    public void The_unit_of_time_changes_no_answer()
    {
        var (summary, _) = Sample();
        IPurchaseModel[] weeks = [BgNbd.Fit(summary, Week).Model, MbgNbd.Fit(summary, Week).Model, ParetoNbd.Fit(summary, Week).Model];
        IPurchaseModel[] days = [BgNbd.Fit(summary, 1).Model, MbgNbd.Fit(summary, 1).Model, ParetoNbd.Fit(summary, 1).Model];
        foreach (var (inWeeks, inDays) in weeks.Zip(days))
        {
            var (week, day) = (RepeatHistory.FromDays(3, 120, 250, Week), RepeatHistory.FromDays(3, 120, 250, 1));
            Assert.Equal(inWeeks.ProbabilityActive(week), inDays.ProbabilityActive(day), 1e-4);
            Assert.Equal(inWeeks.ExpectedOrders(week, 10), inDays.ExpectedOrders(day, 70), 1e-4);
        }
    }

    private static (RepeatSummary Orders, SpendSummary Spend) Sample()
    {
        var (orders, spend) = (new RepeatSummary(), new SpendSummary());
        foreach (var customer in Lines().Where(l => l.Day <= CalibrationEnd).GroupBy(l => l.Customer))
        {
            var days = customer.GroupBy(l => l.Day.DayNumber).Select(d => (Day: d.Key, Cents: d.Sum(l => l.Cents))).OrderBy(d => d.Day).ToList();
            orders.Add(days.Count - 1, days[^1].Day - days[0].Day, CalibrationEnd.DayNumber - days[0].Day);
            spend.Add(days.Count - 1, days.Skip(1).Sum(d => d.Cents));
        }

        return (orders, spend);
    }

    private static IEnumerable<(string Customer, DateOnly Day, long Cents)> Lines() =>
        from line in File.ReadLines(SharedFiles.Require("data/cdnow_sample.txt"))
        let parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select (
            parts[1],
            DateOnly.ParseExact(parts[2], "yyyyMMdd", CultureInfo.InvariantCulture),
            (long)(decimal.Parse(parts[4], CultureInfo.InvariantCulture) * 100));
}
