using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning.Forecast;

/// <summary>Messages of a run by what their customers could draw.</summary>
/// <param name="Segment">Segment.</param>
/// <param name="Eligible">Ids of the variants that reach them, in the campaign's order.</param>
/// <param name="Sends">Messages to be expected of each of them.</param>
public sealed record ExpectedSends(string Segment, string[] Eligible, double[] Sends);

/// <summary>Profit over sending nothing that a run is expected to bring, minor units. Of its expectation: single outcomes vary more.</summary>
/// <param name="MeanMinor">Mean.</param>
/// <param name="LowMinor">5th percentile.</param>
/// <param name="HighMinor">95th percentile.</param>
/// <param name="Runs">Closed runs that it was learnt from; 0 = from prior knowledge alone.</param>
public sealed record ProfitForecast(double MeanMinor, double LowMinor, double HighMinor, int Runs)
{
    /// <summary>
    /// By the joint posterior draws that also choose (docs/optimizer.md) where closed runs taught something, else by the same
    /// model's prior around the baseline. Null where margins or baskets are unknown, or orders are not what counts.
    /// </summary>
    /// <param name="inputs">The run.</param>
    /// <param name="sends">Its messages.</param>
    /// <param name="sendCostMinor">What sending them costs.</param>
    /// <param name="baseline">What customers buy anyway.</param>
    /// <param name="evidence">What closed runs taught.</param>
    /// <param name="microsPerMinor">Micro-units in one minor unit.</param>
    public static ProfitForecast? Of(
        RunInputs inputs, IReadOnlyList<ExpectedSends> sends, double sendCostMinor, Baseline baseline, IReadOnlyList<RunEvidence> evidence, double microsPerMinor)
    {
        if (!inputs.Margin.Known || inputs.Campaign.ConversionEvent is not null)
        {
            return null;
        }

        // Sending is known to the message, by its channel; of the variants' economics only the rest is needed.
        var wanted = sends.Select(s => new WantedCell(s.Segment, s.Eligible, new double[s.Eligible.Length])).ToList();
        var outlook = evidence.Count == 0 || wanted.Count == 0 ? null : RunPolicy.OutlookOf(inputs, evidence, wanted, microsPerMinor);
        if (outlook is { Knows: true })
        {
            var draws = outlook.ProfitDraws(cell => sends[wanted.FindIndex(w => ReferenceEquals(w, cell))].Sends);
            return Of(draws, sendCostMinor, evidence.Count);
        }

        return baseline.BasketMinor is null ? null : Of(PriorDraws(inputs, sends, baseline, microsPerMinor), sendCostMinor, 0);
    }

    /// <summary>
    /// Draws from the prior of the hurdle model: Δ = m(variant) + u(segment, variant), m ~ N(0, ω²), u ~ N(0, τ²), ω and τ half-normal, and
    /// a log-ratio of spending ~ N(0, .1²) by variant.
    /// </summary>
    private static double[] PriorDraws(RunInputs inputs, IReadOnlyList<ExpectedSends> sends, Baseline baseline, double microsPerMinor)
    {
        var economics = RunPolicy.EconomicsOf(inputs, [], microsPerMinor, baseline.BasketMinor ?? 0).ToDictionary(e => e.Treatment, StringComparer.Ordinal);
        var bySegment = sends.SelectMany(s => s.Eligible.Zip(s.Sends, (t, n) => (s.Segment, Treatment: t, Sends: n)))
            .GroupBy(s => (s.Segment, s.Treatment))
            .Select(g => (g.Key.Segment, g.Key.Treatment, Sends: g.Sum(s => s.Sends)))
            .OrderBy(g => g.Treatment, StringComparer.Ordinal).ThenBy(g => g.Segment, StringComparer.Ordinal).ToList();
        var chance = new RandomStream(StableHash.Of("forecast", Campaign.RunId(inputs.Campaign.Id, inputs.Occurrence)));
        var (p, basket) = (baseline.Conversion, baseline.BasketMinor!.Value);
        var draws = new double[HurdlePosterior.Draws];
        for (var d = 0; d < draws.Length; d++)
        {
            var (omega, tau) = (Math.Abs(chance.Normal()) * HurdlePosterior.OmegaScale * p, Math.Abs(chance.Normal()) * HurdlePosterior.TauScale * p);
            var (variant, m, spending) = (default(string), 0.0, 0.0);
            foreach (var (_, treatment, count) in bySegment)
            {
                if (!string.Equals(variant, treatment, StringComparison.Ordinal))
                {
                    (variant, m, spending) = (treatment, omega * chance.Normal(), basket * Math.Exp(HurdlePosterior.RatioScale * chance.Normal()));
                }

                var terms = economics[treatment];
                var buys = Math.Clamp(p + m + (tau * chance.Normal()), 0, 1);
                draws[d] += count * ((buys * ((spending * (terms.MarginShare - terms.DiscountShare)) - terms.BenefitCostMinor)) - (p * basket * terms.MarginShare));
            }
        }

        return draws;
    }

    private static ProfitForecast Of(double[] draws, double sendCostMinor, int runs)
    {
        var sorted = draws.Order().ToArray();
        return new ProfitForecast(
            draws.Average() - sendCostMinor, sorted[draws.Length / 20] - sendCostMinor, sorted[draws.Length - 1 - (draws.Length / 20)] - sendCostMinor, runs);
    }
}
