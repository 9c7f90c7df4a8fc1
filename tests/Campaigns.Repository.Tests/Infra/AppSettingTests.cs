using System.Text.Json;
using System.Text.RegularExpressions;
using Campaigns.Repository.Tests.Tidy;

namespace Campaigns.Repository.Tests.Infra;

/// <summary>What the code reads, infra/ sets; what infra/ sets, docs/deploying.md explains.</summary>
public partial class AppSettingTests
{
    /// <summary>Settings that are only for running by hand, or that the host itself gives.</summary>
    private static readonly Dictionary<string, string> NotOnAzure = new(StringComparer.Ordinal)
    {
        ["port"] = "the port by hand; under the host FUNCTIONS_CUSTOMHANDLER_PORT decides",
        ["LocalTimers"] = "by hand the demo moves the clock itself; under the host the local triggers do not run",
        ["Campaigns__DataFile"] = "the embedded storage's file; on Azure the storage account is named instead",
        ["Campaigns__Seed"] = "makes a new store of the demo repeatable; who is held out must be unpredictable in a real one",
        ["CampaignsStorage"] = "a connection string, for the emulator; on Azure the account is reached by identity",
        ["FUNCTIONS_CUSTOMHANDLER_PORT"] = "given by the Functions host",
    };

    /// <summary>Projects that never run under the Functions host.</summary>
    private static readonly string[] ByHandOnly = ["src/Campaigns.Cli/", "src/Campaigns.Simulation/"];

    private static IEnumerable<SourceFile> Sources => SourceTree.CSharp.Where(f =>
        (f.Path.StartsWith("src/", StringComparison.Ordinal) || f.Path.StartsWith("functions/", StringComparison.Ordinal))
        && !ByHandOnly.Any(p => f.Path.StartsWith(p, StringComparison.Ordinal)));

    [Fact]
    public async Task Every_app_setting_that_the_code_reads_is_set_in_infra()
    {
        var infra = (await BicepFile.ReadAsync(InfraTests.Main)).AppSettings;

        Assert.Empty(Read().Except(infra.Keys).Except(NotOnAzure.Keys));
    }

    [Fact]
    public async Task Every_setting_of_ours_in_infra_is_read_by_the_code()
    {
        var infra = (await BicepFile.ReadAsync(InfraTests.Main)).AppSettings;
        string[] ofTheHost = ["AzureWebJobsStorage__", "CampaignsStorage__", "APPLICATIONINSIGHTS_", "AZURE_CLIENT_ID"];

        Assert.Empty(infra.Keys.Where(k => !ofTheHost.Any(p => k.StartsWith(p, StringComparison.Ordinal))).Except(Read()));
    }

