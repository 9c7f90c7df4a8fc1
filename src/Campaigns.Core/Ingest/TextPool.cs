namespace Campaigns.Core.Ingest;

/// <summary>One string for equal texts: products, countries and codes come again and again. Bounded; what does not fit is simply new.</summary>
internal sealed class TextPool
{
    private const int Most = 50_000;

    private readonly HashSet<string> texts = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup;

    public TextPool() => lookup = texts.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The text, or null where it is empty.</summary>
    public string? Get(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return null;
        }

        if (lookup.TryGetValue(text, out var known))
        {
            return known;
        }

        var added = text.ToString();
        if (texts.Count < Most)
        {
            texts.Add(added);
        }

        return added;
    }
}
