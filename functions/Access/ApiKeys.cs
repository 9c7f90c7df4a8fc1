using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Functions.Access;

/// <summary>An API key: row {hash} of table keys. The key itself is never stored.</summary>
[MemoryPackable]
public sealed partial record ApiKeyRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Who has it, for people.</summary>
    public required string Name { get; init; }

    /// <summary>System time at which it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>
/// API keys, found by the SHA-256 of what was shown: keys hold 256 random bits, so a plain hash cannot be reversed, and a
/// look-up by hash tells nothing through its timing.
/// </summary>
public sealed class ApiKeys(IRowStore rows, TimeProvider time)
{
    /// <summary>Keys set by an operator must be at least so long: shorter ones could be guessed.</summary>
    public const int LeastCharacters = 32;

    /// <summary>The longest text that is looked at.</summary>
    private const int MostCharacters = 512;

    /// <summary>Makes a key and gives it; it cannot be shown again.</summary>
    public async ValueTask<string> CreateAsync(string name, CancellationToken cancellation)
    {
        var key = "ck_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        await StoreAsync(key, name, cancellation);
        return key;
    }

    /// <summary>Makes an operator's own key valid. Throws <see cref="ArgumentException"/> where it is too short.</summary>
    public async ValueTask StoreAsync(string key, string name, CancellationToken cancellation)
    {
        if (key.Length is < LeastCharacters or > MostCharacters)
        {
            throw new ArgumentException($"An API key has {LeastCharacters} to {MostCharacters} characters; this one has {key.Length}.", nameof(key));
        }

        var row = new ApiKeyRow { Name = name, CreatedAt = time.GetUtcNow() };
        await rows.CommitAsync(Tables.ApiKeys, Tables.All, [new RowOperation.Upsert(Hash(key), RowCodec.Encode(row))], cancellation);
    }

    /// <summary>
    /// Makes an operator's own key valid and ends all others of that name: a key that was changed in the settings, because it
    /// had become known perhaps, must not go on opening the door. Throws <see cref="ArgumentException"/> where it is too short.
    /// </summary>
    public async ValueTask ReplaceAsync(string key, string name, CancellationToken cancellation)
    {
        await StoreAsync(key, name, cancellation);
        await foreach (var row in rows.ScanAsync(Tables.ApiKeys, Tables.All, "0", "~", cancellation))
        {
            if (row.Key != Hash(key) && RowCodec.Decode<ApiKeyRow>(row.Payload).Name == name)
            {
                await RemoveAsync(row.Key, cancellation);
            }
        }
    }

    /// <summary>Ends a key, and with it every cookie that was made for it.</summary>
    public async ValueTask RemoveAsync(string hash, CancellationToken cancellation) =>
        await rows.CommitAsync(Tables.ApiKeys, Tables.All, [new RowOperation.Delete(hash)], cancellation);

    /// <summary>The hash of a valid key, or null.</summary>
    public async ValueTask<string?> VerifyAsync(string? key, CancellationToken cancellation) =>
        key is { Length: >= LeastCharacters and <= MostCharacters } && await ExistsAsync(Hash(key), cancellation) ? Hash(key) : null;

    /// <summary>The hash is that of a valid key.</summary>
    public async ValueTask<bool> ExistsAsync(string hash, CancellationToken cancellation) =>
        await rows.GetAsync(Tables.ApiKeys, Tables.All, hash, cancellation) is not null;

    /// <summary>Who has the key of this hash, or null.</summary>
    public async ValueTask<string?> NameAsync(string hash, CancellationToken cancellation) =>
        (await rows.FindAsync<ApiKeyRow>(Tables.ApiKeys, Tables.All, hash, cancellation))?.Value.Name;

    /// <summary>Some key exists.</summary>
    public async ValueTask<bool> AnyAsync(CancellationToken cancellation) =>
        (await rows.RangeAsync(Tables.ApiKeys, Tables.All, "0", "~", 1, null, cancellation)).Rows.Count > 0;

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
