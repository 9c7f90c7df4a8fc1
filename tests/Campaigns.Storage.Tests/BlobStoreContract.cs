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
