using Campaigns.Functions.Hosting;
using Microsoft.Extensions.Configuration;

namespace Campaigns.Functions.Tests;

public class VaultReferencesTests
{
    [Fact]
    public void A_vault_reference_that_azure_could_not_read_is_never_taken_for_a_secret()
    {
        var configuration = Of("Campaigns:AdminKey", "@Microsoft.KeyVault(VaultName=kv;SecretName=campaigns-admin-key)");

        var error = Assert.Throws<InvalidOperationException>(() => VaultReferences.RequireResolved(configuration));

        Assert.Contains("Campaigns:AdminKey", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_that_were_read_pass() =>
        VaultReferences.RequireResolved(Of("Campaigns:AdminKey", "0123456789abcdef0123456789abcdef"));

    private static IConfiguration Of(string name, string value) =>
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { [name] = value }).Build();
}
