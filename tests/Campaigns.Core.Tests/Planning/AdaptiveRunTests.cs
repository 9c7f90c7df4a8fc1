using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Planning;

/// <summary>Runs that learn from earlier ones, through the real steps and a real store.</summary>
public sealed class AdaptiveRunTests
{
    internal const int Customers = 900;

    internal static Campaign Learning() => PlanWorld.TwoVariants() with { ReentryPauseDays = 0, OutcomeWindowDays = 10, RepeatDays = 11 };

    internal static async Task<PlanWorld> WorldAsync(int buckets = 16, double? margin = 0.4)
    {
        var world = await PlanWorld.CreateAsync(buckets);
        await world.Store.Workspace.ChangeAsync(s => s with { MarginShare = margin }, default);
        for (var i = 0; i < Customers; i++)
        {
            await world.AddAsync("c" + i, i % 2 == 0 ? SegmentNames.Loyal : SegmentNames.AtRisk);
        }

        return world;
    }

    /// <summary>Of those who got "gift" half buy, of all others one in ten.</summary>
    internal static async Task BuyAsync(PlanWorld world, string run)
    {
        foreach (var (key, (_, row)) in await world.RowsAsync(run))
        {
            var treated = !row.HeldOut && row.Treatment == "gift";
            if (StableHash.PartsPerMillion("buys", key) < (treated ? 500_000 : 100_000))
            {
                var where = Tables.Assignment(run, new CustomerKey(key));
                var stands = await world.Store.Rows.GetAsync(Tables.Customers, world.Partition(row.CustomerId), where, default);
                var bought = row with { Outcome = row.Outcome with { Orders = 1, RevenueMinor = 5_000, MarginBeforeDiscountMinor = 2_000 } };
                await world.Store.Rows.CommitAsync(Tables.Customers, world.Partition(row.CustomerId), [new RowOperation.Replace(where, RowCodec.Encode(bought), stands!.ETag)], default);
            }
        }
    }

    internal static async Task MeasureAsync(PlanWorld world, DateTimeOffset asOf)
    {
        var runs = new MeasuredRuns(world.Runs);
        var recount = new Recount(world.Store.Rows, runs, world.Store.Workspace, new Outcomes());
        var jobs = new JobRunner(
            world.Store.Rows, world.Store.Blobs, world.Store.Workspace, TimeProvider.System, [new MeasureStep(runs, recount), new PublishStep(runs, world.Store.Workspace)], TimeSpan.FromSeconds(30));
        await new JobDriver(jobs, null).RunAsync(await new Measure(world.Store.Rows, jobs, runs, world.Store.Workspace, TimeProvider.System).StartAsync(asOf, "", default));
    }

    internal static async Task NextAsync(PlanWorld world, int day)
    {
        await world.Store.Workspace.SetNowAsync(PlanWorld.Start.AddDays(day), default);
        await world.SegmentedAsync(PlanWorld.Start.AddDays(day - 1));
    }

    private static async Task<RunInputs> InputsAsync(PlanWorld world, string run) => (await world.Runs.FindAsync(run, default))!.Inputs;

    [Fact]
    public async Task A_run_sends_more_of_what_earned_most_in_closed_runs_and_keeps_the_control_group()
    {
        await using var world = await WorldAsync();
        var first = await world.PlanAsync(Learning());
        Assert.Equal((Strategy.Adaptive, null), ((await InputsAsync(world, first)).Strategy, (await InputsAsync(world, first)).Policy));
        await BuyAsync(world, first);

        var evidence = new EvidenceRows(world.Store.Rows);
        await MeasureAsync(world, PlanWorld.Start.AddDays(9));
        Assert.Empty(await evidence.BeforeAsync("spring", 1, default));
        await MeasureAsync(world, PlanWorld.Start.AddDays(10));
        var taught = Assert.Single(await evidence.BeforeAsync("spring", 1, default));
        Assert.Empty(await evidence.BeforeAsync("spring", 0, default));
        Assert.Equal(Customers, taught.Cells.Sum(c => c.Nothing.Customers + c.Arms.Sum(a => a.Totals.Customers)));

        await NextAsync(world, 11);
        var second = await world.PlanAsync(Learning());
        var policy = (await InputsAsync(world, second)).Policy!;
        Assert.Equal((AdaptivePolicy.Name, 1), (policy.Policy, policy.Runs));
        var cell = policy.Find(SegmentNames.Loyal, "gift|picks")!;
        var gift = cell.Arms.Single(a => a.Treatment == "gift");
        var holdout = (await InputsAsync(world, second)).HoldoutPartsPerMillion;
        Assert.True(gift.PartsPerMillion > 700_000, $"{gift}");
        Assert.InRange(cell.NothingPartsPerMillion, holdout, holdout + 50_000);
        Assert.InRange(cell.Arms.Single(a => a.Treatment == "picks").PartsPerMillion, PolicyTerms.UsualFloorPartsPerMillion, 100_000);
        var rows = await world.RowsAsync(second);
        Assert.Equal(Customers, rows.Count);
        Assert.True(rows.Values.Count(r => r.Row is { HeldOut: false, Treatment: "gift" }) > Customers * 0.65);
    }

