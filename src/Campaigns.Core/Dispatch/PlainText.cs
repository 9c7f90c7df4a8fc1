using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Campaigns.Core.Dispatch;

/// <summary>The plain-text part of an e-mail, made from its HTML: what a reader without HTML sees, links written out.</summary>
public static partial class PlainText
{
    [GeneratedRegex(@"<(style|script|head|title)\b[^>]*>[\s\S]*?</\1\s*>|<!--[\s\S]*?-->", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Invisible();

    [GeneratedRegex(@"<a\b[^>]*?\bhref\s*=\s*(?:""([^""]*)""|'([^']*)')[^>]*>([\s\S]*?)</a\s*>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Anchor();

    [GeneratedRegex(@"<(?:br|/?(?:p|div|h[1-6]|ul|ol|tr|table|blockquote|hr))\b[^>]*>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Break();

    [GeneratedRegex(@"<li\b[^>]*>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Item();

    [GeneratedRegex(@"<[^>]*>", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Tag();

    [GeneratedRegex(@"[ \t\u00A0]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Blanks();

    /// <summary>The text of the HTML: lines trimmed, at most one empty line in a row.</summary>
    public static string Of(string html)
    {
        var text = Invisible().Replace(html, "").Replace('\r', ' ').Replace('\n', ' ');
        text = Anchor().Replace(text, match => Link(match.Groups[1].Value + match.Groups[2].Value, match.Groups[3].Value));
        text = Item().Replace(Break().Replace(text, "\n"), "\n- ");
        text = Blanks().Replace(WebUtility.HtmlDecode(Tag().Replace(text, "")), " ");

        var result = new StringBuilder();
        var empty = true;
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.Length > 0 || !empty)
            {
                result.Append(line).Append('\n');
            }

            empty = line.Length == 0;
        }

        return result.ToString().Trim();
    }

    private static string Link(string address, string text)
    {
        var label = Tag().Replace(text, "").Trim();
        return label.Length == 0 || label == address ? address : $"{label} ({address})";
    }
}
