using System.Globalization;
using Campaigns.Core.Profiles;

namespace Campaigns.Core.Segments.Rules;

/// <summary>
/// Cells of recency × frequency that no segment can hold, for schemes that ask for these scores. Other conditions may hold or
/// not, so only cells that every rule rules out are found. Pure over the rules.
/// </summary>
public sealed class RfmCoverage
{
    private const string Recency = "rfm.recency", Frequency = "rfm.frequency", Monetary = "rfm.monetary", Cell = "rfm.cell";

    private readonly SegmentScheme scheme;
    private readonly RfmMap? map;
    private bool asked;

    private RfmCoverage(SegmentScheme scheme, RfmMap? map) => (this.scheme, this.map) = (scheme, map);

    /// <summary>The cells, by recency and then frequency, from 1; none where no rule asks for these scores or for the cell's name. The scheme is valid, and so are the settings.</summary>
    public static IReadOnlyList<(int Recency, int Frequency)> Uncovered(SegmentScheme scheme, RfmSettings settings)
    {
        var coverage = new RfmCoverage(scheme, settings.ToMap());
        var cells = new List<(int, int)>();
        for (var r = 1; r <= settings.RecencyScores; r++)
        {
            for (var f = 1; f <= settings.FrequencyScores; f++)
            {
                // Every rule is looked at, so that it is known whether one asks.
                if (scheme.Segments.Count(s => coverage.Holds(s.Rule, r, f) != false) == 0)
                {
                    cells.Add((r, f));
                }
            }
        }

        return coverage.asked ? cells : [];
    }

    /// <summary>The names of cells that the condition itself compares with.</summary>
    internal static IEnumerable<string> CellsAskedFor(Rule rule) => rule switch
    {
        Rule.Compare { Field: Cell, Comparison: Comparison.Is, Operand: Operand.Literal { Value.Text: { } name } } => [name],
        Rule.OneOf { Field: Cell } names => names.Values.Select(v => v.Text).OfType<string>(),
        _ => [],
    };

    /// <summary>The highest score where the condition itself asks for a higher one; null where it does not.</summary>
    internal static int? Beyond(Rule rule, SegmentScheme scheme, RfmSettings settings)
    {
        if (rule is not Rule.Compare { Comparison: Comparison.Is or Comparison.AtLeast or Comparison.Above } compare
            || Limit(compare.Operand, scheme) is not { } limit)
        {
            return null;
        }

        int? most = compare.Field switch
        {
            Recency => settings.RecencyScores,
            Frequency => settings.FrequencyScores,
            Monetary => settings.MonetaryScores,
            _ => null,
        };
        return limit > most || (limit == most && compare.Comparison == Comparison.Above) ? most : null;
    }

    /// <summary>"R1 F5, R2 F5".</summary>
    public static string InWords(IEnumerable<(int Recency, int Frequency)> cells) =>
        string.Join(", ", cells.Select(c => string.Create(CultureInfo.InvariantCulture, $"R{c.Recency} F{c.Frequency}")));

    /// <summary>Whether the rule holds in the cell; null where that depends on more.</summary>
    private bool? Holds(Rule rule, int recency, int frequency)
    {
        switch (rule)
        {
            case Rule.All all:
                var parts = all.Rules.Select(r => Holds(r, recency, frequency)).ToList();
                return parts.Contains(false) ? false : parts.Contains(null) ? null : true;
            case Rule.Any any:
                var choices = any.Rules.Select(r => Holds(r, recency, frequency)).ToList();
                return choices.Contains(true) ? true : choices.Contains(null) ? null : false;
            case Rule.Not not:
                return !Holds(not.Inner, recency, frequency);
            case Rule.InSegment other when scheme.IndexOf(other.Segment) is >= 0 and var index:
                return Holds(scheme.Segments[index].Rule, recency, frequency);
            case Rule.Compare { Field: Cell, Comparison: Comparison.Is, Operand: Operand.Literal { Value.Text: { } name } } when Name(recency, frequency) is { } cell:
                return string.Equals(cell, name, StringComparison.OrdinalIgnoreCase);
            case Rule.OneOf { Field: Cell } names when Name(recency, frequency) is { } cell:
                return names.Values.Any(v => string.Equals(v.Text, cell, StringComparison.OrdinalIgnoreCase));
            case Rule.Compare compare when Score(compare.Field, recency, frequency) is { } score && Number(compare.Operand) is { } limit:
                return compare.Comparison switch
                {
                    Comparison.Is => score == limit,
                    Comparison.Above => score > limit,
                    Comparison.AtLeast => score >= limit,
                    Comparison.Below => score < limit,
                    Comparison.AtMost => score <= limit,
                    _ => null,
                };
            case Rule.Between between when Score(between.Field, recency, frequency) is { } score && Number(between.Low) is { } low && Number(between.High) is { } high:
                return score >= low && score <= high;
            case Rule.OneOf oneOf when Score(oneOf.Field, recency, frequency) is { } score:
                return oneOf.Values.Any(v => v.Number == score);
            default:
                return null;
        }
    }

    private string? Name(int recency, int frequency)
    {
        asked = true;
        return map?.NameOf(recency, frequency);
    }

    private double? Score(string field, int recency, int frequency)
    {
        double? score = field switch
        {
            Recency => recency,
            Frequency => frequency,
            _ => null,
        };
        asked |= score is not null;
        return score;
    }

    private double? Number(Operand operand) => Limit(operand, scheme);

    private static double? Limit(Operand operand, SegmentScheme scheme) => operand switch
    {
        Operand.Literal { Value: { Type: FieldType.Number, IsKnown: true } value } => value.Number,
        Operand.Parameter parameter => scheme.Parameters.FirstOrDefault(p => p.Name == parameter.Name)?.Value,
        _ => null,
    };
}
