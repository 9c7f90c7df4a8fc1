using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Primitives;

namespace Campaigns.Simulation.Offers;

/// <summary>How one market went, in expected profit (minor units), so that luck in outcomes counts only through what was learnt from it.</summary>
/// <param name="Profit">Of the policy, by round.</param>
/// <param name="Nobody">Of sending to nobody, by round.</param>
/// <param name="Uniform">Of nothing and all offers in equal parts, by round.</param>
/// <param name="Oracle">Of the best arm of each segment and round, without any holdout.</param>
/// <param name="Singles">Of one treatment for everybody but the holdout, by treatment (nothing first) and round.</param>
/// <param name="Gains">Cells of segment × offer that the last table calls gains: 95 % of the posterior above 0.</param>
/// <param name="Blocked">Cells that it blocks.</param>
/// <param name="FalselyBlocked">Of these, cells in which the offer earns more than nothing.</param>
public sealed record CampaignCourse(
    double[] Profit, double[] Nobody, double[] Uniform, double[] Oracle, double[][] Singles, int Gains, int Blocked, int FalselyBlocked);

/// <summary>The adaptive policy in one market, round after round: each round's probabilities rest on all rounds before it.</summary>
public static class OfferCampaign
{
    /// <summary>Plays one market.</summary>
    /// <param name="market">Market.</param>
    /// <param name="customersPerRound">≥ 1; spread evenly over segments, the rest to the first ones.</param>
    /// <param name="rounds">≥ 1.</param>
    /// <param name="seed">Of draws, outcomes and posteriors.</param>
    /// <param name="terms">Floors; the seed in them is replaced in every round.</param>
    public static CampaignCourse Play(OfferMarket market, int customersPerRound, int rounds, ulong seed, PolicyTerms terms)
    {
        var ids = Array.ConvertAll(market.Economics, e => e.Treatment);
        var wanted = Enumerable.Range(0, OfferMarket.Segments).Select(s => new WantedCell(OfferMarket.Segment(s), ids)).ToList();
        var evidence = new List<RunEvidence>();
        var course = Empty(rounds);
        PolicyTable? table = null;
        for (var round = 0; round < rounds; round++)
        {
            table = AdaptivePolicy.Choose(evidence, market.Economics, wanted, terms with { Seed = RandomStream.Mix(seed + (ulong)round) });
            var cells = new CellEvidence[OfferMarket.Segments];
            for (var s = 0; s < OfferMarket.Segments; s++)
            {
                var customers = (customersPerRound / OfferMarket.Segments) + (s < customersPerRound % OfferMarket.Segments ? 1 : 0);
                var cell = table.Find(OfferMarket.Segment(s), string.Join('|', ids))!;
                Score(course, market, s, round, customers, cell, terms);
                cells[s] = Draw(market, s, round, customers, cell, seed);
            }

            evidence.Add(new RunEvidence { Run = "round-" + round, Occurrence = round, Cells = cells });
        }

        return Judge(course, market, table!, rounds - 1);
    }

    private static CampaignCourse Empty(int rounds) => new(
        new double[rounds], new double[rounds], new double[rounds], new double[rounds],
        Array.ConvertAll(new double[OfferMarket.Arms + 1], _ => new double[rounds]), 0, 0, 0);

    private static void Score(CampaignCourse course, OfferMarket market, int segment, int round, int customers, PolicyCell cell, PolicyTerms terms)
    {
        var nothing = market.ExpectedProfit(segment, -1, round);
        var (best, mean, chosen) = (nothing, nothing, cell.NothingPartsPerMillion * nothing);
        var holdout = (double)terms.HoldoutPartsPerMillion / StableHash.Million;
        course.Singles[0][round] += customers * nothing;
        for (var a = 0; a < OfferMarket.Arms; a++)
        {
            var profit = market.ExpectedProfit(segment, a, round);
            (best, mean, chosen) = (Math.Max(best, profit), mean + profit, chosen + (cell.Arms[a].PartsPerMillion * profit));
            course.Singles[a + 1][round] += customers * ((holdout * nothing) + ((1 - holdout) * profit));
        }

        course.Profit[round] += customers * chosen / StableHash.Million;
        course.Nobody[round] += customers * nothing;
        course.Uniform[round] += customers * mean / (OfferMarket.Arms + 1);
        course.Oracle[round] += customers * best;
    }

    private static CellEvidence Draw(OfferMarket market, int segment, int round, int customers, PolicyCell cell, ulong seed)
    {
        var chance = new RandomStream(seed, (ulong)((round * OfferMarket.Segments) + segment));
        var totals = new ArmTotals[OfferMarket.Arms + 1];
        for (var i = 0; i < customers; i++)
        {
            var arm = cell.Draw((int)Math.BigMul(chance.Next(), StableHash.Million, out _));
            totals[arm + 1] = totals[arm + 1].With(market.Spend(segment, arm, round, ref chance));
        }

        return new CellEvidence(cell.Segment, cell.Eligible, totals[0], [.. cell.Arms.Select((a, i) => new ArmEvidence(a.Treatment, totals[i + 1]))]);
    }

    private static CampaignCourse Judge(CampaignCourse course, OfferMarket market, PolicyTable table, int round)
    {
        var (gains, blocked, wrongly) = (0, 0, 0);
        for (var s = 0; s < OfferMarket.Segments; s++)
        {
            for (var a = 0; a < OfferMarket.Arms; a++)
            {
                var arm = table.Cells[s].Arms[a];
                gains += arm.LowMinor > 0 ? 1 : 0;
                blocked += arm.Blocked is null ? 0 : 1;
                wrongly += arm.Blocked is not null && market.ExpectedProfit(s, a, round) > market.ExpectedProfit(s, -1, round) ? 1 : 0;
            }
        }

        return course with { Gains = gains, Blocked = blocked, FalselyBlocked = wrongly };
    }
}
