using Campaigns.Core.Primitives;

namespace Campaigns.Core.Offers.Learning;

/// <summary>What a variant costs and gives away, in the terms of the profit formula.</summary>
/// <param name="Treatment">Variant.</param>
/// <param name="DiscountShare">Share of the spending that is given away, in [0, 1]: discount depth × share of orders that redeem it.</param>
/// <param name="BenefitMinor">What a benefit costs per converting customer, minor units, ≥ 0.</param>
/// <param name="SendCostMinor">What sending costs per customer, minor units, ≥ 0.</param>
/// <param name="Blocked">Why it must not be sent (unsubscribes, complaints, margin floor), or null.</param>
public sealed record ArmTerms(string Treatment, double DiscountShare, double BenefitMinor, double SendCostMinor, string? Blocked = null);

/// <summary>A cell that a table is wanted for.</summary>
public readonly record struct CellWanted(string Segment, string Eligible);

/// <summary>What a policy is made from.</summary>
public sealed record PolicyInputs
{
    /// <summary>The campaign's variants in its order; at least one.</summary>
    public required IReadOnlyList<ArmTerms> Arms { get; init; }

    /// <summary>Runs whose outcome windows have closed, in order.</summary>
    public required IReadOnlyList<RunEvidence> Runs { get; init; }

    /// <summary>Cells that the next run may meet.</summary>
    public required IReadOnlyList<CellWanted> Cells { get; init; }

    /// <summary>Margin before discount as a share of spending, in (0, 1].</summary>
    public required double MarginShare { get; init; }

    /// <summary>The least probability of nothing: the holdout share, in [0, 1).</summary>
    public required double NothingFloor { get; init; }

    /// <summary>The least probability of a variant that is not blocked, in [0, 1).</summary>
    public double ArmFloor { get; init; } = AdaptivePolicy.DefaultArmFloor;

    /// <summary>Seed of the posterior draws.</summary>
    public required ulong Seed { get; init; }
}

/// <summary>
/// The adaptive strategy: each arm gets its floor, and the rest is shared by the probability that an arm is best (Thompson
/// 1933, Biometrika 25, 285–294), nothing being an arm. The floors are a random slice that every later estimate can rest on.
/// Profit per customer over doing nothing = (p + Δ) · basket · (margin − discount) − send cost − p · basket · margin, so that
/// what is given away to customers who would have bought anyway counts from the first run. See docs/optimizer.md.
/// </summary>
public static class AdaptivePolicy
{
    /// <summary>Name and version of the rule, logged with each table.</summary>
    public const string Name = "adaptive-1";

    /// <summary>Joint posterior draws: a probability of being best is then known to within .01 (one standard error).</summary>
    public const int Draws = 2_000;

    /// <summary>Least probability of a variant: 1 customer in 50 keeps every variant measurable.</summary>
    public const double DefaultArmFloor = 0.02;

    /// <summary>A variant is blocked in a cell where its probability of bringing less than nothing is above this.</summary>
    public const double CrediblyNegative = 0.99;

    /// <summary>The next run's table.</summary>
    public static PolicyTable Choose(PolicyInputs inputs)
    {
        ArgumentOutOfRangeException.ThrowIfZero(inputs.Arms.Count);
        var known = ConversionEvidence.Of(inputs);
        return new PolicyTable
        {
            Policy = Name,
            Seed = inputs.Seed,
            Runs = inputs.Runs.Count,
            Cells = known is null ? [.. inputs.Cells.Select(c => Untried(inputs, c))] : Learnt(inputs, known),
        };
    }

    /// <summary>Before anything is known: nothing and the variants alike, nothing at least its floor.</summary>
    private static PolicyCell Untried(PolicyInputs inputs, CellWanted cell)
    {
        var arms = ArmsOf(inputs, cell);
        var open = arms.Count(a => a.Blocked is null);
        var nothing = open == 0 ? 1 : Math.Max(inputs.NothingFloor, 1.0 / (open + 1));
        var parts = Parts([nothing, .. arms.Select(a => a.Blocked is null ? (1 - nothing) / open : 0)]);
        return new PolicyCell
        {
            Segment = cell.Segment,
            Eligible = cell.Eligible,
            NothingPartsPerMillion = parts[0],
            Arms = [.. arms.Select((a, i) => new PolicyArm(a.Treatment, parts[i + 1], Blocked: a.Blocked))],
        };
    }

    private static int[] Parts(double[] shares) => PartsPerMillion.Deal(Array.ConvertAll(shares, s => (long)(s * 1e12)), StableHash.Million);

