using Campaigns.Core.Measurement;
using Campaigns.Core.Measurement.Control;

namespace Campaigns.Core.Tests.Measurement.Control;

/// <summary>
/// Whether the figure on a quarter's global control group keeps its promise when it is looked at every week. Here customers differ
/// lastingly, as real ones do: who orders often in the first week does so in the last. Spending of a customer then varies faster than
/// in proportion to time, which the interval takes it to do; looks are more alike than it assumes, so that it must err on the safe side.
/// </summary>
public sealed class ControlCoverageTests
{
    private const int Quarters = 600, Customers = 2000, Weeks = 13;

    /// <summary>Chance of an order in a week, for one half of the customers and for the other.</summary>
    private const double Often = 0.12, Seldom = 0.01;

    /// <summary>Mean basket of <see cref="SeededChance.Spend"/>: lognormal with μ = 7.5 and σ = .8.</summary>
    private static readonly double Basket = Math.Exp(7.5 + (0.8 * 0.8 / 2));

    [Fact]
    public void Looked_at_each_week_a_quarter_without_an_effect_is_called_proven_at_most_five_times_in_a_hundred()
    {
        var alarms = Enumerable.Range(1, Quarters).Count(seed => Looks(seed, 1).Any(r => !r.Closed && r.Headline.Verdict is (Verdict.ProvenGain or Verdict.ProvenLoss)));
        Assert.True(alarms <= AtMost(0.05), $"{alarms} of {Quarters}");
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(1.3)]
    public void The_truth_is_in_the_always_valid_interval_at_every_look_and_in_the_final_one_in_95_of_100_quarters(double more)
    {
        var (ever, final) = (0, 0);
        for (var seed = 1; seed <= Quarters; seed++)
        {
            var missed = false;
            foreach (var report in Looks(seed, more))
            {
                var truth = 1000 * (Often + Seldom) / 2 * (more - 1) * Basket * WeekOf(report);
                // Nothing is promised before each side has the fewest buyers.
                missed |= report.Headline is { TooSmallBecause: null, AlwaysValid: { } always } && !always.Contains(truth);
                final += report.Closed && !report.Headline.FixedTime!.Value.Contains(truth) ? 1 : 0;
            }

            ever += missed ? 1 : 0;
        }

        Assert.True(ever <= AtMost(0.05), $"{ever} of {Quarters}");
        Assert.InRange(final, 0.03 * Quarters, 0.07 * Quarters);
    }

    /// <summary>Two Monte-Carlo errors above a share.</summary>
    private static double AtMost(double share) => Quarters * (share + (2 * Math.Sqrt(share * (1 - share) / Quarters)));

    private static double WeekOf(ControlReport report) => Math.Round((report.Summary.MeasuredAt - ControlWorld.From) / (ControlWorld.Until - ControlWorld.From) * Weeks);

    /// <summary>The reports of a quarter's ends of weeks; customers outside the group order <paramref name="more"/> times as often.</summary>
    private static IEnumerable<ControlReport> Looks(int seed, double more)
    {
        var chance = new SeededChance(seed);
        var customers = new (bool Held, double Rate, int Orders, long Spent)[Customers];
        for (var i = 0; i < Customers; i++)
        {
            var held = chance.Next() < 0.2;
            customers[i] = (held, (chance.Next() < 0.5 ? Often : Seldom) * (held ? 1 : more), 0, 0);
        }

        for (var week = 1; week <= Weeks; week++)
        {
            var (group, others) = (default(ControlArm), default(ControlArm));
            foreach (ref var c in customers.AsSpan())
            {
                if (chance.Spend(c.Rate) is var spend and > 0)
                {
                    (c.Orders, c.Spent) = (c.Orders + 1, c.Spent + spend);
                }

                var one = ControlArm.Of(new QuarterSpend(c.Orders, c.Spent, c.Spent, 0), default, 10_000, null);
                (group, others) = c.Held ? (group + one, others) : (group, others + one);
            }

            yield return Report(week, group, others);
        }
    }

    private static ControlReport Report(int week, ControlArm group, ControlArm others) => new(new ControlSummary
    {
        Inputs = new ControlInputs
        {
            Group = new(ControlWorld.Second.Index, 200_000),
            From = ControlWorld.From,
            Until = ControlWorld.Until,
            Margin = new() { Share = 1 },
            MicrosPerMinor = 10_000,
        },
        MeasuredAt = ControlWorld.From + ((ControlWorld.Until - ControlWorld.From) * ((double)week / Weeks)),
        Group = group,
        Others = others,
    });
}
