using System.Text.RegularExpressions;

namespace Campaigns.Repository.Tests.Tidy;

/// <summary>A file of the repository. <paramref name="Path"/> is relative to the root, with forward slashes.</summary>
public sealed record SourceFile(string Path, string Text)
{
    public string Name => System.IO.Path.GetFileName(Path);

    public string Folder => System.IO.Path.GetDirectoryName(Path)!.Replace('\\', '/');

    public IReadOnlyList<string> Lines => Text.Split('\n');

    /// <summary>The text without comments, and with empty strings: what the compiler acts upon.</summary>
    public string Code => SourceTree.WithoutCommentsAndStrings(Text);
}

/// <summary>The repository's own files, read once: everything but build output, installed packages and local data.</summary>
public static partial class SourceTree
{
    private static readonly HashSet<string> Skipped = new(StringComparer.Ordinal)
    {
        ".git", "bin", "obj", "node_modules", ".campaigns", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", "coverage", ".vs", ".vscode", ".idea",
    };

    private static readonly HashSet<string> TextEndings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".cs", ".razor", ".js", ".mjs", ".css", ".html", ".md", ".json", ".yml", ".yaml", ".xml", ".props", ".targets", ".csproj", ".sln", ".bicep", ".bicepparam", ".txt", ".csv", ".sh", ".editorconfig", ".npmrc", ".gitignore", ".gitattributes", "",
    };

    private static readonly Lazy<IReadOnlyList<SourceFile>> Files = new(() => [.. Read(new DirectoryInfo(RepositoryRoot.Path)).OrderBy(f => f.Path, StringComparer.Ordinal)]);

    public static IReadOnlyList<SourceFile> All => Files.Value;

    public static IEnumerable<SourceFile> CSharp => All.Where(f => f.Path.EndsWith(".cs", StringComparison.Ordinal));

    public static IEnumerable<SourceFile> Core => CSharp.Where(f => f.Path.StartsWith("src/Campaigns.Core/", StringComparison.Ordinal));

    /// <summary>Copies of others' work, kept as they came: vendored browser assets.</summary>
    public static bool IsVendored(SourceFile file) => file.Path.Contains("/wwwroot/vendor/", StringComparison.Ordinal) || file.Path.Contains("/wwwroot/lib/", StringComparison.Ordinal) || file.Name.Contains(".min.", StringComparison.Ordinal);

    /// <summary>Names of the types that a file declares.</summary>
    public static IEnumerable<string> DeclaredTypes(SourceFile file) => Declaration().Matches(file.Code).Select(m => m.Groups["name"].Value);

    public static string WithoutCommentsAndStrings(string text) =>
        CommentOrString().Replace(text, m => m.Value[0] == '/' ? "" : m.Value[0] == '\'' ? "' '" : "\"\"");

    private static IEnumerable<SourceFile> Read(DirectoryInfo folder)
    {
        foreach (var file in folder.EnumerateFiles().Where(f => f.LinkTarget is null && TextEndings.Contains(f.Extension)))
        {
            yield return new SourceFile(Path.GetRelativePath(RepositoryRoot.Path, file.FullName).Replace('\\', '/'), File.ReadAllText(file.FullName));
        }

        foreach (var file in folder.EnumerateDirectories().Where(d => d.LinkTarget is null && !Skipped.Contains(d.Name)).SelectMany(Read))
        {
            yield return file;
        }
    }

    // Raw strings first, then ordinary and verbatim ones, characters, and the two kinds of comments.
    [GeneratedRegex("""
        "{3,}[\s\S]*?"{3,}|[@$]*@[@$]*"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|'(?:\\.[^']*|[^'\\\n])'|//[^\n]*|/\*[\s\S]*?\*/
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentOrString();

    [GeneratedRegex(@"\b(?:class|struct|record|interface|enum)\s+(?!class\b|struct\b)(?<name>[A-Z]\w*)")]
    private static partial Regex Declaration();
}
