namespace Campaigns.Core.Measurement;

/// <summary>
/// Evidence against "no effect" that may be looked at every day and for many cells at once. The e-value is the normal
/// mixture behind <see cref="Lift.AlwaysValid"/>: exp(z²·x / (2(x + 1))) ÷ √(x + 1) with z = difference ÷ standard error and
/// x = t·ρ². Without an effect its mean is at most 1 at every look (Ville 1939), and the always-valid interval excludes zero
/// exactly where it exceeds 1/α.
/// </summary>
public static class EValues
{
    /// <summary>The e-value, ≥ 0; 1 = no evidence either way.</summary>
    /// <param name="z">Difference ÷ standard error.</param>
    /// <param name="information">As in <see cref="Lift.AlwaysValid"/>, ≥ 0.</param>
    /// <param name="planned">As in <see cref="Lift.AlwaysValid"/>, &gt; 0.</param>
    public static double Of(double z, double information, double planned)
    {
        if (information <= 0 || planned <= 0)
        {
            return 1;
        }

        var x = information * Lift.RhoSquared(planned);
        return Math.Exp(z * z * x / (2 * (x + 1))) / Math.Sqrt(x + 1);
    }

    /// <summary>
    /// Which of K cells may be called proven so that on average at most 5 % of those called so have no effect, however the
    /// cells depend on each other: the k largest e-values with the largest k for which the k-th is at least K ÷ (k·α).
    /// Wang and Ramdas (2022), "False discovery rate control with e-values", J. R. Stat. Soc. B 84, 822–852 (e-BH).
    /// </summary>
    /// <returns>For each e-value, in its place, whether it is selected.</returns>
    public static bool[] Select(IReadOnlyList<double> eValues)
    {
        const double alpha = 1 - Lift.Confidence;
        var order = Enumerable.Range(0, eValues.Count).OrderByDescending(i => eValues[i]).ToArray();
        var last = 0;
        for (var k = 1; k <= order.Length; k++)
        {
            last = eValues[order[k - 1]] >= order.Length / (k * alpha) ? k : last;
        }

        var selected = new bool[eValues.Count];
        foreach (var i in order.AsSpan(0, last))
        {
            selected[i] = true;
        }

        return selected;
    }
}
