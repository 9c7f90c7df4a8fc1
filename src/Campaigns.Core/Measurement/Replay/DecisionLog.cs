using System.Runtime.InteropServices;
using Campaigns.Core.Jobs;

namespace Campaigns.Core.Measurement.Replay;

/// <summary>Gathers decisions row by row into columns; names are kept once.</summary>
public sealed class DecisionLog
{
    private readonly Dictionary<string, int> treatments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>[] values;
    private readonly Dictionary<long, int>[] pairs;
    private readonly List<int[]> cells = [];
    private readonly List<int> treatment = [];
    private readonly List<int> cell = [];
    private readonly List<double> propensity = [];
    private readonly List<double> reward = [];
    private readonly IReadOnlyList<string> columns;
    private readonly int[] codes;

    /// <param name="columns">Context columns, in the order in which <see cref="Context"/> sets their values.</param>
    public DecisionLog(IReadOnlyList<string> columns)
    {
        this.columns = columns;
        codes = new int[columns.Count];
        values = [.. columns.Select(static _ => new Dictionary<string, int>(StringComparer.Ordinal))];
        pairs = [.. columns.Select(static _ => new Dictionary<long, int>())];
        if (columns.Count == 0)
        {
            cells.Add([]);
        }
    }

    /// <summary>Rows so far.</summary>
    public int Count => treatment.Count;

    /// <summary>Sets the value of a context column for the row that is added next.</summary>
    public void Context(int column, ReadOnlySpan<char> value) => codes[column] = CodeOf(values[column], value, "context value", int.MaxValue);

    /// <summary>
    /// Adds a row. Throws <see cref="JobFailedException"/> without naming the row where the treatment is empty, the
    /// propensity not in (0, 1], the reward not a number of a credible size, or the log beyond its limits.
    /// </summary>
    public void Add(ReadOnlySpan<char> name, double probability, double amount)
    {
        if (name.IsEmpty)
        {
            throw new JobFailedException($"the treatment is empty; write \"{ReplayLimits.None}\" for no message.");
        }

        if (!(probability > 0 && probability <= 1))
        {
            throw new JobFailedException(FormattableString.Invariant($"the propensity is {probability}; it is the probability with which this row's treatment was drawn: above 0, at most 1."));
        }

        if (!(Math.Abs(amount) <= ReplayLimits.Amount))
        {
            throw new JobFailedException(FormattableString.Invariant($"the reward {amount} lies beyond ±{ReplayLimits.Amount:0}."));
        }

        if (Count == ReplayLimits.Rows)
        {
            throw new JobFailedException(FormattableString.Invariant($"the log has more than {ReplayLimits.Rows:N0} rows: replay a sample of it."));
        }

        treatment.Add(CodeOf(treatments, name, "treatment", ReplayLimits.Treatments));
        cell.Add(CellOf());
        propensity.Add(probability);
        reward.Add(amount);
    }

    /// <summary>The decisions. Throws <see cref="JobFailedException"/> where there is none.</summary>
    public LoggedDecisions ToDecisions()
    {
        if (Count == 0)
        {
            throw new JobFailedException("The log has a header and no row.");
        }

        var names = treatments.Keys.OrderBy(static n => n != ReplayLimits.None).ThenBy(static n => n, StringComparer.Ordinal).ToArray();
        var texts = values.Select(static v => v.Keys.ToArray()).ToArray();
        string[] TextsOf(int[] cell) => [.. cell.Select((code, column) => texts[column][code])];
        var combinations = cells.Select((codes, index) => (Texts: TextsOf(codes), Index: index)).ToArray();
        Array.Sort(combinations, static (a, b) => Compare(a.Texts, b.Texts));
        return new LoggedDecisions(
            names,
            columns,
            [.. combinations.Select(static c => c.Texts)],
            Renamed(treatment, [.. names.Select(n => treatments[n])]),
            Renamed(cell, [.. combinations.Select(static c => c.Index)]),
            [.. propensity],
            [.. reward]);
    }

    private static int Compare(string[] one, string[] other)
    {
        for (var i = 0; i < one.Length; i++)
        {
            if (string.CompareOrdinal(one[i], other[i]) is not 0 and var order)
            {
                return order;
            }
        }

        return 0;
    }

    /// <summary>Codes in the order of first occurrence become indexes in the sorted order; <paramref name="sorted"/> holds the codes in that order.</summary>
    private static int[] Renamed(List<int> codes, int[] sorted)
    {
        var index = new int[sorted.Length];
        for (var i = 0; i < sorted.Length; i++)
        {
            index[sorted[i]] = i;
        }

        var renamed = codes.ToArray();
        foreach (ref var code in renamed.AsSpan())
        {
            code = index[code];
        }

        return renamed;
    }

    private static int CodeOf(Dictionary<string, int> known, ReadOnlySpan<char> text, string what, int limit)
    {
        var lookup = known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(text, out var code))
        {
            return code;
        }

        if (text.Length > ReplayLimits.TextLength)
        {
            throw new JobFailedException($"the {what} has {text.Length} characters, {ReplayLimits.TextLength} at most are a name.");
        }

        if (known.Count == limit)
        {
            throw new JobFailedException($"this is treatment number {limit + 1}; a log has {limit} at most: the column \"treatment\" probably holds ids.");
        }

        lookup[text] = known.Count;
        return known.Count - 1;
    }

    /// <summary>The combination of the values that are set: pairs of (combination so far, next value), column by column.</summary>
    private int CellOf()
    {
        var so = 0;
        for (var column = 0; column < codes.Length; column++)
        {
            ref var next = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs[column], ((long)so << 32) | (uint)codes[column], out var known);
            if (!known)
            {
                next = pairs[column].Count - 1;
                if (column == codes.Length - 1)
                {
                    cells.Add([.. codes]);
                }

                if (pairs[column].Count > ReplayLimits.Cells)
                {
                    throw new JobFailedException(FormattableString.Invariant($"{string.Join(", ", columns)} have more than {ReplayLimits.Cells:N0} combinations of values: choose columns with fewer."));
                }
            }

            so = next;
        }

        return so;
    }
}
