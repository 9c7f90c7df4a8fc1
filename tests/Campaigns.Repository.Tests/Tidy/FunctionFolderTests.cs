using System.Text.Json;
using System.Text.RegularExpressions;

namespace Campaigns.Repository.Tests.Tidy;

/// <summary>One folder per function: its <c>function.json</c> and the class of the same name. That none is missing, the tests of the app itself say.</summary>
public partial class FunctionFolderTests
{
    private static IEnumerable<SourceFile> Declarations => SourceTree.All.Where(f => f.Path.StartsWith("functions/", StringComparison.Ordinal) && f.Name == "function.json");

    [Fact]
    public void Every_class_that_is_a_function_stands_beside_its_declaration()
    {
        var wrong = SourceTree.CSharp
            .Where(f => f.Path.StartsWith("functions/", StringComparison.Ordinal))
            .SelectMany(f => FunctionClass().Matches(f.Code).Select(m => (File: f, Name: m.Groups["name"].Value)))
            .Where(c => !Declarations.Any(d => d.Folder == c.File.Folder && Path.GetFileName(d.Folder) == c.Name))
            .Select(c => $"{c.File.Path}: {c.Name} has no function.json");

        Assert.Empty(wrong);
    }

    [Fact]
    public void The_only_http_function_catches_every_path_and_sorts_last()
    {
        var names = Declarations.Select(f => Path.GetFileName(f.Folder)).Order(StringComparer.Ordinal).ToList();
        var http = Declarations.Where(f => Trigger(f) == "httpTrigger").Select(f => Path.GetFileName(f.Folder)).ToList();

        // The host matches routes in the order of the functions' names.
        Assert.Equal(names.TakeLast(http.Count), http);
        Assert.True(http.Count <= 1, string.Join(", ", http));
    }

    private static string Trigger(SourceFile file)
    {
        using var json = JsonDocument.Parse(file.Text);
        return json.RootElement.GetProperty("bindings").EnumerateArray().Select(b => b.GetProperty("type").GetString()!).Single(t => t.EndsWith("Trigger", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\bclass\s+(?<name>\w+)[^{]*?:[^{]*?\bI(?:Queue|Timer)Function\b")]
    private static partial Regex FunctionClass();
}