    private static List<ArmTerms> ArmsOf(PolicyInputs inputs, CellWanted cell)
    {
        var eligible = cell.Eligible.Split('|', StringSplitOptions.RemoveEmptyEntries);
        return [.. inputs.Arms.Where(a => eligible.Contains(a.Treatment, StringComparer.Ordinal))];
    }

    private static PolicyCell[] Learnt(PolicyInputs inputs, ConversionEvidence known)
    {
        var (arms, cells) = (inputs.Arms.Count, known.Cells);
        var uplift = new UpliftPosterior(known.Contrasts, arms, known.OmegaScale, known.TauScale);
        var basket = BasketPosterior.Of(inputs);
        var wanted = inputs.Cells.Select(c => new CellDraws(inputs, c, known.IndexOf(c))).ToArray();
        var differences = Array.ConvertAll(known.Contrasts, _ => new double[arms]);
        var ratios = new double[arms];
        var chance = new RandomStream(inputs.Seed);
        for (var draw = 0; draw < Draws; draw++)
        {
            uplift.Draw(draw, Draws, ref chance, differences);
            basket.Draw(ref chance, ratios);
            for (var c = 0; c < cells.Count; c++)
            {
                var rate = Math.Clamp(cells[c].Rate + (cells[c].RateError * chance.Normal()), 0, 1);
                var spend = cells[c].Spend * Math.Exp(cells[c].SpendError * chance.Normal());
                foreach (var cell in wanted)
                {
                    if (cell.Index == c)
                    {
                        cell.Add(draw, differences[c], ratios, rate, spend);
                    }
                }
            }
        }

        return [.. wanted.Select(c => c.ToCell())];
    }

    /// <summary>Profits drawn for one wanted cell.</summary>
    private sealed class CellDraws
    {
        private readonly PolicyInputs inputs;
        private readonly CellWanted cell;
        private readonly int[] arms;
        private readonly int[] best;
        private readonly double[][] profits;

        public CellDraws(PolicyInputs inputs, CellWanted cell, int index)
        {
            (this.inputs, this.cell, Index) = (inputs, cell, index);
            arms = [.. ArmsOf(inputs, cell).Select(a => inputs.Arms.ToList().IndexOf(a))];
            best = new int[arms.Length + 1];
            profits = Array.ConvertAll(arms, _ => new double[Draws]);
        }

        /// <summary>The cell of the evidence that says most of it.</summary>
        public int Index { get; }

        public void Add(int draw, double[] differences, double[] ratios, double rate, double spend)
        {
            var (winner, most) = (0, 0.0);
            for (var i = 0; i < arms.Length; i++)
            {
                var terms = inputs.Arms[arms[i]];
                var converting = Math.Clamp(rate + differences[arms[i]], 0, 1);
                var profit = (converting * ((spend * Math.Exp(ratios[arms[i]]) * (inputs.MarginShare - terms.DiscountShare)) - terms.BenefitMinor))
                    - terms.SendCostMinor - (rate * spend * inputs.MarginShare);
                profits[i][draw] = profit;
                if (terms.Blocked is null && profit > most)
                {
                    (winner, most) = (i + 1, profit);
                }
            }

            best[winner]++;
        }

        public PolicyCell ToCell()
        {
            var blocked = arms.Select((a, i) => inputs.Arms[a].Blocked ?? Negative(profits[i])).ToArray();
            var floors = blocked.Select(b => b is null ? inputs.ArmFloor : 0).ToArray();
            // Draws won by a variant that is blocked after all count as nothing's.
            var won = blocked.Select((b, i) => b is null ? best[i + 1] : 0).ToArray();
            var rest = 1 - inputs.NothingFloor - floors.Sum();
            var nothing = (Draws - won.Sum()) / (double)Draws;
            var parts = Parts([inputs.NothingFloor + (rest * nothing), .. won.Select((w, i) => floors[i] + (rest * w / Draws))]);
            return new PolicyCell
            {
                Segment = cell.Segment,
                Eligible = cell.Eligible,
                NothingPartsPerMillion = parts[0],
                NothingBest = nothing,
                Arms = [.. arms.Select((a, i) => Arm(inputs.Arms[a].Treatment, parts[i + 1], won[i] / (double)Draws, profits[i], blocked[i]))],
            };
        }

        private static string? Negative(double[] profits)
        {
            var share = profits.Count(p => p < 0) / (double)profits.Length;
            return share > CrediblyNegative
                ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"it brings less than sending nothing, with a probability of {Math.Min(share, 0.999):P1}")
                : null;
        }

        private static PolicyArm Arm(string treatment, int parts, double best, double[] profits, string? blocked)
        {
            Array.Sort(profits);
            return new PolicyArm(treatment, parts, best, profits.Average(), profits[Draws / 20], profits[Draws - 1 - (Draws / 20)], blocked);
        }
    }
}
