namespace Campaigns.Core.Measurement.Replay;

/// <summary>Mean and variance in one pass. Welford (1962), Technometrics 4(3).</summary>
internal struct Spread
{
    private double squares;

    public long Count { get; private set; }

    public double Mean { get; private set; }

    /// <summary>Standard error of the mean, 0 below two values.</summary>
    public readonly double StandardError => Count < 2 ? 0 : Math.Sqrt(squares / (Count - 1) / Count);

    public void Add(double value)
    {
        Count++;
        var delta = value - Mean;
        Mean += delta / Count;
        squares += delta * (value - Mean);
    }

    public readonly Estimate ToEstimate() => new(Mean, StandardError);
}
