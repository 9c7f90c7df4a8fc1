namespace Campaigns.Core.Storage;

/// <summary>
/// What the writers of both adapters share: content goes out chunk by chunk, and on disposal the blob is published if it is
/// whole, and dropped if it is not.
/// </summary>
public abstract class ChunkedBlobWriter : BlobWriter
{
    private readonly ChunkStream stream;
    private bool complete;
    private bool disposed;

    /// <param name="chunkBytes">Bytes of a chunk; memory holds two.</param>
    protected ChunkedBlobWriter(int chunkBytes) => stream = new ChunkStream(chunkBytes, WriteChunkAsync);

    /// <inheritdoc/>
    public override Stream Stream => stream;

    /// <inheritdoc/>
    public override void Complete() => complete = true;

    /// <inheritdoc/>
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
                await PublishAsync();
            }
            else
            {
                await stream.SettleAsync();
                await DropAsync();
            }
        }
        finally
        {
            await stream.SettleAsync();
            stream.Close();
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>Writes the next chunk, which it may use until it returns.</summary>
    protected abstract ValueTask WriteChunkAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation);

    /// <summary>All chunks are written: makes the blob appear under its name, in place of an earlier one.</summary>
    protected abstract ValueTask PublishAsync();

    /// <summary>Removes what was written of a blob that will never be whole.</summary>
    protected abstract ValueTask DropAsync();
}
