using System.Text.RegularExpressions;

namespace Campaigns.Repository.Tests.Tidy;

public partial class NameTests
{
    /// <summary>Suffixes that say nothing of what a thing is.</summary>
    private static readonly string[] Empty = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Service", "Processor", "Data", "Info"];

    [Fact]
    public void No_type_is_called_by_a_word_that_says_nothing() =>
        Assert.Empty(SourceTree.CSharp.SelectMany(f => SourceTree.DeclaredTypes(f).Where(SaysNothing).Select(name => $"{f.Path}: {name}")));

    [Fact]
    public void Every_test_is_a_sentence()
    {
        var tests = SourceTree.CSharp.Where(f => f.Path.StartsWith("tests/", StringComparison.Ordinal))
            .SelectMany(f => TestMethod().Matches(SourceTree.WithoutCommentsAndStrings(f.Text)).Select(m => (f.Path, Name: m.Groups["name"].Value)))
            .ToList();

        Assert.NotEmpty(tests);
        Assert.Empty(tests.Where(t => !Sentence().IsMatch(t.Name)).Select(t => $"{t.Path}: {t.Name}"));
    }

    private static bool SaysNothing(string name) => Empty.Any(word => name.EndsWith(word, StringComparison.Ordinal));

    [GeneratedRegex(@"\[(?:Fact|Theory)[^\]]*\](?:\s*\[[^\]]*\])*\s*(?:\w+\s+)*?(?:void|Task|ValueTask)\s+(?<name>\w+)\s*\(")]
    private static partial Regex TestMethod();

    // A capital, and at least three words.
    [GeneratedRegex(@"^[A-Z][A-Za-z0-9]*(_[A-Za-z0-9]+){2,}$")]
    private static partial Regex Sentence();
}
