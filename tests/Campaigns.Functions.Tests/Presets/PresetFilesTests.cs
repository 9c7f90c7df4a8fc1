using System.Text;
using System.Text.RegularExpressions;
using Campaigns.Core.Segments.Rules;
using Campaigns.Functions.Presets;

namespace Campaigns.Functions.Tests.Presets;

/// <summary>What stands in the presets' files.</summary>
public sealed partial class PresetFilesTests
{
    private static readonly PresetLibrary Library = new(Path.Combine(AppContext.BaseDirectory, PresetLibrary.Folder));

    public static TheoryData<string> Names => [.. Library.All.Select(p => p.Name)];

    [Fact]
    public void Every_preset_of_the_repository_ships_with_the_app_and_has_a_sample()
    {
        var schemes = Directory.EnumerateFiles(RepositoryRoot.Combine("samples/presets"), "*.json").Select(f => Path.GetFileName(f)!).Where(f => !f.EndsWith(".sample.json", StringComparison.Ordinal));

        Assert.Equal(schemes.Order(StringComparer.Ordinal), Library.All.Select(p => p.Name + ".json"));
        Assert.True(Library.All.Count >= 13);
    }

    [Fact]
    public void The_retail_preset_is_the_scheme_that_stands_where_nothing_was_chosen() =>
        Assert.Equal(RetailScheme.Scheme, Library.Find("retail")!.Scheme);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_preset_is_called_as_its_file_and_says_in_words_what_it_is(string name)
    {
        var preset = Library.Find(name)!;

        Assert.Equal(name, preset.Scheme.Id);
        Assert.All([preset.Scheme.Description, preset.About.For], text => Assert.InRange(text.Length, 40, 500));
        Assert.All(preset.Scheme.Segments, s =>
        {
            Assert.InRange(s.Description.Length, 15, 300);
            Assert.NotEmpty(s.Because);
        });
        Assert.NotEmpty(preset.Scheme.Parameters);
        Assert.All(preset.Scheme.Parameters, p => Assert.InRange(p.Meaning.Length, 15, 300));
        Assert.All(preset.Scheme.Parameters, p => Assert.True(p.Least > double.MinValue, $"{p.Name}: what is the least value that makes sense?"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_parameter_decides_something(string name)
    {
        var preset = Library.Find(name)!;
        var text = Encoding.UTF8.GetString(preset.Json.Span);

        Assert.All(preset.Scheme.Parameters, p => Assert.Matches($"\"parameter\":\\s*\"{p.Name}\"", text));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_attribute_and_event_that_rules_ask_for_is_declared_and_is_in_the_sample(string name)
    {
        var preset = Library.Find(name)!;
        var (text, needs, groups) = (Encoding.UTF8.GetString(preset.Json.Span), preset.About.Needs, preset.About.Groups);

        var attributes = Attribute().Matches(text).Select(m => m.Groups["name"].Value).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(attributes, preset.Scheme.Attributes.Select(a => a.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            preset.Scheme.Attributes.Select(a => (a.Name, a.Type.ToString())).Order(),
            needs.Customers.Where(c => c.Column != "country").Select(c => (c.Column, c.Holds!.Replace("_", "", StringComparison.Ordinal))).Order(),
            (a, b) => a.Item1 == b.Item1 && string.Equals(a.Item2, b.Item2, StringComparison.OrdinalIgnoreCase));
        Assert.All(preset.Scheme.Attributes, a => Assert.Contains(groups, g => g.Attributes.ContainsKey(a.Name)));
        Assert.All(groups.SelectMany(g => g.Attributes.Keys), a => Assert.Contains(preset.Scheme.Attributes, t => t.Name == a));

        var events = Event().Matches(text).Select(m => m.Groups["name"].Value).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(events, needs.Events.Select(e => e.Event).Order(StringComparer.Ordinal));
        Assert.Equal(events, groups.SelectMany(g => g.Events.Select(e => e.Event)).Distinct().Order(StringComparer.Ordinal));
        Assert.True(needs.Orders.Length > 0 || groups.All(g => g.Orders.Length == 0), "Orders are in the sample, and are not declared.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_documentation_names_every_preset_with_its_columns_and_events(string name)
    {
        var row = File.ReadLines(RepositoryRoot.Combine("docs/presets.md")).Single(l => l.StartsWith($"| [`{name}`]", StringComparison.Ordinal));

        Assert.All(
            Library.Find(name)!.About.Needs switch { var needs => needs.Customers.Select(c => c.Column).Concat(needs.Events.Select(e => e.Event)) },
            word => Assert.Contains($"`{word}`", row, StringComparison.Ordinal));
        Assert.All(Library.Find(name)!.Scheme.Segments, s => Assert.Contains(s.Name, row, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_preset_with_a_fault_is_refused_with_its_file_and_the_fault()
    {
        using var folder = new Scratch();
        File.WriteAllText(folder.Combine("odd.json"), """{ "id": "odd", "name": "Odd", "segments": [ { "id": "a", "name": "A", "rule": { "field": "ordrs", "at_least": 1 } } ] }""");
        File.WriteAllText(folder.Combine("odd.sample.json"), "{}");

        var refused = Assert.Throws<InvalidDataException>(() => new PresetLibrary(folder.Path).All);

        Assert.Contains("odd.json", refused.Message, StringComparison.Ordinal);
        Assert.Contains("$.segments[0].rule", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sample_with_an_unknown_word_is_refused_with_its_file()
    {
        using var folder = new Scratch();
        File.Copy(RepositoryRoot.Combine("samples/presets/retail.json"), folder.Combine("retail.json"));
        File.WriteAllText(folder.Combine("retail.sample.json"), File.ReadAllText(RepositoryRoot.Combine("samples/presets/retail.sample.json")).Replace("\"last\"", "\"lost\"", StringComparison.Ordinal));

        Assert.Contains("retail.sample.json", Assert.Throws<InvalidDataException>(() => new PresetLibrary(folder.Path).All).Message, StringComparison.Ordinal);
    }

    private sealed class Scratch : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("campaigns-presets-").FullName;

        public string Combine(string file) => System.IO.Path.Combine(Path, file);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }

    [GeneratedRegex(@"\battribute\.(?<name>[a-z_]+)")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"\bevent\.(?<name>[a-z_]+)\.")]
    private static partial Regex Event();
}
