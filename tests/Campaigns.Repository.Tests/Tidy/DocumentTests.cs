using System.Text.RegularExpressions;

namespace Campaigns.Repository.Tests.Tidy;

public partial class DocumentTests
{
    private static readonly string[] Required =
        [
            "LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/delivery.md", "docs/deploying.md", "docs/measures.md", "docs/planning.md",
            "docs/segments.md", "docs/simulation.md", "docs/decisions/0001-custom-handler.md",
        ];

    private static IEnumerable<SourceFile> Markdown => SourceTree.All.Where(f => f.Path.EndsWith(".md", StringComparison.Ordinal));

    [Fact]
    public void The_documents_that_a_reader_looks_for_are_there() =>
        Assert.Empty(Required.Except(SourceTree.All.Select(f => f.Path)));

    [Fact]
    public void Every_link_in_a_document_leads_to_a_file_and_a_heading_that_are_there() =>
        Assert.Empty(Markdown.SelectMany(file => Links(file.Text).Select(link => Problem(file, link)).OfType<string>()));

    [Fact]
    public void Every_decision_has_a_context_a_decision_and_consequences()
    {
        var decisions = Markdown.Where(f => f.Folder == "docs/decisions").ToList();

        Assert.NotEmpty(decisions);
        Assert.All(decisions, f =>
        {
            Assert.Matches(@"^\d{4}-[a-z0-9-]+\.md$", f.Name);
            Assert.Equal(["Context", "Decision", "Consequences"], Heading().Matches(f.Text).Select(m => m.Groups["text"].Value).Where(h => !h.StartsWith(f.Name[..4], StringComparison.Ordinal)));
        });
    }

    private static string? Problem(SourceFile file, string link)
    {
        if (link.Contains("://", StringComparison.Ordinal) || link.StartsWith("mailto:", StringComparison.Ordinal))
        {
            return null;
        }

        var parts = link.Split('#', 2);
        var target = parts[0].Length == 0 ? RepositoryRoot.Combine(file.Path) : Path.GetFullPath(Path.Combine(RepositoryRoot.Combine(file.Path), "..", parts[0]));
        if (!File.Exists(target) && !Directory.Exists(target))
        {
            return $"{file.Path}: {link} leads nowhere";
        }

        return parts.Length == 1 || Headings(File.ReadAllText(target)).Contains(parts[1]) ? null : $"{file.Path}: {link}: no such heading";
    }

    private static IEnumerable<string> Links(string markdown) => Link().Matches(CodeBlock().Replace(markdown, "")).Select(m => m.Groups["target"].Value);

    /// <summary>Headings as the anchors that they get: small letters, blanks to hyphens, nothing else but letters and digits.</summary>
    private static IEnumerable<string> Headings(string markdown) =>
        Heading().Matches(CodeBlock().Replace(markdown, ""))
            .Select(m => string.Concat(m.Groups["text"].Value.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-'));

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.+?)\s*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"```[\s\S]*?```|`[^`\n]*`")]
    private static partial Regex CodeBlock();
}
