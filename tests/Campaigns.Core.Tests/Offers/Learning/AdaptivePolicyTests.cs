using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Primitives;
using CsCheck;

namespace Campaigns.Core.Tests.Offers.Learning;

public class AdaptivePolicyTests
{
    private static readonly PolicyTerms Terms = new(100_000, 20_000, 7);

    /// <summary>Conversions of nothing and of arms a, b, c, of 100 to 3,000 customers each.</summary>
    private static readonly Gen<RunEvidence[]> Runs = Gen.Select(Gen.Long[100, 3_000], Gen.Double[0, 0.06].Array[4]).Array[2].Array[1, 4]
        .Select(runs => runs.Select((cells, r) => Run(r, cells.Select((c, s) => Cell("s" + s, c.Item1, c.Item2)))).ToArray());

    private static ArmEconomics[] Economics { get; } = [new("a", 0.4, 0, 0, 3), new("b", 0.4, 0.1, 0, 3), new("c", 0.4, 0.2, 0, 8)];

    private static RunEvidence Run(int occurrence, IEnumerable<CellEvidence> cells) =>
        new() { Run = "run-" + occurrence, Occurrence = occurrence, Cells = [.. cells] };

    private static CellEvidence Cell(string segment, long customers, params double[] rates) =>
        new(segment, "a|b|c", Totals(customers, rates[0]), [.. rates.Skip(1).Select((rate, i) => new ArmEvidence(((char)('a' + i)).ToString(), Totals(customers, rate)))]);

    /// <summary>So many customers, of whom a share spends 30.00 or 60.00.</summary>
    private static ArmTotals Totals(long customers, double rate)
    {
        var totals = default(ArmTotals) with { Customers = customers - (long)(customers * rate) };
        for (var i = 0; i < (long)(customers * rate); i++)
        {
            totals = totals.With(i % 2 == 0 ? 3_000 : 6_000);
        }

        return totals;
    }

    private static PolicyCell Choose(RunEvidence[] runs, ArmEconomics[]? economics = null) =>
        AdaptivePolicy.Choose(runs, economics ?? Economics, [new WantedCell("s0", ["a", "b", "c"])], Terms).Cells[0];

    [Fact]
    public void Parts_sum_to_a_million_and_keep_every_floor() => Runs.Sample(runs =>
    {
        foreach (var cell in AdaptivePolicy.Choose(runs, Economics, [.. AdaptivePolicy.Foresee(["s0", "s1", "new"], ["a", "b", "c"])], Terms).Cells)
        {
            Assert.Equal(StableHash.Million, cell.NothingPartsPerMillion + cell.Arms.Sum(a => a.PartsPerMillion));
            Assert.True(cell.NothingPartsPerMillion >= Terms.HoldoutPartsPerMillion);
            Assert.All(cell.Arms, a => Assert.True(a.Blocked is null ? a.PartsPerMillion >= Terms.FloorPartsPerMillion : a.PartsPerMillion == 0));
        }
    }, iter: 30);

    [Fact]
    public void Cells_that_are_to_share_alike_are_moved_by_no_result_and_no_price() => Runs.Sample(runs =>
    {
        var outlook = new PolicyOutlook(runs, Economics, [new WantedCell("s0", ["a", "b", "c"], Alike: true), new WantedCell("s1", ["c", "a"], Alike: true)], Terms);
        foreach (var prices in new[] { PolicyPrices.None, new PolicyPrices(2, new Dictionary<string, double> { ["a"] = 500 }) })
        {
            var table = outlook.At(prices);
            Assert.Equal([100_000, 300_000, 300_000, 300_000], table.Cells[0].Arms.Select(a => a.PartsPerMillion).Prepend(table.Cells[0].NothingPartsPerMillion));
            Assert.Equal([("c", 450_000), ("a", 450_000)], table.Cells[1].Arms.Select(a => (a.Treatment, a.PartsPerMillion)));
        }
    }, iter: 10);

    [Fact]
    public void Listing_arms_cells_and_runs_in_another_order_changes_nothing() => Runs.Sample(runs =>
    {
        var turned = runs.Reverse().Select(r => r with
        {
            Cells = [.. r.Cells.Reverse().Select(c => c with { Eligible = "c|a|b", Arms = [c.Arms[2], c.Arms[0], c.Arms[1]] })],
        }).ToArray();
        var cell = Choose(runs);
        var other = AdaptivePolicy.Choose(turned, [Economics[1], Economics[2], Economics[0]], [new WantedCell("s0", ["c", "a", "b"])], Terms).Cells[0];

        Assert.Equal(cell.NothingPartsPerMillion, other.NothingPartsPerMillion);
        Assert.Equal(cell.Arms.OrderBy(a => a.Treatment), other.Arms.OrderBy(a => a.Treatment));
    }, iter: 20);

