using System.Globalization;
using MemoryPack;

namespace Campaigns.Core.Profiles;

/// <summary>How a workspace cuts recency, frequency and spend: into equally large bins, or at fixed values.</summary>
[MemoryPackable]
public sealed partial record RfmSettings
{
    /// <summary>Quintiles, as in the literature.</summary>
    public const int UsualBins = 5;

    /// <summary>Above, a bin is 5 % of the customers or less, and a map has more than 400 cells: nobody plans by that.</summary>
    public const int MaxBins = 20;

    /// <summary>A century: longer windows are slips of the keyboard.</summary>
    public const int MaxWindowDays = 36_500;

    /// <summary>Bins of equally many customers, 2 … <see cref="MaxBins"/>, for the measures without fixed cuts.</summary>
    public int Bins { get; init; } = UsualBins;

    /// <summary>Days back from the as-of time whose orders count, or null for all.</summary>
    public int? WindowDays { get; init; }

    /// <summary>Fixed cuts of recency in whole days, ascending: at or below the first is the best score. Null: by <see cref="Bins"/>.</summary>
    public long[]? RecencyCutsDays { get; init; }

    /// <summary>Fixed cuts of orders, ascending: at or below the first is the lowest score. Null: by <see cref="Bins"/>.</summary>
    public long[]? OrderCuts { get; init; }

    /// <summary>Fixed cuts of spend in minor units, ascending. Null: by <see cref="Bins"/>.</summary>
    public long[]? SpendCutsMinor { get; init; }

    /// <summary>What is wrong with the settings, a sentence each; empty where they can be used.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (Bins is < 2 or > MaxBins)
        {
            faults.Add(Text($"RFM has {Bins} bins; choose 2 to {MaxBins}."));
        }

        if (WindowDays is < 1 or > MaxWindowDays)
        {
            faults.Add(Text($"The RFM window is {WindowDays} days; choose 1 to {MaxWindowDays}, or none."));
        }

        Check(faults, RecencyCutsDays, "recency");
        Check(faults, OrderCuts, "orders");
        Check(faults, SpendCutsMinor, "spend");
        return faults;
    }

    private static void Check(List<string> faults, long[]? cuts, string measure)
    {
        if (cuts is null)
        {
            return;
        }

        if (cuts.Length is 0 or >= MaxBins)
        {
            faults.Add(Text($"The fixed cuts of {measure} are {cuts.Length}; give 1 to {MaxBins - 1}, or none to cut into bins."));
        }

        for (var i = 1; i < cuts.Length; i++)
        {
            if (cuts[i] <= cuts[i - 1])
            {
                faults.Add(Text($"The fixed cuts of {measure} must rise: {cuts[i]} follows {cuts[i - 1]}."));
                return;
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
