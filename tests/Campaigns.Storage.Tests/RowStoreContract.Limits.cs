using Campaigns.Core.Storage;

namespace Campaigns.Storage.Tests;

/// <summary>Which keys, payloads and commits every row store takes, and which it refuses; how keys are ordered.</summary>
public abstract partial class RowStoreContract
{
    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a\tb")]
    [InlineData("é")]
    public async Task Keys_that_Azure_forbids_are_refused(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await Rows.CommitAsync(Table, Partition, [new RowOperation.Upsert(key, Bytes(1))], Never));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Rows.CommitAsync(Table, key, [new RowOperation.Upsert("a", Bytes(1))], Never));
    }

    [Theory]
    [InlineData("a'b")]
    [InlineData("a%20b")]
    [InlineData("a b&c=d+e")]
    [InlineData("(a,b);{c}[d]\"e\"")]
    [InlineData("~2f|b:c@d^e`f$g!h*i<j>k.l-m_n")]
    public async Task Any_other_printable_key_works(string key)
    {
        var etag = (await CommittedAsync(new RowOperation.Insert(key, Bytes(1))))[0]!;
        Assert.Equal(etag, (await GetAsync(key))!.ETag);
        Assert.Equal([key], (await ScanAsync(key, key + "~")).Select(r => r.Key));
        await CommittedAsync(new RowOperation.Replace(key, Bytes(2), etag));
        await Rows.CommitAsync(Table, key, [new RowOperation.Insert("a", Bytes(1))], Never);
        Assert.NotNull(await Rows.GetAsync(Table, key, "a", Never));
        Assert.Contains(key, await PartitionsAsync());
        await CommittedAsync(new RowOperation.Delete(key));
        Assert.Null(await GetAsync(key));
    }

    [Fact]
    public async Task The_longest_key_works_and_a_longer_one_is_refused()
    {
        var key = new string('k', RowLimits.KeyLength);
        await CommittedAsync(new RowOperation.Insert(key, Bytes(1)));
        Assert.NotNull(await GetAsync(key));
        await Assert.ThrowsAsync<ArgumentException>(async () => await CommittedAsync(new RowOperation.Insert(key + "k", Bytes(1))));
    }

    [Fact]
    public async Task Limits_of_a_commit_are_refused_and_nothing_is_written()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => CommittedAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => CommittedAsync([.. Enumerable.Range(0, 101).Select(i => new RowOperation.Upsert($"k{i}", Bytes(1)))]));
        await Assert.ThrowsAsync<ArgumentException>(() => CommittedAsync(new RowOperation.Upsert("a", Bytes(1)), new RowOperation.Delete("a")));
        await Assert.ThrowsAsync<ArgumentException>(() => CommittedAsync(new RowOperation.Upsert("a", new byte[RowLimits.BytesPerRow + 1])));
        var third = new byte[(RowLimits.BytesPerCommit / 4) + 1];
        await Assert.ThrowsAsync<ArgumentException>(() => CommittedAsync([.. Enumerable.Range(0, 4).Select(i => new RowOperation.Upsert($"k{i}", third))]));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Rows.CommitAsync("no-table", Partition, [new RowOperation.Upsert("a", Bytes(1))], Never));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Rows.RangeAsync(Table, Partition, "a", "b", 0, null, Never));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Rows.RangeAsync(Table, Partition, "a", "b", RowLimits.PageSize + 1, null, Never));
        Assert.Empty(await PartitionsAsync());
    }

    [Theory]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(131_072)]
    [InlineData(900 * 1024)]
    [InlineData(RowLimits.BytesPerRow)]
    public async Task Large_payloads_come_back_byte_for_byte(int bytes)
    {
        var payload = Noise(bytes, seed: bytes);
        await CommittedAsync(new RowOperation.Insert("large", payload), new RowOperation.Insert("small", Bytes(1)));
        Assert.True((await GetAsync("large"))!.Payload.Span.SequenceEqual(payload));
        // A shorter payload leaves nothing of the longer one.
        await CommittedAsync(new RowOperation.Upsert("large", Bytes(7)));
        Assert.Equal([7], (await GetAsync("large"))!.Payload.ToArray());
    }

    [Fact]
    public async Task The_largest_commit_is_taken_and_read_back_by_pages()
    {
        var payload = Noise(RowLimits.BytesPerCommit / RowLimits.OperationsPerCommit, seed: 1);
        var prefix = new string('k', RowLimits.KeyLength - 3);
        await CommittedAsync([.. Enumerable.Range(0, RowLimits.OperationsPerCommit).Select(i => new RowOperation.Insert(prefix + i.ToString("000"), payload))]);
        Assert.Equal(RowLimits.OperationsPerCommit, (await ScanAsync("k", "l")).Count);
    }

    [Fact]
    public async Task Keys_are_ordered_ordinally()
    {
        string[] keys = ["a", "B", "b", "a|1", "a|10", "a|2", "a~", "A", "0", " ", "a b", "a-b", "a_b"];
        await CommittedAsync([.. keys.Select(k => new RowOperation.Insert(k, Bytes(1)))]);
        Assert.Equal(keys.Order(StringComparer.Ordinal), (await ScanAsync(" ", "~")).Select(r => r.Key));
        Assert.Equal(["a|1", "a|10", "a|2"], (await ScanAsync("a|", Keys.After("a|"))).Select(r => r.Key));
        Assert.Empty(await ScanAsync("b", "b"));
        Assert.Empty(await ScanAsync("b", "a"));
    }
}
