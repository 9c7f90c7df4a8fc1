using System.Text.Json;
using System.Text.Json.Serialization;

namespace Campaigns.Repository.Tests.Infra;

/// <summary>A value in a Bicep file: an object with properties, an array with items, or text.</summary>
public sealed record BicepValue(string Kind, int Line)
{
    public Dictionary<string, BicepValue> Properties { get; init; } = [];

    public List<BicepValue> Items { get; init; } = [];

    /// <summary>The source, without quotes where it is a string.</summary>
    public string Text { get; init; } = "";

    /// <summary>A string in which nothing is interpolated.</summary>
    public bool Literal { get; init; }

    /// <summary>The grammar's name of the value: string, number, boolean, identifier, call_expression…</summary>
    public string ValueType { get; init; } = "";

    /// <summary>The property behind names separated by points. Fails where there is none.</summary>
    public BicepValue At(string path) => path.Split('.').Aggregate(this, (value, name) =>
        value.Properties.TryGetValue(name, out var next) ? next : throw new InvalidOperationException($"Line {value.Line} has no property '{name}' of '{path}'."));
}

public sealed record BicepResource(string Name, int Line, string Type, string Version, bool Existing, BicepValue Body);

public sealed record BicepParameter(string Name, int Line, bool Described, bool Secure, bool HasDefault);

/// <summary>What read-bicep.mjs tells of a file.</summary>
public sealed record BicepFile(
    List<string> Problems,
    List<BicepParameter> Parameters,
    List<string> Outputs,
    List<BicepResource> Resources,
    List<string> Declared,
    List<string> Used)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.Strict };
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>The app settings that <c>infra/main.bicep</c> sets, by name.</summary>
    public IReadOnlyDictionary<string, BicepValue> AppSettings =>
        Resources.Single(r => r.Type == "Microsoft.Web/sites/config").Body.At("properties").Properties;

    /// <param name="relative">Path below the repository's root.</param>
    public static async Task<BicepFile> ReadAsync(string relative)
    {
        NodeTools.Require("web-tree-sitter/web-tree-sitter.js");
        NodeTools.Require("tree-sitter-bicep/tree-sitter-bicep.wasm");
        await using var node = ChildProcess.Start(
            NodeTools.Node(),
            [
                RepositoryRoot.Combine("tests/Campaigns.Repository.Tests/Infra/read-bicep.mjs"),
                RepositoryRoot.Combine("node_modules"),
                RepositoryRoot.Combine(relative),
            ]);
        var code = await node.WaitForExitAsync(Limit);
        Assert.True(code == 0, node.Output);
        return JsonSerializer.Deserialize<BicepFile>(node.Output, Json)!;
    }
}
