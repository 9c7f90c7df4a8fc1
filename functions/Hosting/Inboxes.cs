using System.Runtime.CompilerServices;
using Campaigns.Core.Ingest;
using Campaigns.Core.Storage;

namespace Campaigns.Functions.Hosting;

/// <summary>Files that are put into a folder of this machine, or of a share that it has mounted.</summary>
public sealed class FolderInbox(string folder) : IInbox
{
    /// <inheritdoc/>
    public string Description => folder;

    /// <inheritdoc/>
    public async IAsyncEnumerable<InboxFile> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        // Hidden files are other programs' own, and links might lead anywhere.
        var options = new EnumerationOptions { AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint };
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", options).OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new InboxFile(file.Name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc));
        }
    }

    /// <inheritdoc/>
    public ValueTask<Stream?> OpenAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return ValueTask.FromResult<Stream?>(new FileStream(
                Path.Combine(folder, Path.GetFileName(name)), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 128 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan));
        }
        catch (FileNotFoundException)
        {
            return ValueTask.FromResult<Stream?>(null);
        }
    }
}

/// <summary>Files that are put into a container of blobs.</summary>
public sealed class BlobInbox(IBlobStore blobs, string container) : IInbox
{
    /// <inheritdoc/>
    public string Description => $"blob container {container}";

    /// <inheritdoc/>
    public async IAsyncEnumerable<InboxFile> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var blob in blobs.ListAsync("", cancellation))
        {
            if (!blob.Name.Contains('/', StringComparison.Ordinal))
            {
                yield return new InboxFile(blob.Name, blob.Bytes, blob.WrittenAt);
            }
        }
    }

    /// <inheritdoc/>
    public string? Refusal(string name)
    {
        try
        {
            BlobLimits.CheckName(name);
            return null;
        }
        catch (ArgumentException)
        {
            return "The name holds characters that it may not hold: use letters, digits, hyphens and dots.";
        }
    }

    /// <inheritdoc/>
    public ValueTask<Stream?> OpenAsync(string name, CancellationToken cancellation) => blobs.OpenAsync(name, cancellation);
}
