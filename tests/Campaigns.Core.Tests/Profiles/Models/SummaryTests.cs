using Campaigns.Core.Profiles.Models;
using CsCheck;
using MemoryPack;

namespace Campaigns.Core.Tests.Profiles.Models;

public class SummaryTests
{
    [Fact]
    public void Merging_the_buckets_summaries_gives_the_whole_exactly() =>
        Gen.Select(ModelGen.Customers, Gen.Int[1, 16], Gen.Int[0, 1000]).Sample((customers, buckets, seed) =>
        {
            var whole = customers.Summary();
            var parts = Enumerable.Range(0, buckets).Select(b => customers.Where((_, i) => (i + seed) * 7919 % buckets == b).Summary());
            var merged = new RepeatSummary();
            foreach (var part in parts.ToArray().Shuffled(seed))
            {
                merged.Merge(MemoryPackSerializer.Deserialize<RepeatSummary>(MemoryPackSerializer.Serialize(part))!);
            }

            Assert.Equal(customers.Length, merged.Customers);
            Assert.Equal(customers.Count(c => c.X > 0), merged.RepeatCustomers);
            Assert.Equal(MemoryPackSerializer.Serialize(whole), MemoryPackSerializer.Serialize(merged));
        });

    [Fact]
    public void Merging_is_exact_beyond_the_limit_too() =>
        Gen.Select(Gen.ULong[0, 300].Array[0, 400], Gen.Int[1, 60], Gen.Int[1, 9], Gen.Int[0, 1000]).Sample((keys, limit, buckets, seed) =>
        {
            var whole = new GroupedCounts(limit);
            var parts = Enumerable.Range(0, buckets).Select(_ => new GroupedCounts(limit)).ToArray();
            for (var i = 0; i < keys.Length; i++)
            {
                whole.Add(keys[i], 1);
                parts[(i + seed) * 31 % buckets].Add(keys[i], 1);
            }

            var merged = new GroupedCounts(limit);
            foreach (var part in parts)
            {
                merged.Merge(GroupedCounts.FromBytes(part.ToBytes(), limit));
            }

            var (kept, counts) = merged.Sorted();
            Assert.Equal(keys.Length, merged.Total);
            Assert.Equal(keys.Distinct().OrderBy(GroupedCounts.Hash).Take(limit).Order(), kept);
            Assert.Equal(kept.Select(key => keys.LongCount(k => k == key)), counts);
            Assert.Equal(whole.Sorted().Counts, counts);
        });

    [Fact]
    public void Spends_merge_exactly_and_survive_storage() =>
        Gen.Select(Gen.Int[-1, 50], Gen.Long[-10, 100_000]).Array[0, 50].Sample(customers =>
        {
            var (whole, odd, even) = (new SpendSummary(), new SpendSummary(), new SpendSummary());
            for (var i = 0; i < customers.Length; i++)
            {
                var counted = whole.Add(customers[i].Item1, customers[i].Item2);
                Assert.Equal(customers[i].Item1 > 0 && customers[i].Item2 > 0, counted);
                (i % 2 == 0 ? even : odd).Add(customers[i].Item1, customers[i].Item2);
            }

            odd.Merge(MemoryPackSerializer.Deserialize<SpendSummary>(MemoryPackSerializer.Serialize(even))!);
            Assert.Equal(whole.Packed, odd.Packed);
            Assert.Equal(whole.Customers, odd.Customers);
        });

    [Fact]
    public void Values_that_cannot_be_are_brought_to_the_nearest_that_can()
    {
        var (odd, near) = (new RepeatSummary(), new RepeatSummary());
        odd.Add(-2, 5, -7);
        odd.Add(3, 50, 20);
        odd.Add(1_000_000, -4, 1_000_000);
        near.Add(0, 0, 0);
        near.Add(3, 20, 20);
        near.Add(RepeatSummary.MaxRepeatOrders, 0, RepeatSummary.MaxDays);

        Assert.Equal(MemoryPackSerializer.Serialize(near), MemoryPackSerializer.Serialize(odd));
    }

    [Fact]
    public void A_fitted_model_survives_storage()
    {
        var (bg, pareto, spend) = (new BgNbd(1, 2, 3, 4), new ParetoNbd(1, 2, 3, 4), new GammaGamma(1, 2, 3));
        Assert.Equal(bg, MemoryPackSerializer.Deserialize<BgNbd>(MemoryPackSerializer.Serialize(bg)));
        Assert.Equal(pareto, MemoryPackSerializer.Deserialize<ParetoNbd>(MemoryPackSerializer.Serialize(pareto)));
        Assert.Equal(spend, MemoryPackSerializer.Deserialize<GammaGamma>(MemoryPackSerializer.Serialize(spend)));
    }
}
