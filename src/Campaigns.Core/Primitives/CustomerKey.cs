using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Campaigns.Core.Primitives;

/// <summary>
/// The key under which all of a customer's rows stand: 128 bits of SHA-256(workspace salt ‖ customer id) in base32.
/// A hash, so that keys are short, spread evenly and hold no personal data.
/// </summary>
public readonly record struct CustomerKey(string Text) : IComparable<CustomerKey>
{
    /// <summary>Characters in a key.</summary>
    public const int Length = 26;

    /// <summary>The most characters that a customer id may have: it is kept in rows beside its key.</summary>
    public const int MaxIdLength = 256;

    /// <summary>The key of a customer id in the workspace with this salt.</summary>
    public static CustomerKey Of(ReadOnlySpan<byte> salt, string customerId)
    {
        Span<byte> hash = stackalloc byte[HashLength];
        Hash(salt, customerId, hash);
        return OfHash(hash);
    }

    /// <summary>Bytes of the hash behind a key. Their order is the order of the keys' texts.</summary>
    public const int HashLength = 16;

    /// <summary>The hash behind the key of a customer id.</summary>
    public static void Hash(ReadOnlySpan<byte> salt, ReadOnlySpan<char> customerId, Span<byte> hash)
    {
        var size = Encoding.UTF8.GetByteCount(customerId);
        var utf8 = size <= 512 ? stackalloc byte[size] : new byte[size];
        Encoding.UTF8.GetBytes(customerId, utf8);
        Hash(salt, utf8, hash);
    }

    /// <summary>The hash behind the key of a customer id in UTF-8.</summary>
    public static void Hash(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> customerId, Span<byte> hash)
    {
        var total = salt.Length + customerId.Length;
        var input = total <= 512 ? stackalloc byte[total] : new byte[total];
        salt.CopyTo(input);
        customerId.CopyTo(input[salt.Length..]);
        Span<byte> whole = stackalloc byte[32];
        SHA256.HashData(input, whole);
        whole[..HashLength].CopyTo(hash);
    }

    /// <summary>The key with this hash.</summary>
    public static CustomerKey OfHash(ReadOnlySpan<byte> hash) => new(Base32.Encode(hash[..HashLength]));

    /// <inheritdoc/>
    public int CompareTo(CustomerKey other) => string.CompareOrdinal(Text, other.Text);

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>How customers are spread over partitions. Fixed when a store is created; results never depend on it.</summary>
public readonly record struct Bucketing(int Count)
{
    /// <summary>Buckets of an embedded store: enough for two to eight cores.</summary>
    public const int Embedded = 16;

    /// <summary>Buckets on Azure: a table partition serves about 2,000 rows/s, so 256 carry a million customers.</summary>
    public const int Distributed = 256;

    /// <summary>The most buckets, as a part is named by three digits.</summary>
    public const int Max = 256;

    /// <summary>The customer's bucket, 0 … Count − 1: hash of the key's text.</summary>
    public int BucketOf(CustomerKey key)
    {
        Span<byte> ascii = stackalloc byte[CustomerKey.Length];
        Encoding.ASCII.GetBytes(key.Text.AsSpan(0, Math.Min(key.Text.Length, CustomerKey.Length)), ascii);
        return BucketOf(ascii);
    }

    /// <summary>The bucket of the customer whose key has this hash (see <see cref="CustomerKey.HashLength"/>).</summary>
    public int BucketOfHash(ReadOnlySpan<byte> hash)
    {
        Span<byte> ascii = stackalloc byte[CustomerKey.Length];
        Base32.Encode(hash[..CustomerKey.HashLength], ascii);
        return BucketOf(ascii);
    }

    private int BucketOf(ReadOnlySpan<byte> ascii) => (int)(System.IO.Hashing.XxHash3.HashToUInt64(ascii) % (uint)Count);

    /// <summary>The partition that holds the customer's rows.</summary>
    public string PartitionOf(CustomerKey key) => Partition(BucketOf(key));

    /// <summary>The partition of a bucket: "b000" … "b255".</summary>
    public static string Partition(int bucket) => "b" + bucket.ToString("000", CultureInfo.InvariantCulture);
}
