namespace Campaigns.Repository.Tests.Tidy;

public class SizeTests
{
    /// <summary>What a reader can keep in mind at once.</summary>
    private const int FileLines = 300;

    /// <summary>One screen and a little: "about 50".</summary>
    private const int FunctionLines = 60;

    private static readonly string[] Endings = [".cs", ".razor", ".js", ".mjs", ".css"];

    private static IEnumerable<SourceFile> Written => SourceTree.All.Where(f => Endings.Any(e => f.Name.EndsWith(e, StringComparison.Ordinal)) && !SourceTree.IsVendored(f));

    [Fact]
    public void No_file_is_longer_than_300_lines()
    {
        Assert.Empty(Written.Where(f => Length(f) > FileLines).Select(f => $"{f.Path}: {Length(f)} lines"));
    }

    [Fact]
    public void No_function_is_longer_than_a_screen() =>
        Assert.Empty(Written.Where(f => f.Name.EndsWith(".cs", StringComparison.Ordinal)).SelectMany(LongFunctions));

    [Fact]
    public void The_length_of_a_function_is_counted_from_its_brace_to_the_matching_one()
    {
        static string Function(int lines) => "class A\n{\n    void F()\n    {\n" + string.Concat(Enumerable.Repeat("        G();\n", lines)) + "    }\n}\n";

        Assert.Empty(LongFunctions(new SourceFile("A.cs", Function(FunctionLines))));
        Assert.Equal("A.cs:3: 61 lines", Assert.Single(LongFunctions(new SourceFile("A.cs", Function(FunctionLines + 1)))));
    }

    private static int Length(SourceFile file) => file.Lines.Count - (file.Text.EndsWith('\n') ? 1 : 0);

    /// <summary>Blocks of members, found by indentation: `dotnet format` guarantees it. Nested types are entered, one level.</summary>
    private static IEnumerable<string> LongFunctions(SourceFile file)
    {
        var lines = file.Lines;
        foreach (var indent in (string[])["    ", "        "])
        {
            for (var start = 0; start < lines.Count; start++)
            {
                if (lines[start] != indent + "{")
                {
                    continue;
                }

                var end = start + 1;
                while (end < lines.Count && !lines[end].StartsWith(indent + "}", StringComparison.Ordinal))
                {
                    end++;
                }

                var length = end - start - 1;
                if (length > FunctionLines && !IsTypeBefore(lines, start))
                {
                    yield return $"{file.Path}:{start}: {length} lines";
                }
            }
        }
    }

    private static bool IsTypeBefore(IReadOnlyList<string> lines, int brace)
    {
        // The head of a member may span lines: look back to the end of whatever stands before it.
        for (var i = brace - 1; i >= 0 && lines[i].Trim() is { Length: > 0 } line && !line.EndsWith(';') && !line.EndsWith('}') && line != "{"; i--)
        {
            if (line.Split(' ').Intersect(["class", "record", "struct", "interface", "enum", "="]).Any())
            {
                return true;
            }
        }

        return false;
    }
}
