namespace Campaigns.Core.Measurement.Replay;

/// <summary>An estimate in the reward's unit per row, with its standard error ≥ 0.</summary>
public readonly record struct Estimate(double Value, double StandardError)
{
    /// <summary>Of the standard normal: two-sided 95 %.</summary>
    private const double TwoSided = 1.959963984540054;

    /// <summary>Of the standard normal: one-sided 95 %.</summary>
    private const double OneSided = 1.6448536269514722;

    /// <summary>Lower end of the 95 % interval by the normal approximation.</summary>
    public double Low => Value - (TwoSided * StandardError);

    /// <summary>Upper end of it.</summary>
    public double High => Value + (TwoSided * StandardError);

    /// <summary>One-sided 95 % lower bound.</summary>
    public double LowerBound => Value - (OneSided * StandardError);
}

/// <summary>What a policy would have brought per row of the log, by three estimators, and how much of the log speaks about it.</summary>
/// <param name="Ips">Inverse propensity scoring: mean of w·r with w = π(a | x) ÷ propensity. Horvitz and Thompson (1952).</param>
/// <param name="Snips">Self-normalised: Σ w·r ÷ Σ w. Hájek (1971); Swaminathan and Joachims (2015). Standard error of the ratio by the delta method.</param>
/// <param name="DoublyRobust">Dudík, Langford and Li (2011), the outcome model cross-fitted over folds.</param>
/// <param name="EffectiveSampleSize">(Σ w)² ÷ Σ w²: rows of equal weight that would be as informative. Kish (1965).</param>
/// <param name="LargestWeight">The greatest w.</param>
/// <param name="MeanWeight">Mean of w; its expectation is 1 where the log could draw everything that the policy wants.</param>
/// <param name="Refusal">Why no value may be given, or null.</param>
public sealed record PolicyValue(Estimate Ips, Estimate Snips, Estimate DoublyRobust, double EffectiveSampleSize, double LargestWeight, Estimate MeanWeight, string? Refusal);
