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
internal sealed class AzureBlobWriter : BlobWriter
{
    /// <summary>Bytes of a block: 50,000 of them, the most of a blob, make 195 GiB.</summary>
    public const int BlockBytes = 4 << 20;

    private readonly BlockBlobClient client;
    private readonly ChunkStream stream;
    private readonly List<string> blocks = [];

    /// <summary>Keeps the blocks of two writers of one name apart.</summary>
    private readonly string own = RandomNumberGenerator.GetHexString(16, lowercase: true);

    private bool complete;
    private bool disposed;

    public AzureBlobWriter(BlockBlobClient client)
    {
        this.client = client;
        stream = new ChunkStream(BlockBytes, WriteBlockAsync);
    }

    public override Stream Stream => stream;

    public override void Complete() => complete = true;

    public override async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        try
        {
            if (complete && !stream.Failed)
            {
                await stream.FinishAsync();
                await client.CommitBlockListAsync(blocks, cancellationToken: CancellationToken.None);
            }
        }
        finally
        {
            await stream.SettleAsync();
            stream.Close();
        }
    }

    private async ValueTask WriteBlockAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        // All ids of a blob have the same length.
        var id = Convert.ToBase64String(Encoding.ASCII.GetBytes(own + blocks.Count.ToString("00000", CultureInfo.InvariantCulture)));
        MemoryMarshal.TryGetArray(content, out var bytes);
        using var block = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        await client.StageBlockAsync(id, block, cancellationToken: cancellation);
        blocks.Add(id);
    }
}
