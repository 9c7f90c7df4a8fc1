namespace Campaigns.Core.Ingest;

/// <summary>
/// Finds the type of attributes from the values of the import that first names them: the first of yes/no, number and date
/// that at least 95 of 100 values fit, else text. Empty values say nothing.
/// </summary>
public sealed class AttributeSurvey
{
    /// <summary>Of 100 values, how many must fit: a few "n/a" do not make a column of numbers text.</summary>
    public const int FittingPercent = 95;

    private static readonly AttributeKind[] Candidates = [AttributeKind.YesNo, AttributeKind.Number, AttributeKind.Date];

    private readonly Dictionary<string, Counts> counts = new(StringComparer.Ordinal);

    /// <summary>Counts a customer's attributes.</summary>
    public void Add(Dictionary<string, string> attributes)
    {
        foreach (var (name, value) in attributes)
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                continue;
            }

            if (!counts.TryGetValue(name, out var count))
            {
                if (counts.Count == AttributeTypes.Limit)
                {
                    continue; // Beyond the limit it stays text, whatever its values are.
                }

                counts[name] = count = new Counts();
            }

            count.Values++;
            for (var i = 0; i < Candidates.Length; i++)
            {
                count.Fitting[i] += AttributeValues.Fits(value, Candidates[i]) ? 1 : 0;
            }
        }
    }

    /// <summary>The types found, by name in ordinal order.</summary>
    public IEnumerable<(string Name, AttributeKind Type)> Types()
    {
        foreach (var name in counts.Keys.Order(StringComparer.Ordinal))
        {
            yield return (name, TypeOf(counts[name]));
        }
    }

    private static AttributeKind TypeOf(Counts count)
    {
        for (var i = 0; i < Candidates.Length; i++)
        {
            if (count.Fitting[i] * 100 >= count.Values * FittingPercent)
            {
                return Candidates[i];
            }
        }

        return AttributeKind.Text;
    }

    private sealed class Counts
    {
        public long Values { get; set; }

        public long[] Fitting { get; } = new long[Candidates.Length];
    }
}
