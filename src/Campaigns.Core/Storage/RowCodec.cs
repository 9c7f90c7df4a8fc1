using System.Buffers;
using MemoryPack;

namespace Campaigns.Core.Storage;

/// <summary>A type that is stored as a row's payload. Members may be added at the end; any other change raises the version.</summary>
public interface IStoredRow
{
    /// <summary>Version of the encoding, 1 … 255: the payload's first byte.</summary>
    static abstract byte Version { get; }
}

/// <summary>
/// The one encoding of payloads: a version byte, then MemoryPack. Equal values may have different bytes, because MemoryPack
/// copies the padding inside value types such as DateTimeOffset: compare what was decoded.
/// </summary>
public static class RowCodec
{
    /// <summary>A buffer that grew above this is not kept: most rows are far smaller.</summary>
    private const int KeptBytes = 16 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    /// <summary>The payload of a value.</summary>
    public static ReadOnlyMemory<byte> Encode<T>(T value)
        where T : IStoredRow, IMemoryPackable<T>
    {
        // One buffer per thread and one exact array per row: rows are encoded by the million.
        var writer = buffer ??= new ArrayBufferWriter<byte>(KeptBytes);
        writer.ResetWrittenCount();
        writer.GetSpan(1)[0] = T.Version;
        writer.Advance(1);
        MemoryPackSerializer.Serialize(writer, value);
        if (writer.Capacity > KeptBytes)
        {
            buffer = null;
        }

        return writer.WrittenSpan.ToArray();
    }

    /// <summary>The value of a row, or null where there is none. Throws as the other does.</summary>
    public static T? Decode<T>(BufferedRow? row)
        where T : class, IStoredRow, IMemoryPackable<T> => row is { } found ? Decode<T>(found.Payload) : null;

    /// <summary>The value in a payload. Throws <see cref="InvalidDataException"/> where the version is not ours.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="options">How formatters of the type's own are to decode it; null: all of it.</param>
    public static T Decode<T>(ReadOnlyMemory<byte> payload, MemoryPackSerializerOptions? options = null)
        where T : IStoredRow, IMemoryPackable<T>
    {
        if (payload.IsEmpty || payload.Span[0] != T.Version)
        {
            var found = payload.IsEmpty ? "none" : payload.Span[0].ToString(System.Globalization.CultureInfo.InvariantCulture);
            throw new InvalidDataException(
                $"A stored {typeof(T).Name} has encoding version {found}; this program reads version {T.Version}. Run the version of Campaigns that wrote the data, or import the data anew.");
        }

        return MemoryPackSerializer.Deserialize<T>(payload.Span[1..], options)
            ?? throw new InvalidDataException($"A stored {typeof(T).Name} is empty.");
    }
}
