using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using CsCheck;

namespace Campaigns.Core.Tests.Planning;

public sealed class AssignmentTests
{
    private static ReachableTreatment[] Variants(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new ReachableTreatment(PlanWorld.Variant("v" + i, Channel.Email), Channel.Email))];

    private static CustomerKey Customer(int i) => CustomerKey.Of(PlanWorld.Salt, "c" + i);

    [Fact]
    public void Probabilities_sum_to_a_million_and_nothing_has_exactly_the_holdout() =>
        Gen.Select(Gen.Int[1, 10], Gen.Int[0, 500_000]).Sample((count, holdout) =>
        {
            var candidates = Assignment.Probabilities(Variants(count), holdout);
            Assert.Equal(StableHash.Million, candidates.Sum(c => c.PartsPerMillion));
            Assert.Equal(new Candidate("", holdout), candidates[0]);
            Assert.True(candidates.Skip(1).Max(c => c.PartsPerMillion) - candidates.Skip(1).Min(c => c.PartsPerMillion) <= 1);
        });

    [Theory]
    [InlineData(1, 200_000)]
    [InlineData(3, 0)]
    [InlineData(3, 100_000)]
    [InlineData(4, 500_000)]
    public void Arms_are_drawn_as_often_as_their_propensities_say(int variants, int holdout)
    {
        const int customers = 40_000;
        var treatments = Variants(variants);
        var drawn = Enumerable.Range(0, customers).Select(i => Assignment.Decide(treatments, holdout, "00", "run-a", Customer(i))).ToList();
        WithinFiveDeviations(drawn.Count(d => d.HeldOut), customers, holdout / 1e6);
        foreach (var (treatment, candidate) in treatments.Zip(Assignment.Probabilities(treatments, holdout).Skip(1)))
        {
            WithinFiveDeviations(drawn.Count(d => !d.HeldOut && d.Drawn.Equals(treatment)), customers, candidate.PartsPerMillion / 1e6);
            // The control group's mix of variants is the treated's.
            WithinFiveDeviations(drawn.Count(d => d.HeldOut && d.Drawn.Equals(treatment)), drawn.Count(d => d.HeldOut), 1.0 / variants);
        }
    }

    [Fact]
    public void Draws_of_different_runs_are_independent()
    {
        const int customers = 40_000;
        var treatments = Variants(1);
        var both = Enumerable.Range(0, customers).Count(i =>
            Assignment.Decide(treatments, 500_000, "00", "run-a", Customer(i)).HeldOut && Assignment.Decide(treatments, 500_000, "00", "run-b", Customer(i)).HeldOut);
        WithinFiveDeviations(both, customers, 0.25);
    }

    [Fact]
    public void Ranks_for_ceilings_say_nothing_about_the_draw()
    {
        const int customers = 40_000;
        var half = Ceiling.BinOf(1UL << 63);
        var inside = Enumerable.Range(0, customers).Where(i => Ceiling.BinOf("00", "run-a", Customer(i)) < half).ToList();
        WithinFiveDeviations(inside.Count, customers, 0.5);
        WithinFiveDeviations(inside.Count(i => Assignment.Decide(Variants(1), 500_000, "00", "run-a", Customer(i)).HeldOut), inside.Count, 0.5);
    }

    [Fact]
    public void Bins_rise_with_the_rank_and_stay_within_their_number() =>
        Gen.Select(Gen.ULong, Gen.ULong).Sample((a, b) =>
        {
            Assert.True(a.CompareTo(b) * Ceiling.BinOf(a).CompareTo(Ceiling.BinOf(b)) >= 0);
            Assert.InRange(Ceiling.BinOf(a), 0, Ceiling.Bins - 1);
            Assert.Equal(Ceiling.Bins - 1, Ceiling.BinOf(ulong.MaxValue));
        });

    [Fact]
    public void A_draw_is_explained_in_words()
    {
        var row = new AssignmentRow
        {
            CustomerId = "c1",
            Campaign = "win-back",
            Segment = "at-risk",
            Treatment = "winback",
            Offer = "o",
            Channel = Channel.Email,
            HeldOut = false,
            Draw = 734_112,
            Candidates = [new("", 200_000), new("winback", 800_000)],
            AssignedAt = PlanWorld.Start,
        };
        Assert.StartsWith("drew 734,112 of 1,000,000: nothing 200,000, winback 800,000 → winback, by e-mail because ", Assignment.Explain(row), StringComparison.Ordinal);
        Assert.Equal(
            "drew 12 of 1,000,000: nothing 200,000, winback 800,000 → nothing (control group; it would have been winback, by SMS)",
            Assignment.Explain(row with { HeldOut = true, Draw = 12, Channel = Channel.Sms }));
    }

    /// <summary>The keys are fixed, so this either always holds or never does; five deviations leave one unlucky choice of keys in two million.</summary>
    private static void WithinFiveDeviations(int count, int of, double probability)
    {
        var most = 5 * Math.Sqrt(of * probability * (1 - probability));
        Assert.InRange(count, (of * probability) - most, (of * probability) + most);
    }
}
