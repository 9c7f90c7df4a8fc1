using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Ingest;

/// <summary>A place where files are put to be imported: a folder, or a container of blobs. It is only read; nothing in it is changed or deleted.</summary>
public interface IInbox
{
    /// <summary>Name for people.</summary>
    string Description { get; }

    /// <summary>The files in it, folders within it left out.</summary>
    IAsyncEnumerable<InboxFile> ListAsync(CancellationToken cancellation);

    /// <summary>Why a file of the name cannot be opened, and what to do; null where it can.</summary>
    string? Refusal(string name) => null;

    /// <summary>A file's content, or null where it is gone.</summary>
    ValueTask<Stream?> OpenAsync(string name, CancellationToken cancellation);
}

/// <summary>A file of an inbox: written anew, it is another one.</summary>
/// <param name="Name">Name, without a path.</param>
/// <param name="Bytes">Size.</param>
/// <param name="WrittenAt">When it was written last (system time).</param>
public sealed record InboxFile(string Name, long Bytes, DateTimeOffset WrittenAt);

/// <summary>What became of a file of the inbox.</summary>
[MemoryPackable]
public sealed partial record InboxRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Name of the file.</summary>
    public required string Name { get; init; }

    /// <summary>When it was taken or refused (system time).</summary>
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>The import that it became, or null.</summary>
    public string? Import { get; init; }

    /// <summary>Why it was refused, and what to do; or null.</summary>
    public string? Refusal { get; init; }
}
