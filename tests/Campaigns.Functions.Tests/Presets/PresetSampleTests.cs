using System.Net;
using Campaigns.Core.Segments;
using Campaigns.Functions.Presets;
using Campaigns.Functions.Tests.Api;
using Campaigns.Simulation.Samples;

namespace Campaigns.Functions.Tests.Presets;

/// <summary>Presets and their samples through the real app: import, recompute, reasons.</summary>
public sealed class PresetSampleTests
{
    private static readonly PresetLibrary Library = new(Path.Combine(AppContext.BaseDirectory, PresetLibrary.Folder));

    public static TheoryData<string> Names => [.. Library.All.Select(p => p.Name)];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_sample_fills_every_segment_with_the_right_customers_for_the_right_reason(string name)
    {
        var preset = Library.Find(name)!;
        await using var app = await AppUnderTest.StartAsync();

        var answer = await app.SendAsync(HttpMethod.Post, $"/api/presets/{name}?sample=true");
        await app.QuietAsync();

        foreach (var import in answer.GetProperty("imports").EnumerateArray())
        {
            var state = await app.GetAsync("/api/imports/" + import.GetString());
            Assert.Equal("Done", state.GetProperty("status").GetString());
            Assert.Equal(0, state.GetProperty("summary").GetProperty("rejected").GetInt64());
        }

        var report = (await app.Get<SegmentReader>().LatestAsync(Cancelled))!.Report;
        Assert.Equal(name, report.Scheme);
        Assert.Equal(preset.About.Recipe.Customers, report.AllCustomers);
        Assert.Equal(preset.Scheme.SegmentIds, report.Segments.Select(s => s.Segment));
        Assert.All(report.Segments, s => Assert.InRange(s.Members, 1, report.AllCustomers - 1));
        await EveryGroupIsWhereItBelongsAsync(app, preset);
        Assert.Equal(
            preset.About.Groups.Where(g => g.Segments.Length == 0).Sum(g => g.Customers),
            report.AllCustomers - report.Segments.Sum(s => s.Customers));
    }

    [Fact]
    public async Task The_list_says_what_each_preset_is_needs_and_which_is_in_force()
    {
        await using var app = await AppUnderTest.StartAsync();

        var before = await app.GetAsync("/api/presets");
        await app.SendAsync(HttpMethod.Post, "/api/presets/vip");
        var after = await app.GetAsync("/api/presets");

        static IEnumerable<string?> InForce(System.Text.Json.JsonElement list) =>
            list.GetProperty("presets").EnumerateArray().Where(p => p.GetProperty("inForce").GetBoolean()).Select(p => p.GetProperty("name").GetString());
        Assert.Equal(["retail"], InForce(before));
        Assert.Equal(["vip"], InForce(after));
        var bank = after.GetProperty("presets").EnumerateArray().First(p => p.GetProperty("name").GetString() == "cooperative-bank");
        Assert.Contains("account_movement", bank.GetProperty("needs").GetProperty("events").EnumerateArray().Select(e => e.GetProperty("event").GetString()));
        Assert.Equal("Farmers", bank.GetProperty("segments")[3].GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_preset_without_its_sample_classifies_the_customers_who_are_there()
    {
        await using var app = await AppUnderTest.StartAsync();
        await ImportAsync(app);

        await app.SendAsync(HttpMethod.Post, "/api/presets/new-customers");
        await app.QuietAsync();

        var report = (await app.Get<SegmentReader>().LatestAsync(Cancelled))!.Report;
        Assert.Equal("new-customers", report.Scheme);
        Assert.Equal(1, report.Of("one-time").Members);
    }

    [Fact]
    public async Task A_sample_never_mixes_with_customers_who_are_there()
    {
        await using var app = await AppUnderTest.StartAsync();
        await ImportAsync(app);

        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Post, "/api/presets/vip?sample=true", null, HttpStatusCode.Conflict);

        Assert.Single((await app.GetAsync("/api/imports")).EnumerateArray());
        Assert.Equal("retail", (await app.Get<SchemeCatalog>().CurrentAsync(Cancelled)).Scheme.Id);
    }

    [Fact]
    public async Task An_unknown_preset_is_refused_and_the_known_ones_are_named()
    {
        await using var app = await AppUnderTest.StartAsync();

        await ErrorAndSettingsTests.RefusedAsync(app, HttpMethod.Post, "/api/presets/nothing", null, HttpStatusCode.NotFound);
    }

    private static async Task EveryGroupIsWhereItBelongsAsync(AppUnderTest app, Preset preset)
    {
        var ids = new SampleCustomers(preset.Name, preset.About.Recipe, DateTimeOffset.UnixEpoch);
        foreach (var group in preset.About.Groups)
        {
            var view = await app.Get<CustomerSegments>().ReadAsync(ids.IdOf(group, 0), null, Cancelled);
            Assert.NotNull(view);
            var found = view.Explanations.Where(e => e.Member).ToList();
            Assert.True(
                group.Segments.SequenceEqual(found.Select(e => e.Segment)),
                $"{view.CustomerId} is in [{string.Join(", ", found.Select(e => e.Segment))}], not in [{string.Join(", ", group.Segments)}]: {string.Join("; ", view.Explanations.SelectMany(e => e.Conditions.Select(c => $"{e.Segment}: {c.Text} ({c.ActualText}) {c.Holds}")))}");
            Assert.Equal(group.Segments.Order(StringComparer.Ordinal), view.Memberships!.Select(m => m.Segment).Order(StringComparer.Ordinal));
            Assert.All(found, e =>
            {
                Assert.InRange(e.Reason.Length, 15, 300);
                Assert.DoesNotMatch("[{}]|unknown|NaN|∞|  ", e.Reason);
                Assert.Contains(e.Conditions, c => c.Holds);
            });
            TestContext.Current.TestOutputHelper?.WriteLine(string.Join("\n", found.Select(e => $"{view.CustomerId} {e.Segment}: {e.Reason}"))); // For whoever edits the texts.
        }
    }

    private static async Task ImportAsync(AppUnderTest app)
    {
        using var body = new StringContent("order_id,customer_id,ordered_at,total\n1,ann,2026-01-05T10:00:00Z,7\n", System.Text.Encoding.UTF8, "text/csv");
        await app.ImportAsync("/api/imports", body);
    }
}
