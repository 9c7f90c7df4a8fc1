using Campaigns.Core.Ingest;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Offers;

/// <summary>Names of products for messages and pages, and which are sold out, from table products; cached, so that a batch of messages reads each once.</summary>
public sealed class ProductNames(IRowStore rows, TimeProvider time)
{
    /// <summary>How long a changed name may take to show.</summary>
    public static readonly TimeSpan CacheFor = TimeSpan.FromMinutes(5);

    /// <summary>Names kept: all products recommended often, in about 2 MB.</summary>
    public const int CacheLimit = 20_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Known> cache = new(StringComparer.Ordinal);
    private long filledAt;

    /// <summary>The names of these products; one without a name is missing.</summary>
    public async ValueTask<IReadOnlyDictionary<string, string>> OfAsync(IReadOnlyCollection<string> skus, CancellationToken cancellation)
    {
        var names = new Dictionary<string, string>(skus.Count, StringComparer.Ordinal);
        foreach (var sku in skus)
        {
            if (sku.Length > 0 && (await KnownAsync(sku, cancellation)).Name is { } name)
            {
                names[sku] = name;
            }
        }

        return names;
    }

    /// <summary>The product feed says that there is none left.</summary>
    public async ValueTask<bool> IsSoldOutAsync(string sku, CancellationToken cancellation) => (await KnownAsync(sku, cancellation)).SoldOut;

    private async ValueTask<Known> KnownAsync(string sku, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (cache.Count >= CacheLimit || (cache.Count > 0 && time.GetElapsedTime(filledAt) > CacheFor))
            {
                cache.Clear();
            }

            if (cache.TryGetValue(sku, out var known))
            {
                return known;
            }
        }

        var found = await rows.FindAsync<ProductRow>(Tables.Products, Tables.All, Tables.Escape(sku), cancellation);
        lock (gate)
        {
            filledAt = cache.Count == 0 ? time.GetTimestamp() : filledAt;
            return cache[sku] = new Known(found?.Value.Name, found?.Value.Stock == 0);
        }
    }

    private readonly record struct Known(string? Name, bool SoldOut);
}