    [Fact]
    public async Task Replaying_the_log_gives_the_same_decisions_for_any_number_of_buckets()
    {
        var texts = new List<List<string>>();
        foreach (var buckets in new[] { 1, 16, 256 })
        {
            await using var world = await WorldAsync(buckets);
            await BuyAsync(world, await world.PlanAsync(Learning()));
            await MeasureAsync(world, PlanWorld.Start.AddDays(10));
            await NextAsync(world, 11);
            var run = await world.PlanAsync(Learning());
            var inputs = await InputsAsync(world, run);
            var rows = await world.RowsAsync(run);
            foreach (var (key, (_, row)) in rows)
            {
                // From what the row logs and the salt alone.
                var reach = row.Candidates.Skip(1).Select(c => new ReachableTreatment(inputs.Campaign.Treatments.Single(t => t.Id == c.Treatment), Channel.Email)).ToList();
                var again = Assignment.Decide(reach, row.Candidates, Convert.ToHexStringLower(PlanWorld.Salt), run, new CustomerKey(key));
                Assert.Equal((row.Draw, row.HeldOut, row.Treatment), (again.Draw, again.HeldOut, again.Drawn.Treatment.Id));
                // And the logged probabilities are the frozen table's.
                var cell = inputs.Policy!.Find(row.Segment, row.Eligible)!;
                Assert.Equal([cell.NothingPartsPerMillion, .. cell.Arms.Select(a => a.PartsPerMillion)], row.Candidates.Select(c => c.PartsPerMillion));
                Assert.Equal(StableHash.Million, row.Candidates.Sum(c => c.PartsPerMillion));
            }

            texts.Add([.. rows.Values.Select(r => r.Text)]);
        }

        Assert.Equal(texts[0], texts[1]);
        Assert.Equal(texts[0], texts[2]);
    }

    [Fact]
    public async Task Without_margins_variants_stay_alike_and_a_fixed_campaign_sends_the_first_that_reaches()
    {
        await using var world = await WorldAsync(margin: null);
        var split = await world.PlanAsync(Learning());
        Assert.Equal(Strategy.Split, (await InputsAsync(world, split)).Strategy);
        Assert.All((await world.RowsAsync(split)).Values, r => Assert.Equal(3, r.Row.Candidates.Length));
        await NextAsync(world, 11);
        var first = await world.PlanAsync(Learning() with { Id = "always", Strategy = Strategy.Fixed });
        Assert.All((await world.RowsAsync(first)).Values, r => Assert.Equal(("gift", 2), (r.Row.Treatment, r.Row.Candidates.Length)));
    }

    [Fact]
    public async Task A_variant_that_draws_complaints_is_not_sent_again_and_where_all_do_everybody_is_counted_as_left_out()
    {
        await using var world = await WorldAsync();
        await world.PlanAsync(Learning());
        RunEvidence Taught(params string[] complained) => new()
        {
            Run = Campaign.RunId("spring", 0),
            Occurrence = 0,
            Cells = [.. Learning().Segments.Select(s => new CellEvidence(s, "gift|picks", Totals(0), [.. new[] { "gift", "picks" }.Select(t => new ArmEvidence(t, Totals(complained.Contains(t) ? 50 : 0)))]))],
        };
        ArmTotals Totals(int complaints) => new ArmTotals(2_000, 100, 500_000, 100 * 85_000, 100L * 85_000 * 85_000, 0, complaints);

        await new EvidenceRows(world.Store.Rows).WriteAsync("spring", Taught("gift"), default);
        await NextAsync(world, 11);
        var second = await world.PlanAsync(Learning());
        Assert.DoesNotContain((await world.RowsAsync(second)).Values, r => r.Row.Treatment == "gift");
        Assert.Contains("complaints", (await InputsAsync(world, second)).Policy!.Cells.SelectMany(c => c.Arms).First(a => a.Treatment == "gift").Blocked, StringComparison.Ordinal);

        await new EvidenceRows(world.Store.Rows).WriteAsync("spring", Taught("gift", "picks"), default);
        await NextAsync(world, 22);
        var third = await world.PlanAsync(Learning());
        Assert.Empty(await world.RowsAsync(third));
        var plan = await world.PlanOfAsync(third);
        Assert.Equal(Customers, plan.SkippedByReason()[ExclusionReasons.AllBlocked]);
    }
}
