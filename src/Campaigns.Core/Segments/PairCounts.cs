using Campaigns.Core.Profiles;

namespace Campaigns.Core.Segments;

/// <summary>
/// How many customers bought two products both, for every pair among the shop's most bought: a triangle of counts that
/// merges by addition. A customer counts with the products that its history keeps (≤ 50). In shops of very many customers a
/// sample of them is counted: see <see cref="Wanted"/>.
/// </summary>
public sealed class PairCounts
{
    /// <summary>
    /// Customers counted, about: what one more tells of neighbours no longer matters. A pair that one in 1,000 customers
    /// bought is counted 100 times, its cosine held to 10 %.
    /// </summary>
    public const int Wanted = 100_000;

    /// <summary>Bytes of the longest integer.</summary>
    private const int MostBytes = 5;

    private readonly Dictionary<string, int> indexes;
    private readonly int[] cells;
    private readonly int[] bought = new int[PurchaseHistory.ProductLimit];

    /// <summary>No pairs yet among these products.</summary>
    public PairCounts(string[] products)
    {
        indexes = new Dictionary<string, int>(products.Length, StringComparer.Ordinal);
        for (var i = 0; i < products.Length; i++)
        {
            indexes[products[i]] = i;
        }

        cells = new int[Cell(products.Length, 0)];
    }

    /// <summary>Customers who bought both; for a product with itself, all its buyers.</summary>
    public int this[int a, int b] => cells[a >= b ? Cell(a, b) : Cell(b, a)];

    /// <summary>Counts a customer's pairs. Not for concurrent use.</summary>
    public void Add(PurchaseHistory history)
    {
        var count = 0;
        foreach (var product in history.Products)
        {
            if (count < bought.Length && product.Lines > 0 && indexes.TryGetValue(product.Sku, out var index))
            {
                bought[count++] = index;
            }
        }

        var sorted = bought.AsSpan(0, count);
        sorted.Sort(); // Rows of the triangle are then visited in order of memory.
        for (var i = 0; i < sorted.Length; i++)
        {
            var row = cells.AsSpan(Cell(sorted[i], 0));
            for (var j = 0; j <= i; j++)
            {
                row[sorted[j]]++;
            }
        }
    }

    /// <summary>The counts that are not zero, as (distance to the last one, count) in variable-length integers: most pairs of a bucket are zero.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[64 * 1024];
        var (last, length) = (-1, 0);
        for (var cell = Next(0); cell < cells.Length; cell = Next(cell + 1))
        {
            if (length + (2 * MostBytes) > bytes.Length)
            {
                Array.Resize(ref bytes, 2 * bytes.Length);
            }

            Write(bytes, ref length, (uint)(cell - last));
            Write(bytes, ref length, (uint)cells[cell]);
            last = cell;
        }

        return bytes[..length];
    }

    /// <summary>Adds what <see cref="ToBytes"/> of a bucket gave.</summary>
    public void Merge(ReadOnlySpan<byte> bytes)
    {
        var (cell, at) = (-1, 0);
        while (at < bytes.Length)
        {
            cell += (int)Read(bytes, ref at);
            cells[cell] += (int)Read(bytes, ref at);
        }
    }

    /// <summary>The first cell from here on that is not zero, or the end.</summary>
    private int Next(int from) => cells.AsSpan(from).IndexOfAnyExcept(0) is var distance and >= 0 ? from + distance : cells.Length;

    private static int Cell(int row, int column) => (row * (row + 1) / 2) + column;

    private static void Write(byte[] bytes, ref int length, uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes[length++] = (byte)(value | 0x80);
        }

        bytes[length++] = (byte)value;
    }

    private static uint Read(ReadOnlySpan<byte> bytes, ref int at)
    {
        uint next = bytes[at++];
        if (next < 0x80)
        {
            return next;
        }

        var (value, shift) = (next & 0x7F, 7);
        while ((next = bytes[at++]) >= 0x80)
        {
            value |= (next & 0x7F) << shift;
            shift += 7;
        }

        return value | (next << shift);
    }
}
