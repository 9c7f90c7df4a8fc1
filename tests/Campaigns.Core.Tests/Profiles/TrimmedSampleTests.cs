using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;

namespace Campaigns.Core.Tests.Profiles;

public class TrimmedSampleTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(16)]
    public void Parts_that_forget_early_what_the_whole_will_not_keep_merge_to_the_same_sample(int parts)
    {
        const int Limit = 200;
        var ids = Enumerable.Range(0, 40_000).Select(i => "c" + i).ToList();
        var whole = new BottomSample<TiedId>(Limit, []);
        ids.ForEach(id => whole.Add(ItemOf(id)));

        var merged = new BottomSample<TiedId>(Limit, []);
        var most = 0;
        foreach (var part in ids.GroupBy(id => StableHash.Of("bucket", id) % (ulong)parts))
        {
            var (sample, offered) = (new BottomSample<TiedId>(Limit, []), 0);
            foreach (var id in part)
            {
                sample.Add(ItemOf(id));
                if (++offered % 500 == 0)
                {
                    sample.TrimAsPart(parts, offered);
                }
            }

            most = Math.Max(most, sample.Items.Length);
            merged.Merge(sample);
        }

        Assert.Equal(whole.Items, merged.Items);
        // A part keeps a few times its share, no more; a whole is never trimmed.
        Assert.InRange(most, Limit / parts, parts == 1 ? Limit : Math.Min(Limit, 6 * Limit / parts));
    }

    [Fact]
    public void A_small_part_forgets_nothing()
    {
        var sample = new BottomSample<TiedId>(10, []);
        for (var i = 0; i < 10; i++)
        {
            sample.Add(ItemOf("c" + i));
        }

        sample.TrimAsPart(256, 10);
        Assert.Equal(10, sample.Items.Length);
    }

    private static TiedId ItemOf(string id) => new(StableHash.Of("item", id), id);
}
