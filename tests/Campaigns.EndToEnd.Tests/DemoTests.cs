using System.Text.Json;
using System.Text.RegularExpressions;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Planning;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;
using Campaigns.Sqlite;

namespace Campaigns.EndToEnd.Tests;

/// <summary>The whole loop as the demo runs it: import, segments, campaigns, dispatch, touches, the orders that follow, results.</summary>
[Collection(Processes.Name)]
public sealed partial class DemoTests
{
    private static readonly Dictionary<string, string?> Plain = new(StringComparer.Ordinal);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Results_are_equal_for_1_16_and_256_buckets()
    {
        using var folder = new TempFolder();
        (DemoResult Demo, IReadOnlyList<string> Stored)? first = null;
        foreach (var buckets in new[] { 1, 16, 256 })
        {
            var file = folder.Combine($"demo-{buckets}.db");
            var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Campaigns__Buckets"] = $"{buckets}" };
            var demo = await DemoProcess.RunAsync(file, environment, "--customers", "400", "--seed", "3");
            var stored = await StoredAsync(file, buckets);
            if (first is not { } one)
            {
                first = (demo, stored);
                continue;
            }

            AssertEqual(one.Demo.Figures, demo.Figures);
            Assert.Equal(one.Stored, stored);
        }
    }

    [Fact]
    public async Task The_demo_gives_the_same_numbers_on_SQLite_and_on_Azurite()
    {
        await using var azurite = await AzuriteServer.StartAsync();
        using var folder = new TempFolder();
        var file = await DemoProcess.RunAsync(folder.Combine("demo.db"), Plain, "--customers", "400", "--seed", "3");
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["CAMPAIGNS_AZURITE_CONNECTION"] = azurite.ConnectionString };
        var azure = await DemoProcess.RunAsync(folder.Combine("unused.db"), environment, "--customers", "400", "--seed", "3", "--storage", "azurite");
        Assert.False(File.Exists(folder.Combine("unused.db")));
        AssertEqual(file.Figures, azure.Figures);
    }

    [Fact]
    public async Task A_generated_shop_is_imported_without_loss_and_every_customer_is_counted_once()
    {
        using var folder = new TempFolder();
        var demo = (await DemoProcess.RunAsync(folder.Combine("demo.db"), Plain, "--customers", "400", "--seed", "3")).Json;
        Assert.All(demo.GetProperty("imports").EnumerateArray(), sentence => Assert.Contains(" 0 rows rejected", sentence.GetString(), StringComparison.Ordinal));
        // Some sent back all that they ever bought: they are in no segment.
        Assert.InRange(demo.GetProperty("segments").EnumerateObject().Sum(s => s.Value.GetInt64()), 390, 400);
        AssertCampaigns(demo);
    }

    [Fact]
    public async Task The_demo_runs_on_the_real_Online_Retail_file()
    {
        var orders = SharedFiles.Require("data/online_retail.csv.gz");
        using var folder = new TempFolder();
        var result = await DemoProcess.RunAsync(folder.Combine("demo.db"), Plain, "--orders", orders);
        var demo = result.Json;
        Assert.Contains("the true lift is zero", demo.GetProperty("truthNote").GetString(), StringComparison.Ordinal);
        Assert.Contains("true lift is zero", string.Join(' ', result.Output.Split('\n')), StringComparison.Ordinal);
        AssertCampaigns(demo);
        foreach (var campaign in demo.GetProperty("campaigns").EnumerateArray())
        {
            Assert.Equal(0, campaign.GetProperty("truePer1000Minor").GetDouble());
            var row = campaign.GetProperty("row");
            // No margins are known from this file: what is shown is revenue, never profit.
            Assert.Equal("revenue", row.GetProperty("figure").GetString());
        }

        // Addresses are made up, and even so they stay out of what is printed.
        Assert.DoesNotMatch(Address(), result.Output);
        Assert.DoesNotMatch(Address(), result.Report.ToJsonString());
    }

    /// <summary>What holds of the campaigns of every demo.</summary>
    private static void AssertCampaigns(JsonElement demo)
    {
        var segments = demo.GetProperty("segments");
        var rows = demo.GetProperty("campaigns").EnumerateArray().ToList();
        Assert.Equal(CampaignPresets.Demo.Select(c => c.Id).Order(StringComparer.Ordinal), rows.Select(r => r.GetProperty("row").GetProperty("campaign").GetString()!));
        foreach (var campaign in rows)
        {
            var row = campaign.GetProperty("row");
            long Of(string name) => row.GetProperty(name).GetInt64();
            Assert.Equal(Of("customers"), Of("treated") + Of("heldOut"));
            // 20 % are held out, give or take five standard deviations of a binomial.
            Assert.InRange(Of("heldOut") - (0.2 * Of("customers")), -5 * Math.Sqrt(0.16 * Of("customers")), 5 * Math.Sqrt(0.16 * Of("customers")));
            // The audience is the segment: everyone in it was sent to, held out, or left out for a counted reason.
            var audience = CampaignPresets.Demo.Single(c => c.Id == row.GetProperty("campaign").GetString()).Segments.Sum(s => segments.GetProperty(s).GetInt64());
            Assert.Equal(audience, Of("sent") + Of("heldOut") + row.GetProperty("skipped").EnumerateObject().Sum(s => s.Value.GetInt64()));
            AssertVerdict(campaign, row);
        }
    }

    private static void AssertVerdict(JsonElement campaign, JsonElement row)
    {
        var verdict = row.GetProperty("verdict").GetString();
        var (low, high) = (Number(row, "intervalLowMinor"), Number(row, "intervalHighMinor"));
        if (Math.Min(row.GetProperty("treated").GetInt64(), row.GetProperty("heldOut").GetInt64()) < Verdicts.MinCustomers)
        {
            Assert.Equal("too small to measure", verdict);
        }

        if (low is null || high is null)
        {
            Assert.Equal("too small to measure", verdict);
            Assert.Equal(JsonValueKind.Null, campaign.GetProperty("intervalContainsTruth").ValueKind);
            return;
        }

        Assert.InRange(Number(row, "incrementalPer1000Minor")!.Value, low.Value, high.Value);
        switch (verdict)
        {
            case "proven gain":
                Assert.True(low > 0, $"{row}");
                break;
            case "proven loss":
                Assert.True(high < 0, $"{row}");
                break;
            case "not proven":
                Assert.True(low <= 0 && high >= 0, $"{row}");
                break;
            default:
                Assert.Equal("too small to measure", verdict);
                break;
        }

        var truth = Number(campaign, "truePer1000Minor")!.Value;
        Assert.Equal(low <= truth && truth <= high, campaign.GetProperty("intervalContainsTruth").GetBoolean());
    }

    /// <summary>Everything that a store says of its segments, its runs and its results: as text, to be compared.</summary>
    private static async Task<IReadOnlyList<string>> StoredAsync(string file, int buckets)
    {
        await using var store = new SqliteStore(new SqliteStoreOptions { Path = file }, TimeProvider.System);
        var workspace = new Workspace(store.Rows, TimeProvider.System);
        Assert.Equal(buckets, (await workspace.SettingsAsync(Cancelled)).Buckets);
        var segments = await new SegmentReader(store.Rows, store.Blobs, workspace).LatestAsync(Cancelled);
        var stored = new List<string> { Text(segments!.Report), Text(segments.Parameters) };
        foreach (var run in (await new Runs(store.Rows, store.Blobs, workspace).ListAsync(10, null, Cancelled)).Runs)
        {
            foreach (var stage in new[] { AssignStep.StageName, Core.Dispatch.DispatchStep.StageName })
            {
                stored.Add(run.Run + " " + stage + " " + Convert.ToHexString((await JobRows.ResultAsync(store.Rows, store.Blobs, run.Run, stage, Cancelled))!.Value.Span));
            }
        }

        var kpis = await new Kpis(store.Rows, store.Blobs, workspace).LatestAsync(Cancelled);
        stored.AddRange(Enum.GetValues<KpiGrouping>().SelectMany(by => kpis!.Rows(by)).Select(row => Text(row)));
        return stored;
    }

    private static void AssertEqual(IReadOnlyDictionary<string, string> expected, IReadOnlyDictionary<string, string> actual)
    {
        var differences = expected.Where(e => actual.GetValueOrDefault(e.Key) != e.Value).Select(e => $"{e.Key}: {e.Value} and {actual.GetValueOrDefault(e.Key)}").ToList();
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Equal(expected.Count, actual.Count);
    }

    private static double? Number(JsonElement row, string name) =>
        row.GetProperty(name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;

    private static string Text<T>(T value) => JsonSerializer.Serialize(value);

    /// <summary>A mailbox, or a number in E.164.</summary>
    [GeneratedRegex(@"[\w.+-]+@[\w-]+\.\w+|\+[1-9][0-9]{7,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Address();
}
