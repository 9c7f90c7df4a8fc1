using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Dispatch.Ledger;

/// <summary>What messages take from the settings: table campaigns, partition <c>letterheads</c>, key = hash of the content. Insert-only.</summary>
[MemoryPackable]
public sealed partial record Letterhead : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Name of the shop.</summary>
    public required string Name { get; init; }

    /// <summary>Its postal address.</summary>
    public required string PostalAddress { get; init; }

    /// <summary>Its address on the web.</summary>
    public required string ShopUrl { get; init; }

    /// <summary>Base of signed links.</summary>
    public required string PublicBaseUrl { get; init; }

    /// <summary>Currency of amounts.</summary>
    public required string Currency { get; init; }

    /// <summary>Text messages keep letters outside the GSM alphabet.</summary>
    public bool KeepSmsLetters { get; init; }

    /// <summary>Id of the key that signed the links.</summary>
    public string LinkKey { get; init => field = value ?? Jobs.LinkKey.First; } = Jobs.LinkKey.First;

    /// <summary>The settings' part of messages.</summary>
    public static Letterhead Of(WorkspaceSettings settings) => new()
    {
        Name = settings.Name,
        PostalAddress = settings.PostalAddress,
        ShopUrl = settings.ShopUrl,
        PublicBaseUrl = settings.PublicBaseUrl,
        Currency = settings.Currency,
        KeepSmsLetters = settings.KeepSmsLetters,
        LinkKey = settings.LinkKeys is [.., var newest] ? newest.Id : Jobs.LinkKey.First,
    };

    /// <summary>The settings as they were when the letterhead was in use, as far as messages show them.</summary>
    public WorkspaceSettings On(WorkspaceSettings settings) => settings with
    {
        Name = Name,
        PostalAddress = PostalAddress,
        ShopUrl = ShopUrl,
        PublicBaseUrl = PublicBaseUrl,
        Currency = Currency,
        KeepSmsLetters = KeepSmsLetters,
        LinkKeys = [.. settings.LinkKeys.Take(Array.FindIndex(settings.LinkKeys, k => k.Id == LinkKey) + 1)],
    };
}

/// <summary>Keeps the letterheads that messages went out with: one row for each that ever was.</summary>
public sealed class Letterheads(IRowStore rows)
{
    private const string Partition = "letterheads";
    private (string Key, Letterhead Value)? kept;

    /// <summary>The key of the settings' letterhead, stored by then.</summary>
    public async ValueTask<string> KeepAsync(WorkspaceSettings settings, CancellationToken cancellation)
    {
        var now = Letterhead.Of(settings);
        if (kept is { } known && known.Value == now)
        {
            return known.Key;
        }

        var payload = RowCodec.Encode(now);
        var key = StableHash.Id(Convert.ToHexStringLower(payload.Span));
        if (await rows.GetAsync(Tables.Campaigns, Partition, key, cancellation) is null)
        {
            await rows.CommitAsync(Tables.Campaigns, Partition, [new RowOperation.Upsert(key, payload)], cancellation);
        }

        kept = (key, now);
        return key;
    }

    /// <summary>The letterhead, or null.</summary>
    public async ValueTask<Letterhead?> FindAsync(string key, CancellationToken cancellation) =>
        (await rows.FindAsync<Letterhead>(Tables.Campaigns, Partition, key, cancellation))?.Value;
}
