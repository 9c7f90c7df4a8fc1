using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Campaigns.EndToEnd.Tests;

/// <summary><c>./campaigns replay</c> as a program: margin and costs, rules, gzip, refusals.</summary>
[Collection(Processes.Name)]
public sealed class ReplayTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Campaigns.Cli.dll");

    [Fact]
    public async Task Margin_and_costs_come_off_the_reward_and_rules_choose_by_context()
    {
        using var folder = new TempFolder();
        await WriteAsync(folder.Combine("log.csv.gz"), 4_000);
        await System.IO.File.WriteAllTextAsync(
            folder.Combine("rules.json"),
            """{ "rules": [ { "when": { "city": "oslo" }, "treatment": "perk" } ], "otherwise": "none" }""",
            TestContext.Current.CancellationToken);
        var report = await ReplayAsync(
            folder, "log.csv.gz", "--reward", "spend", "--margin", "0.5", "--cost", "perk=1", "--policy-file", folder.Combine("rules.json"));
        Assert.Equal((4_000, "ok"), (report.GetProperty("rows").GetInt32(), report.GetProperty("verdict").GetString()));
        // In Oslo the perk brings 10, elsewhere 2, nothing always 4: half of that counts, less 1 for the perk.
        Assert.Equal(2, report.GetProperty("arms").GetProperty("none").GetProperty("mean").GetDouble(), 9);
        Assert.Equal(2, report.GetProperty("arms").GetProperty("perk").GetProperty("mean").GetDouble(), 1);
        Assert.InRange(report.GetProperty("value").GetProperty("dr").GetProperty("estimate").GetDouble(), 2.9, 3.1);
        Assert.True(report.GetProperty("comparison").GetProperty("nobody").GetProperty("credible").GetBoolean());
        Assert.Equal("policy", report.GetProperty("recommended").GetString());
    }

    [Fact]
    public async Task A_thin_log_is_refused_with_the_reason_and_a_bad_row_with_its_line()
    {
        using var folder = new TempFolder();
        await WriteAsync(folder.Combine("thin.csv.gz"), 150);
        var report = await ReplayAsync(folder, "thin.csv.gz", "--reward", "spend", "--policy", "everyone=perk");
        Assert.Equal("refused", report.GetProperty("verdict").GetString());
        Assert.Contains("100", report.GetProperty("reason").GetString(), StringComparison.Ordinal);

        await System.IO.File.WriteAllTextAsync(folder.Combine("bad.csv"), "treatment,propensity,reward\nnone,0.5,1\nperk,1.5,2\n", TestContext.Current.CancellationToken);
        await using var bad = ChildProcess.Start("dotnet", [Program, "replay", "bad.csv", "--policy", "everyone=perk"], folder.Path);
        Assert.Equal(2, await bad.WaitForExitAsync(Limit));
        Assert.Contains("3", bad.Output, StringComparison.Ordinal);
        Assert.Contains("propensity", bad.Output, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task WriteAsync(string path, int rows)
    {
        var text = new StringBuilder("treatment,propensity,spend,city\n");
        for (var i = 0; i < rows; i++)
        {
            var (perk, oslo) = (i % 2 == 0, i / 2 % 2 == 0);
            text.Append(CultureInfo.InvariantCulture, $"{(perk ? "perk" : "none")},0.5,{(perk ? oslo ? 10 : 2 : 4)},{(oslo ? "oslo" : "bergen")}\n");
        }

        await using var file = new GZipStream(System.IO.File.Create(path), CompressionLevel.Fastest);
        await file.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), TestContext.Current.CancellationToken);
    }

    private static async Task<JsonElement> ReplayAsync(TempFolder folder, string file, params string[] options)
    {
        var json = folder.Combine("report.json");
        await using var replay = ChildProcess.Start("dotnet", [Program, "replay", folder.Combine(file), "--json", json, .. options], folder.Path);
        Assert.True(await replay.WaitForExitAsync(Limit) == 0, replay.Output);
        return JsonSerializer.Deserialize<JsonElement>(await System.IO.File.ReadAllTextAsync(json, TestContext.Current.CancellationToken));
    }
}
