using System.Text;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement.Replay;

namespace Campaigns.Core.Tests.Measurement.Replay;

public sealed class ReplayTests
{
    [Fact]
    public void Means_of_the_Hillstrom_test_are_the_published_ones_and_the_mens_message_is_recommended()
    {
        var log = Logs.Hillstrom("spend");
        var replay = PolicyReplay.Of(log, ReplayPolicy.ForEveryone(log, log.IndexOf("Mens E-Mail", "test")), 5);

        Assert.Equal(["none", "Mens E-Mail", "Womens E-Mail"], replay.Arms.Select(static a => a.Treatment));
        Assert.Equal([21_306, 21_307, 21_387], replay.Arms.Select(static a => a.Count));
        Assert.Equal([.65279, 1.42262, 1.07720], replay.Arms.Select(static a => Math.Round(a.Mean, 5)));
        Assert.InRange(replay.Value.Snips.Value, 1.42261, 1.42263);
        Assert.InRange(replay.Value.DoublyRobust.StandardError / replay.Arms[1].StandardError, .99, 1.01);
        Assert.Equal("pearson", replay.SampleRatio.Method);
        Assert.InRange(replay.SampleRatio.P!.Value, .5, 1);
        Assert.Equal("Mens E-Mail", ReplayAdvice.On(replay).Recommended);
    }

    [Fact]
    public void On_Hillstrom_the_gain_of_choosing_per_history_segment_is_gone_out_of_sample()
    {
        var replay = PolicyReplay.Learn(Logs.Hillstrom("spend"), 5);
        var advice = ReplayAdvice.On(replay);

        Assert.Equal("Mens E-Mail", advice.Recommended);
        Assert.True(replay.Learned!.InSampleGain(advice.Best!.Against).Value > 0);
        Assert.True(advice.Best.Difference.Value < .5 * replay.Learned.InSampleGain(advice.Best.Against).Value);
        Assert.False(advice.Best.IsCredible);
    }

    [Fact]
    public void A_difference_between_segments_that_is_real_is_learned_and_recommended()
    {
        // The perk costs more than it brings to others: only choosing pays.
        var log = Logs.Of(Logs.Drawn(3, 6000)).Net(1, new Dictionary<string, double>(StringComparer.Ordinal) { ["perk"] = .5 });
        var replay = PolicyReplay.Learn(log, 5);

        Assert.Equal(["perk", "none"], replay.Learned!.Choices.Select(c => log.Treatments[c]));
        Assert.Equal("policy", ReplayAdvice.On(replay).Recommended);
    }

    [Theory]
    [InlineData(.0000201, 1e-7, "a:1000:.5", "b:1200:.5")]
    [InlineData(.000592638, 1e-9, "a:500:.34", "b:500:.33", "c:600:.33")]
    public void Counts_that_do_not_fit_the_probabilities_give_the_published_p_and_no_recommendation(double p, double tolerance, params string[] arms)
    {
        var log = Logs.Of(arms.Select(static a => a.Split(':')).SelectMany(static a => Enumerable.Repeat((a[0], double.Parse(a[2], System.Globalization.CultureInfo.InvariantCulture), 1.0, "all"), int.Parse(a[1], System.Globalization.CultureInfo.InvariantCulture))));
        var replay = PolicyReplay.Of(log, ReplayPolicy.ForEveryone(log, 0), 5);

        Assert.InRange(replay.SampleRatio.P!.Value, p - tolerance, p + tolerance);
        Assert.Null(ReplayAdvice.On(replay).Recommended);
    }

    [Fact]
    public void Losses_show_though_probabilities_change_over_the_log()
    {
        var rows = Logs.Drawn(5, 6000);
        var whole = LoggedRatio.Of(Logs.Of(rows));
        var lossy = LoggedRatio.Of(Logs.Of(rows.Where(static (r, i) => r.Treatment == "none" || i % 8 != 0)));

        Assert.Equal(("weighted", "weighted"), (whole.Method, lossy.Method));
        Assert.InRange(whole.P!.Value, .01, 1);
        Assert.True(lossy.IsAlert);
    }

    [Fact]
    public async Task A_file_is_read_with_quotes_and_decimal_commas_and_rules_decide_by_its_columns()
    {
        var log = await ReadAsync("treatment;propensity;reward;segment\nnone;0,25;1,5;\"a;b\"\nperk;0,75;2;c\n", "segment");
        var policy = PolicyRules.Parse("""{ "rules": [ { "when": { "segment": "a;b" }, "treatment": "perk" } ], "otherwise": { "none": 0.5, "perk": 0.5 } }"""u8.ToArray());
        var on = policy.On(log, "test");

        Assert.Equal([1.5, 2], log.Reward.ToArray());
        Assert.Equal([.25, .75], log.Propensity.ToArray());
        Assert.Equal([0, 1], on.Shares(0, 0).ToArray());
        Assert.Equal([.5, .5], on.Shares(0, 1).ToArray());
    }

    [Theory]
    [InlineData("treatment,reward\na,1\n", "The column \"propensity\" is missing: it is the probability")]
    [InlineData("treatment,propensity,reward\na,.5,1\na,1.5,1\n", "Line 3: the propensity is 1.5;")]
    [InlineData("treatment,propensity,reward\na,0,1\n", "Line 2: the propensity is 0;")]
    [InlineData("treatment,propensity,reward\na,.5,much\n", "Line 2: reward is \"much\", which is not a number.")]
    [InlineData("treatment,propensity,reward\n,.5,1\n", "Line 2: the treatment is empty; write \"none\"")]
    [InlineData("treatment,propensity,reward\n", "The log has a header and no row.")]
    public async Task A_file_that_cannot_be_read_is_refused_with_its_line(string content, string sentence) =>
        Assert.StartsWith(sentence, (await Assert.ThrowsAsync<JobFailedException>(() => ReadAsync(content))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("[]", "A policy file is an object")]
    [InlineData("{", "The policy file is not JSON")]
    [InlineData("""{ "rules": [ { "treatment": "a" } ] }""", "Rule 1 of the policy file needs \"when\"")]
    [InlineData("""{ "otherwise": { "a": 0.5 } }""", "\"otherwise\" of the policy file: the shares sum to 0.5, not to 1.")]
    [InlineData("""{ "otherwise": "x" }""", "\"otherwise\" of the policy file names the treatment \"x\", which no row of the log has; the log has none, a.")]
    [InlineData("""{ "rules": [ { "when": { "segment": "one" }, "treatment": "a" } ] }""", "The policy file has no rule for segment = two")]
    public void A_policy_file_that_cannot_be_used_is_refused_in_one_sentence(string json, string sentence)
    {
        var log = Logs.Of([("a", .5, 1, "one"), ("none", .5, 1, "two")]);
        Assert.StartsWith(sentence, Assert.Throws<JobFailedException>(() => PolicyRules.Parse(Encoding.UTF8.GetBytes(json)).On(log, "test")).Message, StringComparison.Ordinal);
    }

    private static async Task<LoggedDecisions> ReadAsync(string content, params string[] contexts) =>
        await DecisionFile.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(content)), "reward", contexts, TestContext.Current.CancellationToken);
}
