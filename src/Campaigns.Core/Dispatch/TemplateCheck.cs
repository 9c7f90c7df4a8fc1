using System.Text.RegularExpressions;
using Campaigns.Core.Planning;

namespace Campaigns.Core.Dispatch;

/// <summary>
/// What a template may say. Templates are written by people who are not programmers and run with customers' records: only
/// the fields below and three kinds of blocks are allowed, and whatever else stands in braces is refused when saving.
/// <code>
/// firstName  shopName  shopUrl  unsubscribeUrl  postalAddress
/// offer.name  offer.code  offer.discountPercent  offer.discountAmount  offer.leastOrder  offer.endsAt
/// personalPriceNotice
/// {{#each products}} name reason {{/each}}      {{#if field}} … {{else}} … {{/if}}      {{#unless field}} … {{/unless}}
/// </code>
/// </summary>
public static partial class TemplateCheck
{
    /// <summary>The most characters of a template: twice what Gmail shows before it cuts an e-mail (102 KB).</summary>
    public const int MaxTemplateLength = 200_000;

    /// <summary>The deepest nesting of blocks.</summary>
    public const int MaxDepth = 8;

    /// <summary>The fields that stand anywhere.</summary>
    public static IReadOnlyList<string> Fields { get; } =
        ["firstName", "shopName", "offer.name", "offer.code", "offer.discountPercent", "offer.discountAmount", "offer.leastOrder", "offer.endsAt", "personalPriceNotice", "products", "unsubscribeUrl", "postalAddress", "shopUrl"];

    /// <summary>The fields of a product, within {{#each products}}.</summary>
    public static IReadOnlyList<string> ProductFields { get; } = ["name", "reason"];

    [GeneratedRegex(@"\{\{\{?[\s\S]*?\}\}\}?", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Braces();

    [GeneratedRegex(@"^([#/]?)\s*(\S+)(?:\s+(\S+))?\s*$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Parts();

    /// <summary>What is wrong with a message's sources, in sentences; empty where nothing is.</summary>
    public static IReadOnlyList<string> Problems(MessageTemplate template) =>
    [
        .. template.Subject.AsSpan().Trim().IsEmpty ? ["Subject: write one; without it the e-mail looks like spam."] : Array.Empty<string>(),
        .. template.Subject.AsSpan().IndexOfAny('\r', '\n') >= 0 ? ["Subject: it must be a single line."] : Array.Empty<string>(),
        .. Braces().Replace(template.Subject, "").Length > MessageRenderer.MaxSubjectLength ? [$"Subject: the most are {MessageRenderer.MaxSubjectLength} characters."] : Array.Empty<string>(),
        .. Problems("Subject", template.Subject),
        .. Problems("HTML", template.Html),
        .. Problems("Plain text", template.Text ?? ""),
        .. Problems("SMS", template.Sms ?? ""),
        .. string.IsNullOrWhiteSpace(template.Html) && string.IsNullOrWhiteSpace(template.Sms) ? ["Write the e-mail, or the text message, or both."] : Array.Empty<string>(),
    ];

    /// <summary>What is wrong with one source.</summary>
    public static IReadOnlyList<string> Problems(string part, string source)
    {
        if (source.Length > MaxTemplateLength)
        {
            return [$"{part}: it has {source.Length:N0} characters; the most are {MaxTemplateLength:N0}."];
        }

        var problems = new List<string>();
        var open = new Stack<string>();
        foreach (Match match in Braces().Matches(source))
        {
            if (Problem(match.Value, open) is { } problem)
            {
                problems.Add($"{part}: {problem}");
            }
        }

        var rest = Braces().Replace(source, "");
        if (rest.Contains("{{", StringComparison.Ordinal))
        {
            problems.Add($"{part}: '{{{{' is never closed by '}}}}'.");
        }

        if (open.Count > 0)
        {
            problems.Add($"{part}: {{{{#{open.Peek()}}}}} is never closed by {{{{/{open.Peek()}}}}}.");
        }

        return problems;
    }

    private static string? Problem(string tag, Stack<string> open)
    {
        if (tag.StartsWith("{{{", StringComparison.Ordinal))
        {
            return $"{tag} would let a customer's name act as HTML; write it with two braces.";
        }

        var inner = tag[2..^2].Trim();
        var parts = Parts().Match(inner);
        var (kind, name, argument) = (parts.Groups[1].Value, parts.Groups[2].Value, parts.Groups[3].Value);
        return !parts.Success ? $"{tag} is not understood; allowed are fields and the blocks if, unless and each."
            : kind == "#" ? Open(tag, name, argument, open)
            : kind == "/" ? Close(tag, name, argument, open)
            : name == "else" && argument.Length == 0 ? (open.Count == 0 ? "{{else}} stands outside of a block." : null)
            : argument.Length > 0 ? $"{tag} is not understood; there is no function '{name}'."
            : IsField(name, open) && name != "products" ? null
            : Unknown(tag, name);
    }

    private static string? Open(string tag, string name, string argument, Stack<string> open)
    {
        if (open.Count >= MaxDepth)
        {
            return $"{tag} stands in {open.Count} other blocks; the most are {MaxDepth}.";
        }

        var (known, nested) = (IsField(argument, open), open.Contains("each"));
        open.Push(name);
        return name switch
        {
            "each" => nested ? $"{tag} stands within another each; products are repeated once."
                : argument == "products" ? null : $"{tag}: only {{{{#each products}}}} can be repeated.",
            "if" or "unless" => known ? null : Unknown(tag, argument),
            _ => $"{tag}: there is no block '{name}'; there are if, unless and each.",
        };
    }

    private static string? Close(string tag, string name, string argument, Stack<string> open) =>
        argument.Length > 0 || !open.TryPop(out var opened) ? $"{tag} closes nothing."
        : opened == name ? null : $"{tag} stands where {{{{#{opened}}}}} should be closed.";

    private static bool IsField(string name, Stack<string> open) =>
        open.Contains("each")
            ? ProductFields.Contains(name) || (name.StartsWith("this.", StringComparison.Ordinal) && ProductFields.Contains(name[5..])) || (name.StartsWith("../", StringComparison.Ordinal) && Fields.Contains(name[3..]))
            : Fields.Contains(name);

    private static string Unknown(string tag, string name) =>
        $"{tag}: there is no field '{name}'. There are {string.Join(", ", Fields)}; within each products: {string.Join(", ", ProductFields)}.";
}
