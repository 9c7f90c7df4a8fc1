using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Azure.Storage.Blobs.Specialized;
using Campaigns.Core.Storage;

namespace Campaigns.Azure.Blobs;

/// <summary>
/// Writes a blob block by block; the blob appears with the commit of the list of its blocks. Blocks of a writer that never
/// comes to its end are removed by Azure after a week. Two writers of one name at a time: the later commit fails where the
/// earlier one threw its blocks away.
/// </summary>
internal sealed class AzureBlobWriter : ChunkedBlobWriter
{
    /// <summary>Bytes of a block: 50,000 of them, the most of a blob, make 195 GiB.</summary>
    public const int BlockBytes = 4 << 20;

    private readonly BlockBlobClient client;
    private readonly List<string> blocks = [];

    /// <summary>Keeps the blocks of two writers of one name apart.</summary>
    private readonly string own = RandomNumberGenerator.GetHexString(16, lowercase: true);

    public AzureBlobWriter(BlockBlobClient client)
        : base(BlockBytes) => this.client = client;

    protected override async ValueTask WriteChunkAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        // All ids of a blob have the same length.
        var id = Convert.ToBase64String(Encoding.ASCII.GetBytes(own + blocks.Count.ToString("00000", CultureInfo.InvariantCulture)));
        MemoryMarshal.TryGetArray(content, out var bytes);
        using var block = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        await client.StageBlockAsync(id, block, cancellationToken: cancellation);
        blocks.Add(id);
    }

    protected override async ValueTask PublishAsync() => await client.CommitBlockListAsync(blocks, cancellationToken: CancellationToken.None);

    /// <summary>Nothing: Azure removes blocks that no list names.</summary>
    protected override ValueTask DropAsync() => ValueTask.CompletedTask;
}