    [Fact]
    public async Task Every_app_setting_is_explained_in_deploying()
    {
        var infra = (await BicepFile.ReadAsync(InfraTests.Main)).AppSettings;
        var page = await File.ReadAllTextAsync(RepositoryRoot.Combine("docs/deploying.md"));

        Assert.DoesNotContain(infra.Keys, k => !page.Contains($"`{k}`", StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_are_found_in_every_form_in_which_the_code_reads_them()
    {
        static string[] Of(string code) => [.. Read([new SourceFile("functions/A.cs", code)])];

        Assert.Equal(["A__B"], Of("var b = configuration[\"A:B\"];"));
        Assert.Equal(["LocalTimers"], Of("builder.Configuration.GetValue<bool>(\"LocalTimers\", true)"));
        Assert.Equal(["HOME"], Of("Environment.GetEnvironmentVariable(\"HOME\")"));
        Assert.Equal(["Mail__ApiKey", "Mail__Host"], Of("""
            public sealed class MailOptions
            {
                public const string Section = "Mail";
                public string ApiKey { get; set; } = "";
                public Uri? Host { get; init; }
                public bool Ready => true;
            }
            """));
        Assert.Equal(["Sms", "Sms__T__Host"], Of("""
            Choice(configuration, "Sms", "t"); Bound(configuration, "Sms:T", new TOptions());
            public sealed record TOptions { public string Host { get; set; } = ""; }
            """));
        Assert.Equal(["S__account"], Of("const string Store = \"S\"; var a = configuration[HostSettings.Store + \":account\"];"));
    }

    /// <summary>The settings that the code and the functions' declarations read, by the names that they have on Azure.</summary>
    private static IEnumerable<string> Read() => Read([.. Sources]).Concat(Declared());

    private static SortedSet<string> Read(IReadOnlyList<SourceFile> files)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            found.UnionWith(Literal().Matches(file.Text).Select(m => m.Groups["name"].Value));
            found.UnionWith(Constant().Matches(file.Text).Select(m => ValueOf(m.Groups["constant"].Value, files) + m.Groups["more"].Value));
            found.UnionWith(Schedule().Matches(file.Text).Select(m => m.Groups["name"].Value));
            found.UnionWith(Passed().Matches(file.Text).Where(m => !m.Groups["options"].Success).Select(m => m.Groups["name"].Value));
            foreach (Match bound in Passed().Matches(file.Text).Where(m => m.Groups["options"].Success))
            {
                found.UnionWith(Property().Matches(ClassOf(bound.Groups["options"].Value, files)).Select(p => bound.Groups["name"].Value + ":" + p.Groups["name"].Value));
            }

            foreach (Match options in OptionsClass().Matches(file.Text))
            {
                found.UnionWith(Property().Matches(options.Value).Select(p => options.Groups["section"].Value + ":" + p.Groups["name"].Value));
            }
        }

        return [.. found.Select(name => name.Replace(":", "__", StringComparison.Ordinal))];
    }

    private static string ClassOf(string options, IReadOnlyList<SourceFile> files) =>
        files.FirstOrDefault(f => SourceTree.DeclaredTypes(f).Contains(options))?.Text
        ?? throw new InvalidOperationException($"Settings are bound to {options}, which is no class of the sources.");

    private static string ValueOf(string constant, IReadOnlyList<SourceFile> files) =>
        files.Select(f => Regex.Match(f.Text, $"const string {constant} = \"(?<value>[^\"]+)\"")).FirstOrDefault(m => m.Success)?.Groups["value"].Value
        ?? throw new InvalidOperationException($"The code reads a setting through {constant}, which is no constant of the sources: the test cannot tell its name.");

    /// <summary>Schedules (%Name%) and connections that function.json files name.</summary>
    private static IEnumerable<string> Declared()
    {
        foreach (var file in SourceTree.All.Where(f => f.Name == "function.json"))
        {
            using var json = JsonDocument.Parse(file.Text);
            foreach (var binding in json.RootElement.GetProperty("bindings").EnumerateArray())
            {
                if (binding.TryGetProperty("schedule", out var schedule) && schedule.GetString()!.StartsWith('%'))
                {
                    yield return schedule.GetString()!.Trim('%');
                }

                if (binding.TryGetProperty("connection", out var connection))
                {
                    yield return connection.GetString() + "__accountName";
                }
            }
        }
    }

    [GeneratedRegex(@"(?:[cC]onfiguration\[|GetValue(?:<[^>]+>)?\(|GetEnvironmentVariable\(|configuration\.GetConnectionString\()""(?<name>\w[\w:]*)""")]
    private static partial Regex Literal();

    [GeneratedRegex(@"[cC]onfiguration\[(?:\w+\.)*(?<constant>[A-Z]\w*)(?: \+ ""(?<more>[\w:]+)"")?\]")]
    private static partial Regex Constant();

    // Read(configuration, "A:B", …) reads a setting; Bind(configuration, "A", new AOptions()) reads a section.
    [GeneratedRegex(@"\w\([cC]onfiguration, ""(?<name>\w[\w:]*)""(?:, new (?<options>\w+Options)\(\))?")]
    private static partial Regex Passed();

    [GeneratedRegex(@"\[""(?<name>\w+Schedule)""\]")]
    private static partial Regex Schedule();

    // A class with a Section constant, up to the closing brace in its column.
    [GeneratedRegex(@"\b(?:class|record) \w+Options\b[^\n]*\n\s*\{(?:(?!\n\s*(?:public|internal) (?:sealed |static )*(?:class|record) )[\s\S])*?const string Section = ""(?<section>\w+)""(?:(?!\n(?:public|internal) )[\s\S])*")]
    private static partial Regex OptionsClass();

    [GeneratedRegex(@"public (?:required )?[\w<>?,\[\] ]+ (?<name>[A-Z]\w*) \{ get; (?:set|init); \}")]
    private static partial Regex Property();
}
