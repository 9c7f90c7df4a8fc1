using System.IO.Hashing;
using System.Text;

namespace Campaigns.Core.Primitives;

/// <summary>
/// Hashes that give the same value on every machine and in every version: chance that can be replayed.
/// XXH3 (Collet, xxHash specification 0.8). Parts are length-prefixed, so ("ab","c") and ("a","bc") differ.
/// </summary>
public static class StableHash
{
    /// <summary>A parts-per-million draw has this many values.</summary>
    public const int Million = 1_000_000;

    /// <summary>Longer inputs are gathered in an array.</summary>
    private const int ShortBytes = 512;

    /// <summary>64 bits over the parts, in order.</summary>
    public static ulong Of(params ReadOnlySpan<string> parts)
    {
        var size = 0;
        foreach (var part in parts)
        {
            size += sizeof(int) + Encoding.UTF8.GetByteCount(part);
        }

        // In one piece: the streaming hash would allocate its state, for every customer of every scan.
        Span<byte> bytes = size <= ShortBytes ? stackalloc byte[ShortBytes] : new byte[size];
        var at = 0;
        foreach (var part in parts)
        {
            var length = Encoding.UTF8.GetBytes(part, bytes[(at + sizeof(int))..]);
            System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(bytes[at..], length);
            at += sizeof(int) + length;
        }

        return XxHash3.HashToUInt64(bytes[..size]);
    }

    /// <summary>A uniform draw in 0 … 999,999. The bias of the multiplication is below 10⁻¹³.</summary>
    public static int PartsPerMillion(params ReadOnlySpan<string> parts) =>
        (int)Math.BigMul(Of(parts), Million, out _);

    /// <summary>A short, stable identifier of 26 base32 characters (128 bits of SHA-256) for the parts.</summary>
    public static string Id(params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(part.Length).Append(':').Append(part).Append('|');
        }

        return Base32.Encode(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }
}
