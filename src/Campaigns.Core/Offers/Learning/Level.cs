namespace Campaigns.Core.Offers.Learning;

/// <summary>
/// What customers of a cell do now, over all arms, newer runs counting more: from it and the differences between arms follows what
/// they do without any message. All arms tell, so that this does not rest on the few who drew nothing.
/// </summary>
internal sealed class Level(int arms)
{
    /// <summary>Customers, weighted.</summary>
    public double Customers { get; private set; }

    /// <summary>Conversions, weighted.</summary>
    public double Conversions { get; private set; }

    /// <summary>Customers by arm, weighted, without nothing.</summary>
    public double[] ByArm { get; } = new double[arms];

    /// <summary>Conversions by arm, weighted, without nothing.</summary>
    public double[] ConversionsByArm { get; } = new double[arms];

    /// <summary>Σ ln(spend), weighted.</summary>
    public double LogSpend { get; private set; }

    /// <summary>Spending, weighted, minor units.</summary>
    public double SpendMinor { get; private set; }

    /// <summary>Variants, by arm: who unsubscribed and complained, of how many, unweighted.</summary>
    public ArmTotals[] Totals { get; } = new ArmTotals[arms];

    public void Add(HurdleSums.CellTotals cell)
    {
        for (var i = 0; i < cell.Arms.Length; i++)
        {
            var arm = cell.Arms[i];
            Customers += cell.Recent * arm.Customers;
            Conversions += cell.Recent * arm.Conversions;
            LogSpend += cell.Recent * arm.MeanLogSpend * arm.Conversions;
            SpendMinor += cell.Recent * arm.SpendMinor;
            if (i > 0)
            {
                ByArm[i - 1] += cell.Recent * arm.Customers;
                ConversionsByArm[i - 1] += cell.Recent * arm.Conversions;
                Totals[i - 1] += arm;
            }
        }
    }
}
