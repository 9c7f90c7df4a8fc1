using System.Text.RegularExpressions;

namespace Campaigns.Repository.Tests.Infra;

public class InfraTests
{
    public const string Main = "infra/main.bicep";

    [Fact]
    public async Task Every_bicep_file_follows_the_grammar()
    {
        var files = Directory.GetFiles(RepositoryRoot.Combine("infra"), "*.bicep", SearchOption.AllDirectories);

        Assert.Contains(RepositoryRoot.Combine(Main), files);
        foreach (var file in files)
        {
            var read = await BicepFile.ReadAsync(Path.GetRelativePath(RepositoryRoot.Path, file));
            Assert.True(read.Problems.Count == 0, $"{file}: {string.Join('\n', read.Problems)}");
        }
    }

    [Fact]
    public async Task Resource_types_their_versions_and_properties_are_known_to_Azure()
    {
        var file = await BicepFile.ReadAsync(Main);
        var types = new BicepTypes();

        Assert.NotEmpty(file.Resources);
        Assert.Empty(file.Resources.SelectMany(types.Problems));
    }

    [Fact]
    public async Task Every_name_that_is_used_is_declared_and_every_parameter_is_described_and_used()
    {
        var file = await BicepFile.ReadAsync(Main);

        Assert.Empty(file.Used.Except([.. file.Declared, "az", "sys"]));
        Assert.Empty(file.Parameters.Where(p => !p.Described).Select(p => p.Name));
        Assert.Empty(file.Parameters.Select(p => p.Name).Except(file.Used));
    }

    [Fact]
    public async Task The_example_of_parameters_sets_what_has_no_default_and_nothing_unknown()
    {
        var parameters = (await BicepFile.ReadAsync(Main)).Parameters;
        var example = await File.ReadAllTextAsync(RepositoryRoot.Combine("infra/main.bicepparam"));
        var set = Regex.Matches(example, @"^param (\w+) = .", RegexOptions.Multiline).Select(m => m.Groups[1].Value).ToList();

        Assert.Contains("using 'main.bicep'", example, StringComparison.Ordinal);
        Assert.Empty(parameters.Where(p => !p.HasDefault).Select(p => p.Name).Except(set));
        Assert.Empty(set.Except(parameters.Select(p => p.Name)));
    }

    [Fact]
    public async Task The_outputs_tell_where_to_publish_and_where_the_app_answers()
    {
        var file = await BicepFile.ReadAsync(Main);

        Assert.Contains("functionAppName", file.Outputs);
        Assert.Contains("functionAppHostName", file.Outputs);
    }

    [Fact]
    public async Task Storage_is_reached_by_identity_only()
    {
        var storage = (await BicepFile.ReadAsync(Main)).Resources.Single(r => r.Type == "Microsoft.Storage/storageAccounts").Body.At("properties");

        Assert.Equal("false", storage.At("allowSharedKeyAccess").Text);
        Assert.Equal("false", storage.At("allowBlobPublicAccess").Text);
        Assert.Equal("TLS1_2", storage.At("minimumTlsVersion").Text);
        Assert.DoesNotContain("listKeys", await File.ReadAllTextAsync(RepositoryRoot.Combine(Main)), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_app_is_a_custom_handler_on_flex_consumption()
    {
        var file = await BicepFile.ReadAsync(Main);
        var app = file.Resources.Single(r => r.Type == "Microsoft.Web/sites").Body;

        Assert.Equal("functionapp,linux", app.At("kind").Text);
        Assert.Equal("custom", app.At("properties.functionAppConfig.runtime.name").Text);
        Assert.Equal("blobContainer", app.At("properties.functionAppConfig.deployment.storage.type").Text);
        Assert.Equal("true", app.At("properties.httpsOnly").Text);
        Assert.Equal("FC1", file.Resources.Single(r => r.Type == "Microsoft.Web/serverfarms").Body.At("sku.name").Text);
    }

    [Fact]
    public async Task Secrets_reach_the_app_only_as_references_to_the_vault()
    {
        var file = await BicepFile.ReadAsync(Main);
        var secure = file.Parameters.Where(p => p.Secure).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);

        Assert.NotEmpty(secure);
        foreach (var (name, value) in file.AppSettings)
        {
            Assert.DoesNotContain(value.Text, secure);
            if ((name.EndsWith("Key", StringComparison.Ordinal) && !name.EndsWith("PublicKey", StringComparison.Ordinal)) || name.EndsWith("Token", StringComparison.Ordinal) || name.EndsWith("Secret", StringComparison.Ordinal))
            {
                Assert.Contains("@Microsoft.KeyVault(", value.Text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_wrong_property_type_or_version_would_be_found()
    {
        var file = await BicepFile.ReadAsync(Main);
        var types = new BicepTypes();
        var storage = file.Resources.Single(r => r.Type == "Microsoft.Storage/storageAccounts");
        var settings = storage.Body.At("properties").Properties;
        var misspelt = new Dictionary<string, BicepValue>(settings, StringComparer.Ordinal) { ["allowSharedKeyAcess"] = settings["allowSharedKeyAccess"] };
        var mistyped = new Dictionary<string, BicepValue>(settings, StringComparer.Ordinal) { ["minimumTlsVersion"] = settings["minimumTlsVersion"] with { Text = "TLS9" } };
        BicepResource With(Dictionary<string, BicepValue> properties) => storage with
        {
            Body = storage.Body with { Properties = new(storage.Body.Properties, StringComparer.Ordinal) { ["properties"] = storage.Body.At("properties") with { Properties = properties } } },
        };

        Assert.Empty(types.Problems(storage));
        Assert.Single(types.Problems(storage with { Version = "1999-01-01" }));
        Assert.Contains("has no property 'allowSharedKeyAcess'", Assert.Single(types.Problems(With(misspelt))), StringComparison.Ordinal);
        Assert.Contains("'TLS9'", Assert.Single(types.Problems(With(mistyped))), StringComparison.Ordinal);
    }
}
