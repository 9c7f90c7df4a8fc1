namespace Campaigns.Functions.Hosting;

/// <summary>
/// App settings that refer to a key vault. Where Azure cannot read one, the program gets the reference itself as the value:
/// a text that anybody can guess, and so never to be taken for a secret.
/// </summary>
public static class VaultReferences
{
    private const string Prefix = "@Microsoft.KeyVault(";

    /// <summary>Throws <see cref="InvalidOperationException"/>, naming the settings, where a reference was not resolved.</summary>
    public static void RequireResolved(IConfiguration configuration)
    {
        var unresolved = configuration.AsEnumerable()
            .Where(s => s.Value?.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) == true)
            .Select(s => s.Key)
            .Order(StringComparer.Ordinal)
            .ToList();
        if (unresolved.Count > 0)
        {
            throw new InvalidOperationException(
                $"Azure could not read the vault references of {string.Join(", ", unresolved)}. See that the secrets exist and that the app's identity has the role Key Vault Secrets User, then restart the app.");
        }
    }
}
