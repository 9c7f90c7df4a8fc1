namespace Campaigns.Core.Primitives;

/// <summary>
/// RFC 4648 §7 "base32hex" in lower case without padding: ordinal order of the text equals order of the bytes,
/// and every character is allowed in a row key.
/// </summary>
public static class Base32
{
    private const string Alphabet = "0123456789abcdefghijklmnopqrstuv";

    /// <summary>The text for the bytes; 16 bytes give 26 characters.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        Span<byte> ascii = stackalloc byte[((bytes.Length * 8) + 4) / 5];
        Encode(bytes, ascii);
        return System.Text.Encoding.ASCII.GetString(ascii);
    }

    /// <summary>The text for the bytes in ASCII; <paramref name="ascii"/> has just the room.</summary>
    public static void Encode(ReadOnlySpan<byte> bytes, Span<byte> ascii)
    {
        var (buffer, bits, at) = (0u, 0, 0);
        foreach (var b in bytes)
        {
            buffer = (buffer << 8) | b;
            bits += 8;
            while (bits >= 5)
            {
                bits -= 5;
                ascii[at++] = (byte)Alphabet[(int)((buffer >> bits) & 31)];
            }
        }

        if (bits > 0)
        {
            ascii[at] = (byte)Alphabet[(int)((buffer << (5 - bits)) & 31)];
        }
    }
}
