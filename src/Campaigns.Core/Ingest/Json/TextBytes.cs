using System.Text;

namespace Campaigns.Core.Ingest.Json;

/// <summary>A reader's characters as UTF-8 bytes, for parsers that want bytes.</summary>
internal sealed class TextBytes(TextReader reader) : Stream
{
    private readonly Encoder encoder = Encoding.UTF8.GetEncoder();
    private readonly char[] chars = new char[16 * 1024];
    private readonly byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(16 * 1024)];
    private int at;
    private int end;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (at == end)
        {
            var read = reader.Read(chars, 0, chars.Length);
            (at, end) = (0, encoder.GetBytes(chars, 0, read, bytes, 0, flush: read == 0));
        }

        var some = Math.Min(count, end - at);
        Array.Copy(bytes, at, buffer, offset, some);
        at += some;
        return some;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
