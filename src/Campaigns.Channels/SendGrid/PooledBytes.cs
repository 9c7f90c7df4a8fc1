using System.Buffers;

namespace Campaigns.Channels.SendGrid;

/// <summary>
/// Bytes of a request in memory that the next request uses again: a call to a thousand recipients has some 1.5 MB, which as a new array each
/// time made the collector go through the whole heap. Valid until disposed. Not for several threads.
/// </summary>
internal sealed class PooledBytes : IBufferWriter<byte>, IDisposable
{
    private const int LeastBytes = 64 * 1024;

    private byte[] bytes = ArrayPool<byte>.Shared.Rent(LeastBytes);
    private int used;

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => bytes.AsMemory(0, used);

    /// <inheritdoc/>
    public void Advance(int count) => used += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        var least = used + Math.Max(sizeHint, 1);
        if (least > bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(least, 2 * bytes.Length));
            bytes.AsSpan(0, used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }

        return bytes.AsMemory(used);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public void Dispose()
    {
        used = 0;
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
    }
}
