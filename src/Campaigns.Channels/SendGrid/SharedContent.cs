using System.Globalization;
using System.Text;
using Campaigns.Core.Dispatch;

namespace Campaigns.Channels.SendGrid;

/// <summary>A message of a call with what replaces the call's tags.</summary>
/// <param name="Message">The message.</param>
/// <param name="Values">One for each of <see cref="SharedContent.Tags"/>, parts of the message's own texts; none where it is alone in its call.</param>
internal readonly record struct SharedMessage(OutgoingMessage Message, IReadOnlyList<ReadOnlyMemory<char>> Values);

/// <summary>One call's content: lines that all its messages share stand in it, the others as tags that each message replaces.</summary>
/// <param name="Html">HTML with tags.</param>
/// <param name="Text">Plain text with tags.</param>
/// <param name="Tags">The tags, those of the HTML first.</param>
/// <param name="Messages">The messages with what replaces the tags.</param>
internal sealed record SharedContent(string? Html, string Text, IReadOnlyList<string> Tags, IReadOnlyList<SharedMessage> Messages)
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
        var html = Differing(messages, m => m.Html ?? "");
        var text = Differing(messages, m => m.Text);
        List<string> tags = [.. TagsOf('h', html), .. TagsOf('t', text)];
        var shared = new List<SharedMessage>(messages.Count);
        foreach (var message in messages)
        {
            var values = new List<ReadOnlyMemory<char>>(tags.Count);
            Add(values, message.Html ?? "", html);
            Add(values, message.Text, text);
            if (messages.Count > 1 && (Bytes(tags, values) > MaxSubstitutionBytes || Has(message.Html) || Has(message.Text)))
            {
                yield return new SharedContent(message.Html, message.Text, [], [new SharedMessage(message, [])]);
            }
            else
            {
                shared.Add(new SharedMessage(message, values));
            }
        }

        if (shared.Count > 0)
        {
            yield return new SharedContent(messages[0].Html is { } first ? Template('h', first, html) : null, Template('t', messages[0].Text, text), tags, shared);
        }
    }

    /// <summary>Line by line: whether it is not the same in all messages. Nothing is copied: a batch has megabytes of text.</summary>
    private static bool[] Differing(List<OutgoingMessage> messages, Func<OutgoingMessage, string> textOf)
    {
        var first = textOf(messages[0]);
        var differing = new bool[first.AsSpan().Count('\n') + 1];
        foreach (var message in messages)
        {
            var text = textOf(message).AsSpan();
            var line = 0;
            var model = first.AsSpan().Split('\n');
            foreach (var range in text.Split('\n'))
            {
                model.MoveNext();
                differing[line++] |= !text[range].SequenceEqual(first.AsSpan()[model.Current]);
            }
        }

        return differing;
    }

    private static IEnumerable<string> TagsOf(char part, bool[] differing) => Enumerable.Range(0, differing.Length).Where(l => differing[l]).Select(l => Tag(part, l));

    /// <summary>Adds the lines of a text that differ between the messages.</summary>
    private static void Add(List<ReadOnlyMemory<char>> values, string text, bool[] differing)
    {
        var line = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            if (differing[line++])
            {
                values.Add(text.AsMemory()[range]);
            }
        }
    }

    /// <summary>A text with tags in place of the lines that differ.</summary>
    private static string Template(char part, string text, bool[] differing) =>
        string.Join('\n', text.Split('\n').Select((line, i) => differing[i] ? Tag(part, i) : line));

    private static int Bytes(List<string> tags, List<ReadOnlyMemory<char>> values)
    {
        var bytes = 0;
        for (var i = 0; i < values.Count; i++)
        {
            bytes += tags[i].Length + Encoding.UTF8.GetByteCount(values[i].Span);
        }

        return bytes;
    }

    private static string Tag(char part, int line) => string.Create(CultureInfo.InvariantCulture, $"{TagStart}{part}{line}-");

    private static bool Has(string? text) => text?.Contains(TagStart, StringComparison.Ordinal) == true;

    private static int Lines(string? text) => text?.AsSpan().Count('\n') ?? -1;
}
