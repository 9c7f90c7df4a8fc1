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

/// <summary>Limits of a blob store: those of Azure, refused alike by every adapter.</summary>
public static class BlobLimits
{
    /// <summary>Azure allows 1,024 characters; ours are far below, so a longer one is a fault.</summary>
    public const int NameLength = 512;

    /// <summary>Throws <see cref="ArgumentException"/> where a name is empty, too long, or means something else in a URL.</summary>
    public static void CheckName(string name)
    {
        if (name.Length is 0 or > NameLength)
        {
            throw new ArgumentException($"A blob's name has 1 to {NameLength} characters; this one has {name.Length}.", nameof(name));
        }

        foreach (var c in name)
        {
            if (c is < ' ' or > '~' or '\\' or '#' or '?' or '%')
            {
                throw new ArgumentException($"The blob name '{name}' holds a character that it may not hold (printable ASCII without \\ # ? %).", nameof(name));
            }
        }

        if (name[0] == '/' || name[^1] is '/' or '.' || name.Contains("//", StringComparison.Ordinal) || name.Contains("./", StringComparison.Ordinal))
        {
            throw new ArgumentException($"The blob name '{name}' has an empty part or one that ends in a dot.", nameof(name));
        }
    }
}
