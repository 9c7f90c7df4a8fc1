using System.Globalization;
using System.Text;
using Campaigns.Core.Dispatch;

namespace Campaigns.Channels.SendGrid;

/// <summary>One call's content: lines that all its messages share stand in it, the others as tags that each message replaces.</summary>
/// <param name="Html">HTML with tags.</param>
/// <param name="Text">Plain text with tags.</param>
/// <param name="Messages">The messages with what replaces the tags.</param>
internal sealed record SharedContent(string? Html, string Text, IReadOnlyList<(OutgoingMessage Message, Dictionary<string, string> Substitutions)> Messages)
{
    /// <summary>SendGrid: substitutions per personalization, in bytes; room is left for names and escapes.</summary>
    public const int MaxSubstitutionBytes = 9_000;

    /// <summary>SendGrid: personalizations per call.</summary>
    public const int MaxMessages = 1_000;

    /// <summary>What all tags begin with; a text that has it goes in a call of its own.</summary>
    private const string TagStart = "-campaigns:";

    /// <summary>
    /// The calls for a batch. Messages of one variant differ in a few lines (name, offer's end, links); one whose lines do
    /// not fit the others', or that differs by too much, goes in a call of its own. An address stands once in a call, as
    /// SendGrid asks.
    /// </summary>
    public static IReadOnlyList<SharedContent> Of(IReadOnlyList<OutgoingMessage> batch)
    {
        var calls = new List<SharedContent>();
        foreach (var shape in batch.GroupBy(m => (m.Campaign, Lines(m.Html), Lines(m.Text), m.UnsubscribeUrl is null)))
        {
            var open = shape.ToList();
            while (open.Count > 0)
            {
                var addresses = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
                var (now, later) = (new List<OutgoingMessage>(), new List<OutgoingMessage>());
                open.ForEach(m => (addresses.Count < MaxMessages && addresses.Add(m.To) ? now : later).Add(m));
                calls.AddRange(Share(now));
                open = later;
            }
        }

        return calls;
    }

    private static IEnumerable<SharedContent> Share(List<OutgoingMessage> messages)
    {
        var html = messages.ConvertAll(m => m.Html?.Split('\n') ?? []);
        var text = messages.ConvertAll(m => m.Text.Split('\n'));
        var (sharedHtml, htmlLines) = Template('h', html);
        var (sharedText, textLines) = Template('t', text);
        var shared = new List<(OutgoingMessage, Dictionary<string, string>)>();
        var (htmlTags, textTags) = (htmlLines.ConvertAll(l => (Tag: Tag('h', l), Line: l)), textLines.ConvertAll(l => (Tag: Tag('t', l), Line: l)));
        for (var i = 0; i < messages.Count; i++)
        {
            var substitutions = new Dictionary<string, string>(StringComparer.Ordinal);
            htmlTags.ForEach(tag => substitutions[tag.Tag] = html[i][tag.Line]);
            textTags.ForEach(tag => substitutions[tag.Tag] = text[i][tag.Line]);
            var tooMuch = substitutions.Sum(s => s.Key.Length + Encoding.UTF8.GetByteCount(s.Value)) > MaxSubstitutionBytes;
            if (messages.Count > 1 && (tooMuch || Has(messages[i].Html) || Has(messages[i].Text)))
            {
                yield return new SharedContent(messages[i].Html, messages[i].Text, [(messages[i], [])]);
            }
            else
            {
                shared.Add((messages[i], substitutions));
            }
        }

        if (shared.Count > 0)
        {
            yield return new SharedContent(messages[0].Html is null ? null : sharedHtml, sharedText, shared);
        }
    }

    /// <summary>The lines, those that differ as tags, and their numbers.</summary>
    private static (string Shared, List<int> Differing) Template(char part, List<string[]> all)
    {
        var differing = new List<int>();
        var lines = new string[all[0].Length];
        for (var line = 0; line < lines.Length; line++)
        {
            var differs = all.Exists(m => !string.Equals(m[line], all[0][line], StringComparison.Ordinal));
            lines[line] = differs ? Tag(part, line) : all[0][line];
            if (differs)
            {
                differing.Add(line);
            }
        }

        return (string.Join('\n', lines), differing);
    }

    private static string Tag(char part, int line) => string.Create(CultureInfo.InvariantCulture, $"{TagStart}{part}{line}-");

    private static bool Has(string? text) => text?.Contains(TagStart, StringComparison.Ordinal) == true;

    private static int Lines(string? text) => text?.AsSpan().Count('\n') ?? -1;
}
