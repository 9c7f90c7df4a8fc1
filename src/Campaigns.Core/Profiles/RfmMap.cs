using System.Globalization;
using MemoryPack;

namespace Campaigns.Core.Profiles;

/// <summary>
/// Names for the cells of recency × frequency: the first rule that a cell matches names it. <see cref="Faults"/> says which
/// rules can never match and which cells no rule covers.
/// </summary>
/// <param name="Recency">Recency scores: 1 … this.</param>
/// <param name="Frequency">Frequency scores: 1 … this.</param>
/// <param name="Rules">In order; the first that matches counts.</param>
[MemoryPackable]
public sealed partial record RfmMap(int Recency, int Frequency, RfmRule[] Rules)
{
    /// <summary>More rules than cells of the usual map are a slip.</summary>
    public const int MaxRules = 400;

    /// <summary>The usual 25 cells in ten names.</summary>
    public static RfmMap Standard { get; } = new(RfmSettings.UsualBins, RfmSettings.UsualBins,
    [
        new("hibernating", 1, 2, 1, 2),
        new("at risk", 1, 2, 3, 4),
        new("can't lose", 1, 2, 5, 5),
        new("about to sleep", 3, 3, 1, 2),
        new("need attention", 3, 3, 3, 3),
        new("loyal", 3, 4, 4, 5),
        new("promising", 4, 4, 1, 1),
        new("new", 5, 5, 1, 1),
        new("potential loyalist", 4, 5, 2, 3),
        new("champions", 5, 5, 4, 5),
    ]);

    /// <summary>The name of the score's cell; null where no rule covers it.</summary>
    public string? NameOf(RfmScore score) => NameOf(score.Recency, score.Frequency);

    /// <summary>The name of a cell; null where no rule covers it.</summary>
    public string? NameOf(int recency, int frequency)
    {
        foreach (var rule in Rules)
        {
            if (rule.Matches(recency, frequency))
            {
                return rule.Name;
            }
        }

        return null;
    }

    /// <summary>
    /// What is wrong, a sentence each: rules without a name, with scores out of range or the wrong way round, rules that earlier
    /// ones shadow, and cells without a name. Empty where every rule counts and every cell has a name.
    /// </summary>
    public IReadOnlyList<string> Faults() => [.. RuleFaults().Select(f => f.Sentence)];

    /// <summary>The same with the place of the rule at fault, from 0; null where it is the whole map.</summary>
    internal IReadOnlyList<(int? Rule, string Sentence)> RuleFaults()
    {
        if (Recency is < 2 or > RfmSettings.MaxBins || Frequency is < 2 or > RfmSettings.MaxBins || Rules.Length is 0 or > MaxRules)
        {
            return [(null, Text($"An RFM map has 2 to {RfmSettings.MaxBins} scores of each kind and 1 to {MaxRules} rules; this one has {Recency} × {Frequency} scores and {Rules.Length} rules."))];
        }

        var faults = new List<(int? Rule, string Sentence)>();
        var owner = new int[Recency, Frequency]; // 1 + the rule that names the cell, or 0
        for (var i = 0; i < Rules.Length; i++)
        {
            if (RangeFault(i) is { } fault)
            {
                faults.Add((i, fault));
            }
            else if (Shadowed(owner, i) is { } earlier)
            {
                faults.Add((i, Text($"Rule {i + 1} {Rules[i].InWords} never matches: {earlier} before it {(earlier.Contains(',', StringComparison.Ordinal) ? "take" : "takes")} all of its cells. Move it up, or remove it.")));
            }
        }

        if (Uncovered(owner) is { Length: > 0 } cells)
        {
            faults.Add((null, Text($"No rule covers {cells}: customers there have no name. Add a rule, or widen one.")));
        }

        return faults;
    }

    private string? RangeFault(int index)
    {
        var rule = Rules[index];
        if (string.IsNullOrWhiteSpace(rule.Name) || rule.Name.Length > RfmRule.MaxNameLength)
        {
            return Text($"Rule {index + 1} has no name, or one of more than {RfmRule.MaxNameLength} letters.");
        }

        var right = rule.LeastRecency >= 1 && rule.LeastRecency <= rule.MostRecency && rule.MostRecency <= Recency
            && rule.LeastFrequency >= 1 && rule.LeastFrequency <= rule.MostFrequency && rule.MostFrequency <= Frequency;
        return right ? null : Text($"Rule {index + 1} {rule.InWords} lies outside of the map: recency goes from 1 to {Recency}, frequency from 1 to {Frequency}, the lower score first.");
    }

    /// <summary>Takes the rule's free cells; where there are none, the earlier rules that have them, in words.</summary>
    private string? Shadowed(int[,] owner, int index)
    {
        var (rule, free, before) = (Rules[index], false, new SortedSet<int>());
        for (var r = rule.LeastRecency; r <= rule.MostRecency; r++)
        {
            for (var f = rule.LeastFrequency; f <= rule.MostFrequency; f++)
            {
                ref var cell = ref owner[r - 1, f - 1];
                if (cell == 0)
                {
                    (cell, free) = (index + 1, true);
                }
                else if (cell != index + 1)
                {
                    before.Add(cell);
                }
            }
        }

        return free ? null : string.Join(", ", before.Select(b => Text($"rule {b} \"{Rules[b - 1].Name}\"")));
    }

    private string Uncovered(int[,] owner)
    {
        var cells = new List<string>();
        for (var r = 1; r <= Recency; r++)
        {
            for (var f = 1; f <= Frequency; f++)
            {
                if (owner[r - 1, f - 1] == 0)
                {
                    cells.Add(Text($"R{r} F{f}"));
                }
            }
        }

        return string.Join(", ", cells);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A name for a rectangle of cells, bounds included.</summary>
[MemoryPackable]
public sealed partial record RfmRule(string Name, int LeastRecency, int MostRecency, int LeastFrequency, int MostFrequency)
{
    /// <summary>Longer names do not fit into a cell of a map.</summary>
    public const int MaxNameLength = 60;

    /// <summary>As in "loyal" (R3–4, F4–5).</summary>
    [MemoryPackIgnore]
    [System.Text.Json.Serialization.JsonIgnore]
    public string InWords => $"\"{Name}\" (R{Range(LeastRecency, MostRecency)}, F{Range(LeastFrequency, MostFrequency)})";

    /// <summary>The cell lies in the rectangle.</summary>
    public bool Matches(int recency, int frequency) =>
        recency >= LeastRecency && recency <= MostRecency && frequency >= LeastFrequency && frequency <= MostFrequency;

    private static string Range(int least, int most) =>
        least == most ? least.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{least}–{most}");
}
