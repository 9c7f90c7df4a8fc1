using System.Text.Json;

namespace Campaigns.EndToEnd.Tests;

/// <summary><c>./campaigns simulate</c> as a program, on few small markets. The goals are for the sizes that the command plays by itself.</summary>
[Collection(Processes.Name)]
public sealed class SimulateTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Campaigns.Cli.dll");

    [Fact]
    public async Task Few_markets_are_played_reported_and_drawn_and_the_store_decides_as_the_pure_core()
    {
        using var folder = new TempFolder();
        var report = folder.Combine("report.json");
        await using var ran = ChildProcess.Start("dotnet", [Program, "simulate", "--customers", "5000", "--rounds", "8", "--seeds", "6", "--json", report], folder.Path);
        Assert.True(await ran.WaitForExitAsync(Limit) == 0, ran.Output);
        using var json = JsonDocument.Parse(await System.IO.File.ReadAllTextAsync(report, TestContext.Current.CancellationToken));
        var stored = json.RootElement.GetProperty("stored");
        Assert.Equal((3, 12_000, 0), (stored.GetProperty("markets").GetInt32(), stored.GetProperty("decisions").GetInt32(), stored.GetProperty("different").GetInt32()));
        var trial = Assert.Single(json.RootElement.GetProperty("trials").EnumerateArray());
        var regret = trial.GetProperty("regretShare").EnumerateArray().Select(r => r.GetDouble()).ToArray();
        Assert.Equal(8, regret.Length);
        // It learns: what is lost against the best falls from round to round, and is well below that of equal shares in the end.
        Assert.True(regret[7] < regret[1] && regret[7] < 0.7, string.Join(", ", regret));
        Assert.StartsWith("<svg", await System.IO.File.ReadAllTextAsync(folder.Combine("report.svg"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_option_out_of_bounds_is_refused_with_what_to_choose()
    {
        using var folder = new TempFolder();
        await using var ran = ChildProcess.Start("dotnet", [Program, "simulate", "--rounds", "0"], folder.Path);
        Assert.Equal(2, await ran.WaitForExitAsync(Limit));
        Assert.Contains("--rounds is 0; choose 1 to", ran.Output, StringComparison.Ordinal);
    }
}
