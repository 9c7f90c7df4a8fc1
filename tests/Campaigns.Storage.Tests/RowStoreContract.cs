using Campaigns.Core.Storage;
using CsCheck;

namespace Campaigns.Storage.Tests;

/// <summary>What every row store does. Each test has a table of its own. What it takes and refuses stands in RowStoreContract.Limits.cs.</summary>
public abstract partial class RowStoreContract
{
    private const string Partition = "b000";

    private static readonly CancellationToken Never = CancellationToken.None;

    protected abstract IRowStore Rows { get; }

    /// <summary>How many generated histories to try: fewer where each call is a request.</summary>
    protected abstract int Histories { get; }

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

    [Fact]
    public async Task A_buffer_that_is_filled_again_holds_the_very_rows_of_each_page()
    {
        // Payloads of very different lengths: the buffer grows, and what a longer row left behind must not show.
        await CommittedAsync([.. Enumerable.Range(0, 25).Select(i => (RowOperation)new RowOperation.Insert($"k{i:00}", Bytes([.. Enumerable.Repeat((byte)i, i % 3 == 0 ? 70_000 : i)])))]);
        using var buffer = new RowBuffer();
        foreach (var limit in new[] { 1, 4, 25, 1000 })
        {
            string? continuation = null;
            do
            {
                var page = await Rows.RangeAsync(Table, Partition, "k03", "k21", limit, continuation, Never);
                continuation = await Rows.FillAsync(buffer, Table, Partition, "k03", "k21", limit, continuation, Never);
                Assert.Equal(page.Continuation, continuation);
                Assert.Equal(page.Rows.Count, buffer.Count);
                for (var i = 0; i < buffer.Count; i++)
                {
                    Assert.Equal(page.Rows[i].Key, System.Text.Encoding.ASCII.GetString(buffer[i].Key));
                    Assert.Equal(page.Rows[i].ETag, buffer[i].ETag);
                    Assert.Equal(page.Rows[i].Payload.ToArray(), buffer[i].Payload.ToArray());
                }
            }
            while (continuation is not null);
        }

        Assert.Null(await Rows.FillAsync(buffer, Table, "nothing", "a", "b", 9, null, Never));
        Assert.Equal(0, buffer.Count);
    }

    [Fact]
    public async Task Of_many_writers_of_one_row_exactly_one_wins_each_round()
    {
        string? etag = null;
        for (var round = 0; round < 5; round++)
        {
            var write = etag;
            var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
                Task.Run(async () => await Rows.CommitAsync(Table, Partition, [RowOperation.Write("row", Bytes((byte)i), write), new RowOperation.Upsert($"w{i}", Bytes(1))], Never))));
            var winner = Assert.Single(results.OfType<CommitResult.Committed>());
            Assert.Equal(7, results.OfType<CommitResult.Conflict>().Count(c => c.Index == 0));
            etag = winner.ETags[0];
            var rows = await ScanAsync(" ", "~");
            Assert.Equal(etag, rows[0].ETag);
            Assert.Equal($"w{rows[0].Payload.Span[0]}", rows[^1].Key);
            Assert.Equal(2, rows.Count);
            await CommittedAsync(new RowOperation.Delete(rows[^1].Key));
        }
    }

    [Fact]
    public async Task Changes_from_many_sides_lose_none()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 5; i++)
            {
                while (true)
                {
                    var found = await GetAsync("count");
                    var next = (byte)((found?.Payload.Span[0] ?? 0) + 1);
                    if (await Rows.CommitAsync(Table, Partition, [RowOperation.Write("count", Bytes(next), found?.ETag)], Never) is CommitResult.Committed)
                    {
                        break;
                    }
                }
            }
        })));
        Assert.Equal(20, (await GetAsync("count"))!.Payload.Span[0]);
    }

    [Fact]
    public async Task Generated_histories_end_as_in_the_model()
    {
        var table = 0;
        await RowModel.Histories.SampleAsync(
            async history =>
            {
                var model = new RowModel();
                var name = Table + Interlocked.Increment(ref table);
                foreach (var commit in history)
                {
                    await model.CheckAsync(Rows, name, Partition, commit);
                }
            },
            iter: Histories,
            threads: 1);
    }

    [Fact]
    public async Task Bulk_writing_writes_everything_and_hands_conflicts_to_the_caller()
    {
        await CommittedAsync(new RowOperation.Insert("k0007", Bytes(1)), new RowOperation.Insert("k0150", Bytes(1)));
        var asked = new List<string>();
        await using (var bulk = new BulkWriter(Rows, Table, Partition, async (conflict, cancellation) =>
        {
            lock (asked)
            {
                asked.Add(conflict.Group[conflict.Index].Key);
            }

            if (conflict.Group.Count == 1)
            {
                return [];
            }

            var found = await GetAsync("k0150");
            return [conflict.Group[0], new RowOperation.Replace("k0150", Bytes(9), found!.ETag)];
        }))
        {
            for (var i = 0; i < 250; i++)
            {
                if (i == 149)
                {
                    await bulk.AddAsync([new RowOperation.Insert("k0149", Bytes(9)), new RowOperation.Insert("k0150", Bytes(9))], Never);
                }
                else if (i != 150)
                {
                    await bulk.AddAsync(new RowOperation.Insert($"k{i:0000}", Bytes(9)), Never);
                }
            }

            await bulk.CompleteAsync(Never);
            Assert.Equal(2, bulk.Conflicts);
        }

        Assert.Equal(["k0007", "k0150"], asked.Order(StringComparer.Ordinal));
        var rows = await ScanAsync(" ", "~");
        Assert.Equal(Enumerable.Range(0, 250).Select(i => $"k{i:0000}"), rows.Select(r => r.Key));
        Assert.Equal(["k0007"], rows.Where(r => r.Payload.Span[0] == 1).Select(r => r.Key));
    }

    [Fact]
    public async Task Bulk_writing_without_an_answer_to_conflicts_fails()
    {
        await CommittedAsync(new RowOperation.Insert("a", Bytes(1)));
        await using var bulk = new BulkWriter(Rows, Table, Partition);
        await bulk.AddAsync(new RowOperation.Insert("a", Bytes(2)), Never);
        await Assert.ThrowsAsync<IOException>(async () => await bulk.CompleteAsync(Never));
    }

    protected static byte[] Noise(int bytes, int seed)
    {
        var noise = new byte[bytes];
        new Random(seed).NextBytes(noise);
        return noise;
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
