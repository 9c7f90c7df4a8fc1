using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Profiles;

/// <summary>Encodes a history's products as any array, and passes over them where a scan has no use for them.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class StoredProductsAttribute : MemoryPackCustomFormatterAttribute<StoredProductsFormatter, ProductHistory[]>
{
    /// <summary>Options to decode with where products are not asked for: the array is empty then, everything else is as stored.</summary>
    public static MemoryPackSerializerOptions Without { get; } = MemoryPackSerializerOptions.Default with { };

    /// <inheritdoc/>
    public override StoredProductsFormatter GetFormatter() => StoredProductsFormatter.Instance;
}

/// <summary>See <see cref="StoredProductsAttribute"/>.</summary>
internal sealed class StoredProductsFormatter : MemoryPackFormatter<ProductHistory[]>
{
    /// <summary>Members of a <see cref="ProductHistory"/>: one with more is decoded and dropped.</summary>
    private const int Members = 5;

    /// <summary>Bytes after the sku: lines, units, price, last purchase.</summary>
    private const int AfterSku = sizeof(int) + sizeof(int) + sizeof(long) + 16;

    public static StoredProductsFormatter Instance { get; } = new();

    /// <inheritdoc/>
    public override void Serialize<TBufferWriter>(ref MemoryPackWriter<TBufferWriter> writer, scoped ref ProductHistory[]? value) =>
        writer.WritePackableArray(value);

    /// <inheritdoc/>
    public override void Deserialize(ref MemoryPackReader reader, scoped ref ProductHistory[]? value)
    {
        if (!ReferenceEquals(reader.Options, StoredProductsAttribute.Without))
        {
            value = reader.ReadPackableArray<ProductHistory>();
            return;
        }

        value = [];
        if (reader.TryReadCollectionHeader(out var count))
        {
            for (var i = 0; i < count; i++)
            {
                PassOver(ref reader);
            }
        }
    }

    private static void PassOver(ref MemoryPackReader reader)
    {
        if (!reader.TryPeekObjectHeader(out var members) || members != Members)
        {
            reader.ReadPackable<ProductHistory>();
            return;
        }

        reader.TryReadObjectHeader(out _);
        RepeatedTextFormatter.PassOver(ref reader);
        reader.Advance(AfterSku);
    }
}
