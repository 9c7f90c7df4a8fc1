using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Segments;

public class MembershipWritesTests
{
    [Fact]
    public async Task Two_runs_of_the_same_part_end_in_the_same_memberships()
    {
        await using var store = await SegmentShop.OpenAsync(1);
        var (partition, asOf) = (store.PartitionOf("c"), ShopGen.Start);
        var customers = Enumerable.Range(0, 250).Select(i => store.KeyOf("c" + i)).ToList();
        var (one, other) = (new MembershipWrites(store.Rows, partition, RetailScheme.Scheme, asOf), new MembershipWrites(store.Rows, partition, RetailScheme.Scheme, asOf));
        var set = RetailScheme.Scheme.SetOf(SegmentNames.New);
        // Both read before either wrote: every row that the second one notes is in conflict.
        foreach (var key in customers)
        {
            await one.ApplyAsync(key, set, null, CancellationToken.None);
            await other.ApplyAsync(key, set, null, CancellationToken.None);
        }

        await one.FlushAsync(CancellationToken.None);
        var first = await store.MembershipsAsync();
        await other.FlushAsync(CancellationToken.None);
        var second = await store.MembershipsAsync();

        Assert.Equal(250, first.Count);
        Assert.Equal(first.Values.Select(r => r.ETag), second.Values.Select(r => r.ETag));
        Assert.All(second.Values, r => Assert.Equal(SegmentNames.New, RowCodec.Decode<MembershipRow>(r.Payload).Primary));
    }

    [Fact]
    public async Task A_row_that_somebody_else_wrote_is_decided_anew()
    {
        await using var store = await SegmentShop.OpenAsync(1);
        var (partition, key, asOf) = (store.PartitionOf("c"), store.KeyOf("c"), ShopGen.Start);
        var writes = new MembershipWrites(store.Rows, partition, RetailScheme.Scheme, asOf);
        await writes.ApplyAsync(key, RetailScheme.Scheme.SetOf(SegmentNames.Loyal), null, CancellationToken.None);
        var earlier = MembershipChange.Apply(null, RetailScheme.Scheme, RetailScheme.Scheme.SetOf(SegmentNames.New), asOf.AddDays(-9))!;
        await store.Rows.CommitAsync(Tables.Customers, partition, [new RowOperation.Upsert(Tables.Membership(key), RowCodec.Encode(earlier))], CancellationToken.None);

        await writes.FlushAsync(CancellationToken.None);

        var row = await store.MembershipAsync("c");
        Assert.Equal(SegmentNames.Loyal, row!.Primary);
        Assert.Equal([new Membership(SegmentNames.New, asOf.AddDays(-9), asOf)], row.Past);
    }
}
