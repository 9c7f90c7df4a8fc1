namespace Campaigns.Core.Storage;

/// <summary>
/// The blob port: named streams. Names are ASCII paths with '/'. A blob appears whole when its writer is disposed after
/// <see cref="BlobWriter.Complete"/>, replacing what had the name; a writer disposed without it leaves nothing.
/// </summary>
public interface IBlobStore
{
    /// <summary>A stream that becomes the blob on completion. Memory stays flat whatever the size.</summary>
    ValueTask<BlobWriter> CreateAsync(string name, CancellationToken cancellation);

    /// <summary>The blob's content from the start, or null where there is none. Forward-only.</summary>
    ValueTask<Stream?> OpenAsync(string name, CancellationToken cancellation);

    /// <summary>Deletes the blob; a missing one is no error.</summary>
    ValueTask DeleteAsync(string name, CancellationToken cancellation);

    /// <summary>The blobs whose names start with <paramref name="prefix"/>, in ordinal order.</summary>
    IAsyncEnumerable<BlobEntry> ListAsync(string prefix, CancellationToken cancellation);
}

/// <summary>A blob's name, size in bytes and time of writing.</summary>
public sealed record BlobEntry(string Name, long Bytes, DateTimeOffset WrittenAt);

/// <summary>Writes one blob.</summary>
public abstract class BlobWriter : IAsyncDisposable
{
    /// <summary>Where the content goes.</summary>
    public abstract Stream Stream { get; }

    /// <summary>Says that the content is whole; the blob appears on disposal.</summary>
    public abstract void Complete();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