    [Fact]
    public void An_offer_that_is_worse_in_every_way_gets_its_floor_at_most()
    {
        // Dearer than a, gives more away, and fewer buy.
        var cell = Choose([.. Enumerable.Range(0, 5).Select(r => Run(r, [Cell("s0", 20_000, 0.02, 0.035, 0.02, 0.021), Cell("s1", 20_000, 0.03, 0.045, 0.03, 0.031)]))]);

        Assert.True(cell.Arms[0].PartsPerMillion > 800_000);
        Assert.All(cell.Arms.Skip(1), a => Assert.True(a.PartsPerMillion <= Terms.FloorPartsPerMillion));
    }

    [Fact]
    public void What_loses_money_beyond_doubt_is_blocked_and_says_why()
    {
        var cell = Choose([Run(0, [Cell("s0", 50_000, 0.03, 0.02, 0.03, 0.03)])]);

        Assert.Equal(0, cell.Arms[0].PartsPerMillion);
        Assert.Contains("loses money", cell.Arms[0].Blocked, StringComparison.Ordinal);
        Assert.True(cell.NothingPartsPerMillion > 800_000);
    }

    [Fact]
    public void Too_many_complaints_block_an_offer_that_earns()
    {
        var cell = Cell("s0", 10_000, 0.02, 0.04, 0.02, 0.02);
        cell.Arms[0] = cell.Arms[0] with { Totals = cell.Arms[0].Totals with { Complaints = 60 } };

        var arm = Choose([Run(0, [cell])]).Arms[0];

        Assert.True(arm.LowMinor > 0);
        Assert.Equal(0, arm.PartsPerMillion);
        Assert.Contains("complaints", arm.Blocked, StringComparison.Ordinal);
    }

    [Fact]
    public void More_evidence_narrows_what_is_believed()
    {
        var before = double.MaxValue;
        foreach (var runs in (int[])[1, 4, 16])
        {
            var arm = Choose([.. Enumerable.Range(0, runs).Select(r => Run(r, [Cell("s0", 2_000, 0.02, 0.03, 0.02, 0.02)]))]).Arms[0];
            Assert.True(arm.HighMinor - arm.LowMinor < 0.8 * before);
            before = arm.HighMinor - arm.LowMinor;
        }
    }

    [Fact]
    public void Without_evidence_the_variants_share_alike_what_the_holdout_leaves()
    {
        var cell = Choose([]);

        Assert.Equal(100_000, cell.NothingPartsPerMillion);
        Assert.Equal([300_000, 300_000, 300_000], cell.Arms.Select(a => a.PartsPerMillion));
        Assert.Null(cell.NothingBest);
    }

    [Fact]
    public void A_cell_in_which_nobody_bought_is_never_certain()
    {
        var cell = Choose([Run(0, [Cell("s0", 50, 0, 0, 0, 0), Cell("s1", 3_000, 0.03, 0.04, 0.03, 0.03)])]);

        Assert.All(cell.Arms, a => Assert.True(a.HighMinor > a.LowMinor && a.Blocked is null));
        Assert.True(cell.Arms[0].HighMinor > 0);
    }

    [Fact]
    public void Totals_of_buckets_add_up_to_the_last_bit() => Gen.Long[-10, 1_000_000].Array[0, 60].Sample(spends =>
    {
        var whole = spends.Aggregate(default(ArmTotals), (sum, s) => sum.With(s));
        var parts = spends.Chunk(7).Reverse().Select(chunk => chunk.Aggregate(default(ArmTotals), (sum, s) => sum.With(s))).Aggregate(default(ArmTotals), (a, b) => a + b);

        Assert.Equal(whole, parts);
        Assert.True(whole.LogSpendDeviations >= 0);
    });

    [Fact]
    public void Every_place_draws_the_arm_whose_share_it_lies_in()
    {
        var cell = Choose([]);

        Assert.Equal(-1, cell.Draw(0));
        Assert.Equal(-1, cell.Draw(cell.NothingPartsPerMillion - 1));
        Assert.Equal(0, cell.Draw(cell.NothingPartsPerMillion));
        Assert.Equal(2, cell.Draw(StableHash.Million - 1));
    }
}
