using System.Buffers.Binary;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest.Spill;

/// <summary>Merges a bucket's sorted runs into one sorted stream of entries. Memory is one block per run.</summary>
internal sealed class SpillMerge : IAsyncDisposable
{
    private readonly List<RunReader> opened = [];
    private readonly PriorityQueue<RunReader, RunReader> queue = new(Comparer<RunReader>.Create(RunReader.Compare));
    private RunReader? current;

    /// <summary>The present entry, from the customer's hash on. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Entry => current!.Entry;

    /// <summary>Opens the runs.</summary>
    public static async ValueTask<SpillMerge> OpenAsync(IBlobStore blobs, string prefix, int runs, CancellationToken cancellation)
    {
        var merge = new SpillMerge();
        for (var run = 0; run < runs; run++)
        {
            var name = SpillWriter.RunName(prefix, run);
            var reader = new RunReader(run, await blobs.OpenAsync(name, cancellation) ?? throw new IOException($"Blob {name} is gone: import the file anew."));
            merge.opened.Add(reader);
            if (await reader.NextAsync(cancellation))
            {
                merge.queue.Enqueue(reader, reader);
            }
        }

        return merge;
    }

    /// <summary>Goes to the next entry, or gives false at the end.</summary>
    public ValueTask<bool> NextAsync(CancellationToken cancellation)
    {
        if (current is null)
        {
            return new ValueTask<bool>(queue.TryDequeue(out current, out _));
        }

        var next = current.NextAsync(cancellation);
        return next.IsCompletedSuccessfully ? new ValueTask<bool>(Advance(next.Result)) : Slow(next);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var reader in opened)
        {
            await reader.DisposeAsync();
        }
    }

    private async ValueTask<bool> Slow(ValueTask<bool> next) => Advance(await next);

    private bool Advance(bool more)
    {
        if (!more)
        {
            return queue.TryDequeue(out current, out _);
        }

        if (queue.Count > 0)
        {
            current = queue.EnqueueDequeue(current!, current!);
        }

        return true;
    }

    private sealed class RunReader(int run, Stream stream) : IAsyncDisposable
    {
        private byte[] buffer = new byte[32 * 1024];
        private int start;
        private int end;
        private int length;
        private ulong high;
        private ulong low;

        public ReadOnlySpan<byte> Entry => buffer.AsSpan(start, length);

        public static int Compare(RunReader? a, RunReader? b)
        {
            if (a!.high != b!.high)
            {
                return a.high < b.high ? -1 : 1;
            }

            if (a.low != b.low)
            {
                return a.low < b.low ? -1 : 1;
            }

            var order = SpillEntry.Compare(a.Entry, b.Entry);
            return order != 0 ? order : a.Run.CompareTo(b.Run);
        }

        private int Run { get; } = run;

        public ValueTask<bool> NextAsync(CancellationToken cancellation)
        {
            start += length;
            length = 0;
            return end - start >= 4 && end - start >= 4 + BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(start))
                ? new ValueTask<bool>(Take())
                : FillAsync(cancellation);
        }

        public ValueTask DisposeAsync() => stream.DisposeAsync();

        private bool Take()
        {
            length = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(start));
            start += 4;
            high = BinaryPrimitives.ReadUInt64BigEndian(buffer.AsSpan(start));
            low = BinaryPrimitives.ReadUInt64BigEndian(buffer.AsSpan(start + 8));
            return true;
        }

        private async ValueTask<bool> FillAsync(CancellationToken cancellation)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            end += await stream.ReadAtLeastAsync(buffer.AsMemory(end), Math.Max(1, 4 - end), throwOnEndOfStream: false, cancellation);
            if (end == 0)
            {
                return false;
            }

            var need = 4 + BinaryPrimitives.ReadInt32LittleEndian(buffer);
            if (need > buffer.Length)
            {
                Array.Resize(ref buffer, need);
            }

            if (end < need)
            {
                end += await stream.ReadAtLeastAsync(buffer.AsMemory(end), need - end, throwOnEndOfStream: true, cancellation);
            }

            return Take();
        }
    }
}
