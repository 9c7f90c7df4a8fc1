using System.Text;
using Campaigns.Core.Measurement;
using Campaigns.Core.Measurement.Replay;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Decisions;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Planning.Decisions;

/// <summary>Decisions of stored runs: explained, made once more, and as a file.</summary>
public sealed class RunDecisionsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static RunDecisions DecisionsOf(PlanWorld world) => new(world.Store.Rows, world.Store.Blobs, world.Store.Workspace, world.Runs);

    /// <summary>The second run of a campaign that learnt from its first.</summary>
    private static async Task<string> SecondRunAsync(PlanWorld world, Campaign campaign)
    {
        await AdaptiveRunTests.BuyAsync(world, await world.PlanAsync(campaign));
        await AdaptiveRunTests.MeasureAsync(world, PlanWorld.Start.AddDays(10));
        await AdaptiveRunTests.NextAsync(world, 11);
        return await world.PlanAsync(campaign);
    }

    private static async Task<string> CsvAsync(PlanWorld world, string run)
    {
        var text = new StringBuilder();
        await foreach (var chunk in (await new DecisionCsv(world.Store.Rows, world.Store.Blobs, world.Store.Workspace, new MeasuredRuns(world.Runs)).OfAsync(run, Cancelled))!)
        {
            text.Append(chunk);
        }

        return text.ToString();
    }

    [Fact]
    public async Task Every_stored_decision_comes_out_again_bit_for_bit_and_the_log_is_the_same_file_for_any_number_of_buckets()
    {
        var files = new List<string>();
        foreach (var buckets in new[] { 1, 16, 256 })
        {
            await using var world = await AdaptiveRunTests.WorldAsync(buckets);
            var run = await SecondRunAsync(world, AdaptiveRunTests.Learning());
            var check = (await DecisionsOf(world).CheckAsync(run, Cancelled))!;
            Assert.Equal((AdaptiveRunTests.Customers, 0L, true), (check.Customers, check.Different, check.Agrees));
            files.Add(await CsvAsync(world, run));
        }

        Assert.Equal(files[0], files[1]);
        Assert.Equal(files[0], files[2]);
    }

    [Fact]
    public async Task A_run_whose_stock_is_scarcecomes_out_again_too()
    {
        await using var world = await AdaptiveRunTests.WorldAsync();
        var campaign = AdaptiveRunTests.Learning();
        var scarce = campaign with { Treatments = [campaign.Treatments[0] with { Offer = campaign.Treatments[0].Offer with { Stock = 60 } }, campaign.Treatments[1]] };
        var run = await SecondRunAsync(world, scarce);

        var check = (await DecisionsOf(world).CheckAsync(run, Cancelled))!;
        Assert.True(check is { Agrees: true, Customers: > 0 }, $"{check}: {string.Join(", ", check.Examples)}");
        var (_, row) = (await world.RowsAsync(run)).Values.First();
        var decision = Assert.IsType<DecisionAnswer.Found>(await DecisionsOf(world).FindAsync(run, row.CustomerId, Cancelled)).Decision;
        Assert.Contains(decision.Binding, b => b.Contains("stock", StringComparison.Ordinal));
        Assert.NotNull(decision.Ceiling);
    }

    [Fact]
    public async Task A_decision_that_was_tampered_with_is_named()
    {
        await using var world = await AdaptiveRunTests.WorldAsync();
        var run = await SecondRunAsync(world, AdaptiveRunTests.Learning());
        var (key, (_, row)) = (await world.RowsAsync(run)).First(r => !r.Value.Row.HeldOut && r.Value.Row.Treatment == "gift");
        var where = Tables.Assignment(run, new CustomerKey(key));
        await world.Store.Rows.CommitAsync(Tables.Customers, world.Partition(row.CustomerId), [new RowOperation.Upsert(where, RowCodec.Encode(row with { Treatment = "picks" }))], Cancelled);

        var check = (await DecisionsOf(world).CheckAsync(run, Cancelled))!;
        Assert.Equal((1, false), (check.Different, check.Agrees));
        Assert.Equal([row.CustomerId], check.Examples);
    }

    [Fact]
    public async Task A_decision_is_explained_by_all_that_it_rests_on()
    {
        await using var world = await AdaptiveRunTests.WorldAsync();
        await world.AddAsync("phone", SegmentNames.Loyal, c => c with { Email = null, Phone = "+447700900001", SmsConsent = new Core.Ingest.Consent(true, "test", PlanWorld.Start) });
        await world.AddAsync("silent", SegmentNames.Loyal, c => c with { EmailConsent = Core.Ingest.Consent.Unknown });
        await world.AddAsync("other", SegmentNames.Regular);
        var run = await SecondRunAsync(world, AdaptiveRunTests.Learning());
        var decisions = DecisionsOf(world);

        var d = Assert.IsType<DecisionAnswer.Found>(await decisions.FindAsync(run, "c0", Cancelled)).Decision;
        Assert.Equal((run, "Spring", SegmentNames.Loyal, AdaptivePolicy.Name, true), (d.Run, d.CampaignName, d.Segment, d.Policy, d.Repeats));
        Assert.Equal([Campaign.RunId("spring", 0)], d.LearntFrom);
        Assert.Equal(StableHash.Of("policy", run).ToString(System.Globalization.CultureInfo.InvariantCulture), d.Seed);
        Assert.Equal(["", "gift", "picks"], d.Candidates.Select(c => c.Treatment));
        Assert.Equal(StableHash.Million, d.Candidates.Sum(c => c.PartsPerMillion));
        var gift = d.Candidates[1];
        Assert.True(gift is { Best: > 0.9, Blocked: null } && gift.LowMinor < gift.ProfitMinor && gift.ProfitMinor < gift.HighMinor, gift.ToString());
        Assert.StartsWith("drew ", d.Sentence, StringComparison.Ordinal);

        var byPhone = Assert.IsType<DecisionAnswer.Found>(await decisions.FindAsync(run, "phone", Cancelled)).Decision;
        Assert.Contains("did not reach", byPhone.Candidates.Single(c => c.Treatment == "picks").Blocked, StringComparison.Ordinal);
        Assert.Contains("left out before the draw", Assert.IsType<DecisionAnswer.None>(await decisions.FindAsync(run, "silent", Cancelled)).Sentence, StringComparison.Ordinal);
        Assert.Contains("none of the send's segments", Assert.IsType<DecisionAnswer.None>(await decisions.FindAsync(run, "other", Cancelled)).Sentence, StringComparison.Ordinal);
        Assert.Contains("no such customer", Assert.IsType<DecisionAnswer.None>(await decisions.FindAsync(run, "nobody-knows", Cancelled)).Sentence, StringComparison.Ordinal);
        Assert.Null(await decisions.FindAsync("no-run", "c0", Cancelled));
        Assert.Equal([run, Campaign.RunId("spring", 0)], (await decisions.OfCustomerAsync("c0", Cancelled)).Select(e => e.Run));
    }

    [Fact]
    public async Task The_file_of_a_run_is_a_log_that_replay_reads_with_the_stored_probabilities()
    {
        await using var world = await AdaptiveRunTests.WorldAsync();
        var run = await SecondRunAsync(world, AdaptiveRunTests.Learning());
        await AdaptiveRunTests.BuyAsync(world, run);
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(await CsvAsync(world, run)));
        var log = await DecisionFile.ReadAsync(content, "reward", ["segment", "eligible"], Cancelled);

        var rows = (await world.RowsAsync(run)).Values.Select(r => r.Row).ToList();
        Assert.Equal(["none", "gift", "picks"], log.Treatments);
        Assert.Equal(rows.Select(r => r.HeldOut ? "none" : r.Treatment), log.Treatment.ToArray().Select(t => log.Treatments[t]));
        Assert.Equal(rows.Select(r => LoggedReward.PartsPerMillion(r) / 1e6), log.Propensity.ToArray());
        Assert.Equal(rows.Select(r => r.Outcome.Orders * 20.0), log.Reward.ToArray());
        Assert.False(LoggedRatio.Of(log).IsAlert);
        Assert.Null(PolicyReplay.Of(log, ReplayPolicy.ForEveryone(log, log.IndexOf("gift", "test")), 5).Value.Refusal);
    }
}
