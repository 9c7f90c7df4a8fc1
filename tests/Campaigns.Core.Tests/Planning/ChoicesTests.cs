using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Tests.Planning;

/// <summary>Probabilities of combinations that a run's table does not foresee.</summary>
public sealed class ChoicesTests
{
    private static readonly PolicyTable Table = new()
    {
        Policy = "test",
        Seed = 1,
        Runs = 1,
        Cells =
        [
            new PolicyCell { Segment = "loyal", Eligible = "a", NothingPartsPerMillion = 900_000, Arms = [new PolicyArm("a", 100_000)] },
            new PolicyCell
            {
                Segment = "loyal",
                Eligible = "a|b|c",
                NothingPartsPerMillion = 200_000,
                Arms = [new PolicyArm("a", 100_000), new PolicyArm("b", 300_000), new PolicyArm("c", 400_000)],
            },
        ],
    };

    private static Candidate[] Of(string segment, params string[] treatments) =>
        new Choices(Table, 200_000).Of(segment, [.. treatments.Select(t => new ReachableTreatment(PlanWorld.Variant(t, Channel.Email), Channel.Email))]);

    [Fact]
    public void A_combination_that_is_not_foreseen_is_the_segments_fullest_cut_down_in_proportion() =>
        Assert.Equal([new Candidate("", 333_333), new Candidate("a", 166_667), new Candidate("b", 500_000)], Of("loyal", "a", "b"));

    [Fact]
    public void One_that_is_foreseen_is_taken_as_it_stands() =>
        Assert.Equal([new Candidate("", 900_000), new Candidate("a", 100_000)], Of("loyal", "a"));

    [Fact]
    public void A_segment_that_the_table_does_not_know_has_all_alike() =>
        Assert.Equal([new Candidate("", 200_000), new Candidate("a", 400_000), new Candidate("b", 400_000)], Of("new", "a", "b"));
}
