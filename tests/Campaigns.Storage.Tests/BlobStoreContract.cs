using Campaigns.Core.Storage;

namespace Campaigns.Storage.Tests;

/// <summary>What every blob store does. Each test has a folder of its own.</summary>
public abstract class BlobStoreContract
{
    private static readonly CancellationToken Never = CancellationToken.None;

    protected abstract IBlobStore Blobs { get; }

    protected string Folder { get; } = Guid.NewGuid().ToString("N") + "/";

    [Fact]
    public async Task A_completed_blob_is_read_back()
    {
        await WriteAsync("a", [1, 2, 3]);
        await WriteAsync("empty", []);
        Assert.Equal(new byte[] { 1, 2, 3 }, await ReadAsync("a"));
        Assert.Equal(Array.Empty<byte>(), await ReadAsync("empty"));
        Assert.Null(await ReadAsync("missing"));
    }

    [Fact]
    public async Task A_writer_that_does_not_complete_leaves_nothing_and_harms_nothing()
    {
        await WriteAsync("a", new byte[5_000_000], complete: false);
        Assert.Null(await ReadAsync("a"));
        await WriteAsync("a", [1]);
        await WriteAsync("a", new byte[5_000_000], complete: false);
        Assert.Equal(new byte[] { 1 }, await ReadAsync("a"));
        Assert.Equal(["a"], (await ListAsync("")).Select(b => b.Name));
    }

    [Fact]
    public async Task A_blob_is_not_seen_before_its_writer_is_disposed()
    {
        await using (var writer = await Blobs.CreateAsync(Folder + "a", Never))
        {
            await writer.Stream.WriteAsync(new byte[5_000_000]);
            writer.Complete();
            Assert.Null(await ReadAsync("a"));
            Assert.Empty(await ListAsync(""));
        }

        Assert.Equal(5_000_000, (await ReadAsync("a"))!.Length);
    }

    [Fact]
    public async Task A_blob_is_replaced_as_a_whole_and_deleted_without_complaint()
    {
        await WriteAsync("a", new byte[5_000_000]);
        await WriteAsync("a", [2]);
        Assert.Equal(new byte[] { 2 }, await ReadAsync("a"));
        await Blobs.DeleteAsync(Folder + "a", Never);
        await Blobs.DeleteAsync(Folder + "a", Never);
        Assert.Null(await ReadAsync("a"));
    }

    [Fact]
    public async Task Blobs_are_listed_in_ordinal_order_with_their_sizes_and_only_below_the_prefix()
    {
        string[] names = ["b/2", "b/10", "B", "a b.csv", "b/1", "b", "b-1", "c"];
        foreach (var name in names)
        {
            await WriteAsync(name, new byte[name.Length]);
        }

        var all = await ListAsync("");
        Assert.Equal(names.Order(StringComparer.Ordinal), all.Select(b => b.Name));
        Assert.All(all, b => Assert.Equal(b.Name.Length, b.Bytes));
        Assert.Equal(["b/1", "b/10", "b/2"], (await ListAsync("b/")).Select(b => b.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a//b")]
    [InlineData("a/../b")]
    [InlineData("a?b")]
    [InlineData("é")]
    public async Task Names_that_mean_something_else_in_a_URL_are_refused(string name) =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await Blobs.CreateAsync(name, Never));

    [Fact]
    public async Task A_big_stream_passes_through_unchanged()
    {
        const int Pieces = 24;
        var piece = new byte[(1 << 20) + 12_345];
        new Random(5).NextBytes(piece);
        await using (var writer = await Blobs.CreateAsync(Folder + "big", Never))
        {
            // Compressing streams write in odd sizes, and the last of it synchronously.
            await using (var gzip = new System.IO.Compression.GZipStream(writer.Stream, System.IO.Compression.CompressionLevel.NoCompression))
            {
                for (var i = 0; i < Pieces; i++)
                {
                    await gzip.WriteAsync(piece);
                }
            }

            writer.Complete();
        }

        await using var stream = await Blobs.OpenAsync(Folder + "big", Never);
        await using var plain = new System.IO.Compression.GZipStream(stream!, System.IO.Compression.CompressionMode.Decompress);
        var read = new byte[piece.Length];
        for (var i = 0; i < Pieces; i++)
        {
            await plain.ReadExactlyAsync(read);
            Assert.True(read.AsSpan().SequenceEqual(piece));
        }

        Assert.Equal(0, await plain.ReadAsync(read));
    }

    private async Task<List<BlobEntry>> ListAsync(string prefix)
    {
        var entries = new List<BlobEntry>();
        await foreach (var entry in Blobs.ListAsync(Folder + prefix, Never))
        {
            entries.Add(entry with { Name = entry.Name[Folder.Length..] });
        }

        return entries;
    }

    protected async Task WriteAsync(string name, byte[] content, bool complete = true)
    {
        await using var writer = await Blobs.CreateAsync(Folder + name, Never);
        await writer.Stream.WriteAsync(content);
        if (complete)
        {
            writer.Complete();
        }
    }

    protected async Task<byte[]?> ReadAsync(string name)
    {
        await using var stream = await Blobs.OpenAsync(Folder + name, Never);
        if (stream is null)
        {
            return null;
        }

        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }
}
