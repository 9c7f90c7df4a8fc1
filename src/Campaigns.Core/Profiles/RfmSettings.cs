using System.Globalization;
using System.Text.Json.Serialization;
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

    /// <summary>The workspace's own map of recency × frequency: the first rule that a cell matches names it. Null: <see cref="RfmMap.Standard"/> where there are five scores of each, else none.</summary>
    public RfmRule[]? Map { get; init; }

    /// <summary>Recency scores go from 1 to this.</summary>
    [MemoryPackIgnore]
    [JsonIgnore]
    public int RecencyScores => RecencyCutsDays?.Length + 1 ?? Bins;

    /// <summary>Frequency scores go from 1 to this.</summary>
    [MemoryPackIgnore]
    [JsonIgnore]
    public int FrequencyScores => OrderCuts?.Length + 1 ?? Bins;

    /// <summary>Spend scores go from 1 to this.</summary>
    [MemoryPackIgnore]
    [JsonIgnore]
    public int MonetaryScores => SpendCutsMinor?.Length + 1 ?? Bins;

    /// <summary>The map in force; null where the scores are not those of the usual map and the workspace has none of its own.</summary>
    public RfmMap? ToMap() =>
        Map is { } rules ? new RfmMap(RecencyScores, FrequencyScores, rules)
        : RecencyScores == RfmMap.Standard.Recency && FrequencyScores == RfmMap.Standard.Frequency ? RfmMap.Standard
        : null;

    /// <summary>What is wrong with the settings, a sentence each; empty where they can be used.</summary>
    public IReadOnlyList<string> Faults() => [.. FaultsByPath().Select(f => f.Message)];

    /// <summary>The same, each with the path to it in JSON: "$.bins", "$.orderCuts[2]", "$.map[0]".</summary>
    public IReadOnlyList<RfmFault> FaultsByPath()
    {
        var faults = new List<RfmFault>();
        if (Bins is < 2 or > MaxBins)
        {
            faults.Add(new RfmFault("$.bins", Text($"RFM has {Bins} bins; choose 2 to {MaxBins}.")));
        }

        if (WindowDays is < 1 or > MaxWindowDays)
        {
            faults.Add(new RfmFault("$.windowDays", Text($"The RFM window is {WindowDays} days; choose 1 to {MaxWindowDays}, or none.")));
        }

        Check(faults, RecencyCutsDays, "recency", "$.recencyCutsDays");
        Check(faults, OrderCuts, "orders", "$.orderCuts");
        Check(faults, SpendCutsMinor, "spend", "$.spendCutsMinor");
        if (faults.Count == 0 && Map is not null)
        {
            CheckMap(faults, Map);
        }

        return faults;
    }

    /// <summary>By what they say: lists are compared element by element.</summary>
    public bool Equals(RfmSettings? other) =>
        other is not null && Bins == other.Bins && WindowDays == other.WindowDays && Same(RecencyCutsDays, other.RecencyCutsDays)
        && Same(OrderCuts, other.OrderCuts) && Same(SpendCutsMinor, other.SpendCutsMinor) && Same(Map, other.Map);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Bins, WindowDays, RecencyCutsDays?.Length, OrderCuts?.Length, SpendCutsMinor?.Length, Map?.Length);

    private static bool Same<T>(T[]? a, T[]? b) => a is null ? b is null : b is not null && a.SequenceEqual(b);

    private static void Check(List<RfmFault> faults, long[]? cuts, string measure, string path)
    {
        if (cuts is null)
        {
            return;
        }

        if (cuts.Length is 0 or >= MaxBins)
        {
            faults.Add(new RfmFault(path, Text($"The fixed cuts of {measure} are {cuts.Length}; give 1 to {MaxBins - 1}, or none to cut into bins.")));
        }

        for (var i = 1; i < cuts.Length; i++)
        {
            if (cuts[i] <= cuts[i - 1])
            {
                faults.Add(new RfmFault(Text($"{path}[{i}]"), Text($"The fixed cuts of {measure} must rise: {cuts[i]} follows {cuts[i - 1]}.")));
                return;
            }
        }
    }

    private void CheckMap(List<RfmFault> faults, RfmRule[] rules)
    {
        if (Array.FindIndex(rules, r => r is null) is >= 0 and var empty)
        {
            faults.Add(new RfmFault(Text($"$.map[{empty}]"), Text($"Rule {empty + 1} is empty; give it a name and the scores it covers.")));
            return;
        }

        foreach (var (rule, sentence) in new RfmMap(RecencyScores, FrequencyScores, rules).RuleFaults())
        {
            faults.Add(new RfmFault(rule is { } index ? Text($"$.map[{index}]") : "$.map", sentence));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What is wrong with RFM settings.</summary>
/// <param name="Path">Where, in JSON.</param>
/// <param name="Message">What, in a sentence that says what to do.</param>
public sealed record RfmFault(string Path, string Message);
