using Campaigns.Core.Storage;

namespace Campaigns.Storage.Tests;

/// <summary>What every row store does. Each test has a table of its own.</summary>
public abstract class RowStoreContract
{
    private const string Partition = "b000";

    private static readonly CancellationToken Never = CancellationToken.None;

    protected abstract IRowStore Rows { get; }

    protected string Table { get; } = "t" + Guid.NewGuid().ToString("N");

    [Fact]
    public async Task What_was_written_is_read_back()
    {
        var etags = await CommittedAsync(new RowOperation.Insert("a", Bytes(1, 2, 3)), new RowOperation.Upsert("b", Bytes()));
        var a = await GetAsync("a");
        Assert.Equal("a", a!.Key);
        Assert.Equal(etags[0], a.ETag);
        Assert.Equal([1, 2, 3], a.Payload.ToArray());
        var b = await GetAsync("b");
        Assert.Equal(etags[1], b!.ETag);
        Assert.Equal(0, b.Payload.Length);
    }

    [Fact]
    public async Task Tables_and_partitions_that_were_never_written_are_empty()
    {
        Assert.Null(await GetAsync("a"));
        Assert.Empty(await ScanAsync(" ", "~"));
        Assert.Empty(await PartitionsAsync());
        await CommittedAsync(new RowOperation.Insert("a", Bytes(1)));
        Assert.Null(await Rows.GetAsync(Table, "other", "a", Never));
        Assert.Equal([Partition], await PartitionsAsync());
    }

    [Fact]
    public async Task An_insert_of_an_existing_row_is_a_conflict_and_changes_nothing()
    {
        await CommittedAsync(new RowOperation.Insert("c", Bytes(1)));
        Assert.Equal(2, await ConflictAsync(new RowOperation.Insert("a", Bytes(2)), new RowOperation.Upsert("b", Bytes(2)), new RowOperation.Insert("c", Bytes(2)), new RowOperation.Insert("d", Bytes(2))));
        Assert.Equal(["c"], (await ScanAsync(" ", "~")).Select(r => r.Key));
        Assert.Equal([1], (await GetAsync("c"))!.Payload.ToArray());
    }

    [Fact]
    public async Task A_replace_wants_the_present_etag()
    {
        var first = (await CommittedAsync(new RowOperation.Insert("a", Bytes(1))))[0]!;
        var second = (await CommittedAsync(new RowOperation.Replace("a", Bytes(2), first)))[0]!;
        Assert.NotEqual(first, second);
        Assert.Equal(0, await ConflictAsync(new RowOperation.Replace("a", Bytes(3), first)));
        Assert.Equal(1, await ConflictAsync(new RowOperation.Upsert("z", Bytes(3)), new RowOperation.Replace("missing", Bytes(3), second)));
        Assert.Equal([2], (await GetAsync("a"))!.Payload.ToArray());
        Assert.Null(await GetAsync("z"));
    }

    [Fact]
    public async Task A_delete_with_an_etag_wants_the_row_and_one_without_does_not()
    {
        var first = (await CommittedAsync(new RowOperation.Insert("a", Bytes(1))))[0]!;
        var second = (await CommittedAsync(new RowOperation.Upsert("a", Bytes(2))))[0]!;
        Assert.Equal(0, await ConflictAsync(new RowOperation.Delete("a", first)));
        Assert.Equal([null], await CommittedAsync(new RowOperation.Delete("a", second)));
        Assert.Null(await GetAsync("a"));
        Assert.Equal(0, await ConflictAsync(new RowOperation.Delete("a", second)));
        Assert.Equal([null], await CommittedAsync(new RowOperation.Delete("a")));
        Assert.Equal([null, null], (await CommittedAsync(new RowOperation.Delete("a"), new RowOperation.Delete("b"))));
    }

    [Fact]
    public async Task An_etag_never_comes_back_even_after_a_delete()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 5; i++)
        {
            Assert.True(seen.Add((await CommittedAsync(new RowOperation.Insert("a", Bytes(1))))[0]!));
            Assert.True(seen.Add((await CommittedAsync(new RowOperation.Upsert("a", Bytes(1))))[0]!));
            await CommittedAsync(new RowOperation.Delete("a"));
        }
    }

    [Fact]
    public async Task Pages_hold_no_more_than_asked_and_join_to_the_whole_range_in_order()
    {
        var keys = Enumerable.Range(0, 25).Select(i => $"k{i * 7 % 25:00}").ToArray();
        await CommittedAsync([.. keys.Select(k => (RowOperation)new RowOperation.Insert(k, Bytes(9)))]);
        foreach (var limit in new[] { 1, 4, 25, 1000 })
        {
            var found = new List<string>();
            string? continuation = null;
            do
            {
                var page = await Rows.RangeAsync(Table, Partition, "k03", "k21", limit, continuation, Never);
                Assert.True(page.Rows.Count <= limit);
                found.AddRange(page.Rows.Select(r => r.Key));
                continuation = page.Continuation;
            }
            while (continuation is not null);

            Assert.Equal(Enumerable.Range(3, 18).Select(i => $"k{i:00}"), found);
        }
    }

    protected static ReadOnlyMemory<byte> Bytes(params byte[] bytes) => bytes;

    protected ValueTask<Row?> GetAsync(string key) => Rows.GetAsync(Table, Partition, key, Never);

    protected async Task<IReadOnlyList<string?>> CommittedAsync(params RowOperation[] operations) =>
        Assert.IsType<CommitResult.Committed>(await Rows.CommitAsync(Table, Partition, operations, Never)).ETags;

    protected async Task<int> ConflictAsync(params RowOperation[] operations) =>
        Assert.IsType<CommitResult.Conflict>(await Rows.CommitAsync(Table, Partition, operations, Never)).Index;

    protected async Task<List<Row>> ScanAsync(string from, string before)
    {
        var rows = new List<Row>();
        await foreach (var row in Rows.ScanAsync(Table, Partition, from, before))
        {
            rows.Add(row);
        }

        return rows;
    }

    protected async Task<List<string>> PartitionsAsync()
    {
        var partitions = new List<string>();
        await foreach (var partition in Rows.PartitionsAsync(Table, Never))
        {
            partitions.Add(partition);
        }

        return partitions;
    }
}
