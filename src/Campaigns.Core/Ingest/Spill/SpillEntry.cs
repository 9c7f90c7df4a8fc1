using System.Buffers.Binary;
using System.Text;
using Campaigns.Core.Primitives;
using MemoryPack;

namespace Campaigns.Core.Ingest.Spill;

/// <summary>The bytes of one record between parsing and ingest. See <see cref="SpillWriter"/> for the frame; the body is ours alone and lives for one import.</summary>
internal static class SpillEntry
{
    /// <summary>A customer: sorts before the customer's orders.</summary>
    public const byte Customer = 0;

    /// <summary>An order line.</summary>
    public const byte Order = 1;

    /// <summary>Offset of the kind.</summary>
    public const int KindAt = CustomerKey.HashLength;

    private const int HeaderLength = CustomerKey.HashLength + 3;

    /// <summary>Compares kind and order id of two entries of one customer.</summary>
    public static int Compare(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        a[KindAt] != b[KindAt] ? a[KindAt].CompareTo(b[KindAt]) : OrderId(a).SequenceCompareTo(OrderId(b));

    /// <summary>The order id in an entry.</summary>
    public static ReadOnlySpan<byte> OrderId(ReadOnlySpan<byte> entry) =>
        entry.Slice(HeaderLength, BinaryPrimitives.ReadUInt16LittleEndian(entry[(KindAt + 1)..]));

    /// <summary>The bytes of a customer, the hash left blank.</summary>
    public static void Write(EntryWriter to, CustomerRecord record)
    {
        to.Begin(Customer, "");
        to.Bytes(MemoryPackSerializer.Serialize(record));
    }

    /// <summary>The bytes of an order line, the hash left blank.</summary>
    public static void Write(EntryWriter to, string customerId, OrderRecord record)
    {
        to.Begin(Order, record.OrderId);
        to.Text(customerId);
        to.Number(record.AtTicks);
        to.Number(record.RevisedTicks);
        to.Number(record.Group);
        to.Text(string.Equals(record.Event, OrderRow.OrderEvent, StringComparison.Ordinal) ? null : record.Event);
        to.Text(record.Line.Sku);
        to.Number(record.Line.Quantity);
        to.Number(record.Line.UnitPriceMinorE4);
        to.Number(record.Line.DiscountMinor);
        to.Number(record.Line.UnitCostMinorE4 is { } cost ? cost + 1 : 0);
        to.Text(record.Line.Category);
        to.Text(record.CouponCode);
        to.Text(record.Country);
        to.Text(record.Email);
        to.Text(record.Phone);
    }

    /// <summary>The customer in an entry.</summary>
    public static CustomerRecord ReadCustomer(ReadOnlySpan<byte> entry) =>
        MemoryPackSerializer.Deserialize<CustomerRecord>(entry[HeaderLength..]) ?? throw new InvalidDataException("A sorted customer record is empty.");

    /// <summary>Reads an order line into the record; texts that come often through the pool.</summary>
    public static void ReadOrder(ReadOnlySpan<byte> entry, OrderRecord record, TextPool pool)
    {
        var id = OrderId(entry);
        var from = new EntryReader(entry[(HeaderLength + id.Length)..], pool);
        record.OrderId = Encoding.UTF8.GetString(id);
        record.CustomerId = from.Text(record.CustomerId) ?? "";
        record.AtTicks = from.Number();
        record.RevisedTicks = from.Number();
        record.Group = from.Number();
        record.Event = from.Pooled() ?? OrderRow.OrderEvent;
        var sku = from.Pooled() ?? "";
        var (quantity, price, discount, cost) = ((int)from.Number(), from.Number(), from.Number(), from.Number());
        record.Line = new OrderLine(sku, quantity, price, discount, cost == 0 ? null : cost - 1, from.Pooled());
        record.CouponCode = from.Pooled();
        record.Country = from.Pooled();
        record.Email = from.Text(record.Email);
        record.Phone = from.Text(record.Phone);
    }
}

/// <summary>Writes one entry: numbers as zigzag varints, texts as their length + 1 (0 = none) and UTF-8.</summary>
internal sealed class EntryWriter
{
    private byte[] buffer = new byte[512];
    private int at;

    /// <summary>The entry.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, at);

    /// <summary>Begins with room for the customer's hash, which is blank.</summary>
    public void Begin(byte kind, string orderId)
    {
        at = 0;
        Room(CustomerKey.HashLength + 3 + (orderId.Length * 3));
        at = CustomerKey.HashLength;
        buffer[at++] = kind;
        var size = Encoding.UTF8.GetBytes(orderId, buffer.AsSpan(at + 2));
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(at), (ushort)size);
        at += 2 + size;
    }

    public void Number(long value)
    {
        Room(10);
        var zigzag = (ulong)((value << 1) ^ (value >> 63));
        while (zigzag >= 0x80)
        {
            buffer[at++] = (byte)(zigzag | 0x80);
            zigzag >>= 7;
        }

        buffer[at++] = (byte)zigzag;
    }

    public void Text(string? text)
    {
        if (text is null)
        {
            Number(0);
            return;
        }

        var size = Encoding.UTF8.GetByteCount(text);
        Number(size + 1);
        Room(size);
        at += Encoding.UTF8.GetBytes(text, buffer.AsSpan(at));
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Room(bytes.Length);
        bytes.CopyTo(buffer.AsSpan(at));
        at += bytes.Length;
    }

    private void Room(int more)
    {
        if (at + more > buffer.Length)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, at + more));
        }
    }
}

/// <summary>Reads what <see cref="EntryWriter"/> wrote.</summary>
internal ref struct EntryReader(ReadOnlySpan<byte> bytes, TextPool pool)
{
    private ReadOnlySpan<byte> rest = bytes;

    public long Number()
    {
        var (value, shift) = (0UL, 0);
        while (true)
        {
            var b = rest[0];
            rest = rest[1..];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return (long)(value >> 1) ^ -(long)(value & 1);
            }

            shift += 7;
        }
    }

    /// <summary>The text, or null; <paramref name="likely"/> itself where it is equal.</summary>
    public string? Text(string? likely)
    {
        var size = (int)Number() - 1;
        if (size < 0)
        {
            return null;
        }

        var utf8 = rest[..size];
        rest = rest[size..];
        Span<char> chars = stackalloc char[512];
        if (size > chars.Length)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        var text = chars[..Encoding.UTF8.GetChars(utf8, chars)];
        return likely is not null && text.SequenceEqual(likely) ? likely : text.ToString();
    }

    /// <summary>The text through the pool, or null.</summary>
    public string? Pooled()
    {
        var size = (int)Number() - 1;
        if (size < 0)
        {
            return null;
        }

        var utf8 = rest[..size];
        rest = rest[size..];
        Span<char> chars = stackalloc char[1024];
        return size > chars.Length ? Encoding.UTF8.GetString(utf8) : pool.Get(chars[..Encoding.UTF8.GetChars(utf8, chars)]);
    }
}
