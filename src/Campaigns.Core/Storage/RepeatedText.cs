using System.Text;
using MemoryPack;

namespace Campaigns.Core.Storage;

/// <summary>
/// Text of which few distinct values stand in millions of rows (skus, segments, countries): encoded as any text, but decoded to
/// one string per value and thread as far as memory of fixed size reaches, so that scans allocate none.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RepeatedTextAttribute : MemoryPackCustomFormatterAttribute<RepeatedTextFormatter, string>
{
    /// <inheritdoc/>
    public override RepeatedTextFormatter GetFormatter() => RepeatedTextFormatter.Instance;
}

/// <summary>See <see cref="RepeatedTextAttribute"/>.</summary>
internal sealed class RepeatedTextFormatter : MemoryPackFormatter<string>
{
    /// <summary>Strings kept per thread, a power of two: a shop's products mostly find a place of their own, in some 64 KB.</summary>
    private const int Places = 8_192;

    /// <summary>Longer texts are seldom repeated, and dear to compare.</summary>
    private const int MaxBytes = 64;

    [ThreadStatic]
    private static string?[]? known;

    public static RepeatedTextFormatter Instance { get; } = new();

    /// <inheritdoc/>
    public override void Serialize<TBufferWriter>(ref MemoryPackWriter<TBufferWriter> writer, scoped ref string? value) => writer.WriteString(value);

    /// <inheritdoc/>
    public override void Deserialize(ref MemoryPackReader reader, scoped ref string? value)
    {
        // MemoryPack's string: −1 for null, 0 for empty, a number of UTF-16 units, or the complement of a number of UTF-8
        // bytes, before which stands the number of UTF-16 units.
        if (!reader.TryReadCollectionHeader(out var length))
        {
            value = null;
            return;
        }

        if (length >= 0)
        {
            value = length == 0 ? "" : Encoding.Unicode.GetString(Next(ref reader, checked(2 * length)));
            return;
        }

        Next(ref reader, sizeof(int));
        var utf8 = Next(ref reader, ~length);
        value = utf8.Length > MaxBytes ? Encoding.UTF8.GetString(utf8) : Known(utf8);
    }

    /// <summary>Goes past a text without decoding it.</summary>
    public static void PassOver(ref MemoryPackReader reader)
    {
        if (reader.TryReadCollectionHeader(out var length))
        {
            reader.Advance(length >= 0 ? checked(2 * length) : sizeof(int) + ~length);
        }
    }

    private static ReadOnlySpan<byte> Next(ref MemoryPackReader reader, int count)
    {
        var span = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(ref reader.GetSpanReference(count), count);
        reader.Advance(count);
        return span;
    }

    private static string Known(ReadOnlySpan<byte> utf8)
    {
        // FNV-1a (Fowler, Noll and Vo), eight bytes at a time while there are as many.
        var hash = 14_695_981_039_346_656_037UL ^ (ulong)utf8.Length;
        var rest = utf8;
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
        {
            hash = (hash ^ System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(rest)) * 1_099_511_628_211UL;
            hash ^= hash >> 29;
        }

        foreach (var b in rest)
        {
            hash = (hash ^ b) * 1_099_511_628_211UL;
        }

        ref var place = ref (known ??= new string?[Places])[(hash ^ (hash >> 29)) & (Places - 1)];
        // Only ASCII compares equal here: other texts are decoded each time.
        return place is { } text && Ascii.Equals(utf8, text) ? text : place = Encoding.UTF8.GetString(utf8);
    }
}
