using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Campaigns.Core.Jobs;

namespace Campaigns.Functions.Access;

/// <summary>
/// The console's sign-in: a cookie that names the key's hash and an end, signed with a key derived from the workspace's
/// signing key, so that every instance can check it and nothing is stored. A key that is removed ends its cookies.
/// </summary>
public sealed class SignIn(ApiKeys keys, Workspace workspace, TimeProvider time)
{
    /// <summary>Name of the cookie.</summary>
    public const string Cookie = "campaigns";

    /// <summary>A working day; then the key is asked for again.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromHours(12);

    /// <summary>The cookie's value for a valid key, or null.</summary>
    public async ValueTask<string?> CookieForAsync(string? key, CancellationToken cancellation)
    {
        if (await keys.VerifyAsync(key, cancellation) is not { } hash)
        {
            return null;
        }

        var end = (time.GetUtcNow() + Lasts).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"v1.{end}.{hash}.{Convert.ToHexStringLower(await SignAsync($"v1.{end}.{hash}", cancellation))}";
    }

    /// <summary>The hash of the key that the cookie stands for; null unless the cookie is ours, has not ended, and its key is still valid.</summary>
    public async ValueTask<string?> VerifyAsync(string? cookie, CancellationToken cancellation)
    {
        if (cookie?.Split('.') is not ["v1", var end, var hash, var signature]
            || !long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || hash.Length != 64)
        {
            return null;
        }

        var expected = Convert.ToHexStringLower(await SignAsync($"v1.{end}.{hash}", cancellation));
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(signature))
            && seconds > time.GetUtcNow().ToUnixTimeSeconds()
            && hash.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0
            && await keys.ExistsAsync(hash, cancellation) ? hash : null;
    }

    private async ValueTask<byte[]> SignAsync(string text, CancellationToken cancellation)
    {
        var secret = (await workspace.SettingsAsync(cancellation)).SigningKey;
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "campaigns console cookie v1"u8.ToArray());
        return HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
    }
}
