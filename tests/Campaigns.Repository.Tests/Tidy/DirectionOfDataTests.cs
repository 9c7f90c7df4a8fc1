using System.Text.RegularExpressions;

namespace Campaigns.Repository.Tests.Tidy;

/// <summary>Data flows one way: a folder of Core uses folders to its left only.</summary>
public partial class DirectionOfDataTests
{
    private static readonly string[] LeftToRight =
        ["Primitives", "Storage", "Jobs", "Ingest", "Profiles", "Segments", "Offers", "Planning", "Dispatch", "Tracking", "Measurement", "Privacy"];

    [Fact]
    public void A_folder_of_Core_uses_only_folders_to_its_left()
    {
        var wrong = SourceTree.Core.SelectMany(file => Uses(file)
            .Where(used => Array.IndexOf(LeftToRight, used) > Array.IndexOf(LeftToRight, FolderOf(file)))
            .Select(used => $"{file.Path} uses {used}, which stands to its right"));

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_file_of_Core_lies_in_a_known_folder_and_has_its_namespace()
    {
        var wrong = SourceTree.Core
            .Where(f => !LeftToRight.Contains(FolderOf(f)) || Namespace().Match(f.Code).Groups["name"].Value.Split('.') is not ["Campaigns", "Core", var part, ..] || part != FolderOf(f))
            .Select(f => f.Path);

        Assert.Empty(wrong);
    }

    [Fact]
    public void Uses_are_found_in_every_form_in_which_they_can_be_written()
    {
        static string[] Of(string code) => [.. Uses(new SourceFile("src/Campaigns.Core/Storage/A.cs", code)).Order(StringComparer.Ordinal)];

        Assert.Equal(["Jobs"], Of("using Campaigns.Core.Jobs;"));
        Assert.Equal(["Offers"], Of("using static Campaigns.Core.Offers.MarginPolicy;"));
        Assert.Equal(["Planning"], Of("using C = Campaigns.Core.Planning.Campaign;"));
        Assert.Equal(["Segments"], Of("var row = new global::Campaigns.Core.Segments.MembershipRow();"));
        Assert.Equal(["Planning"], Of("void A(Core.Planning.Campaign campaign) { }"));
        Assert.Equal(["Planning"], Of("void A(Planning.Campaign campaign) { }"));
        Assert.Empty(Of("// Campaigns.Core.Jobs\nvar a = \"Campaigns.Core.Jobs\";"));
        Assert.Empty(Of("var count = segments.Planning.Count;"));
    }

    private static string FolderOf(SourceFile file) => file.Path.Split('/') is [_, _, var folder, _, ..] ? folder : "";

    private static IEnumerable<string> Uses(SourceFile file) =>
        Use().Matches(file.Code).Select(m => m.Groups["folder"].Value)
            .Concat(Relative().Matches(file.Code).Where(m => Types(m.Groups["folder"].Value).Contains(m.Groups["type"].Value)).Select(m => m.Groups["folder"].Value))
            .Distinct(StringComparer.Ordinal)
            .Where(LeftToRight.Contains);

    /// <summary>The types of a folder, so that <c>Planning.Campaign</c> is told from a property that is called Planning.</summary>
    private static HashSet<string> Types(string folder) =>
        [.. SourceTree.Core.Where(f => FolderOf(f) == folder).SelectMany(SourceTree.DeclaredTypes)];

    [GeneratedRegex(@"\bCore\.(?<folder>[A-Z]\w+)")]
    private static partial Regex Use();

    [GeneratedRegex(@"(?<![.\w])(?<folder>Primitives|Storage|Jobs|Ingest|Profiles|Segments|Offers|Planning|Dispatch|Tracking|Measurement)\.(?<type>[A-Z]\w*)")]
    private static partial Regex Relative();

    [GeneratedRegex(@"\bnamespace\s+(?<name>[\w.]+)")]
    private static partial Regex Namespace();
}
