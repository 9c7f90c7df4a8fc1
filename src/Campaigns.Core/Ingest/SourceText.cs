using System.IO.Compression;
using System.Text;
using Campaigns.Core.Jobs;

namespace Campaigns.Core.Ingest;

/// <summary>
/// The characters of an import's content. Compression and encoding are seen from the bytes, whatever the name says: gzip
/// by its magic number; UTF-8 with or without a mark; bytes that are not UTF-8 are read as Windows-1252, and
/// <see cref="OtherEncoding"/> says so afterwards.
/// </summary>
internal sealed class SourceText : IDisposable
{
    private readonly Fallback fallback = new();

    private SourceText(Stream content, byte[] start)
    {
        Start = start;
        var encoding = Encoding.GetEncoding("utf-8", EncoderFallback.ReplacementFallback, fallback);
        Reader = new StreamReader(content, encoding, detectEncodingFromByteOrderMarks: false, bufferSize: 128 * 1024);
    }

    /// <summary>The characters.</summary>
    public StreamReader Reader { get; }

    /// <summary>The first bytes, decompressed.</summary>
    public ReadOnlyMemory<byte> Start { get; }

    /// <summary>Bytes were found that are not UTF-8.</summary>
    public bool OtherEncoding => fallback.Used;

    /// <summary>Opens the content, or throws <see cref="JobFailedException"/> where it is no text.</summary>
    public static async ValueTask<SourceText> OpenAsync(Stream content, CancellationToken cancellation)
    {
        var (stream, start) = await PeekAsync(content, cancellation);
        if (start.AsSpan().StartsWith((byte[])[0x1f, 0x8b]))
        {
            (stream, start) = await PeekAsync(new GZipStream(stream, CompressionMode.Decompress), cancellation);
        }

        Refuse(start);
        var mark = start.AsSpan().StartsWith((byte[])[0xef, 0xbb, 0xbf]) ? 3 : 0;
        await stream.ReadExactlyAsync(new byte[mark], cancellation);
        return new SourceText(stream, start[mark..]);
    }

    /// <inheritdoc/>
    public void Dispose() => Reader.Dispose();

    private static void Refuse(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty)
        {
            throw new JobFailedException("The file is empty.");
        }

        if (start.StartsWith("PK"u8))
        {
            throw new JobFailedException("This is a ZIP or Excel file, not CSV: unpack it, or save the sheet as CSV (UTF-8).");
        }

        if (start.StartsWith((byte[])[0xff, 0xfe]) || start.StartsWith((byte[])[0xfe, 0xff]))
        {
            throw new JobFailedException("The file is UTF-16: save it as CSV (UTF-8).");
        }

        if (start.Contains((byte)0))
        {
            throw new JobFailedException("This is not a text file: save the orders as CSV (UTF-8) or JSON.");
        }
    }

    private static async ValueTask<(Stream Stream, byte[] Start)> PeekAsync(Stream stream, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        int read;
        try
        {
            read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        }
        catch (InvalidDataException)
        {
            throw new JobFailedException("The gzip file is damaged: compress it anew, or send it uncompressed.");
        }

        var start = buffer[..read];
        return (new ForwardStream(stream, start), start);
    }

    /// <summary>Reads bytes that are not UTF-8 as Windows-1252 (WHATWG Encoding Standard, index windows-1252).</summary>
    private sealed class Fallback : DecoderFallback
    {
        private static readonly Encoding Western = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

        public bool Used { get; private set; }

        public override int MaxCharCount => 4;

        public override DecoderFallbackBuffer CreateFallbackBuffer() => new FallbackBuffer(this);

        private sealed class FallbackBuffer(Fallback owner) : DecoderFallbackBuffer
        {
            private string text = "";
            private int at;

            public override int Remaining => text.Length - at;

            public override bool Fallback(byte[] bytesUnknown, int index)
            {
                owner.Used = true;
                text = Western.GetString(bytesUnknown);
                at = 0;
                return text.Length > 0;
            }

            public override char GetNextChar() => at < text.Length ? text[at++] : '\0';

            public override bool MovePrevious()
            {
                if (at == 0)
                {
                    return false;
                }

                at--;
                return true;
            }
        }
    }
}
