using System.Text.Json;
using System.Text.Json.Nodes;

namespace Campaigns.EndToEnd.Tests;

/// <summary>What a demo that ran to its end left behind.</summary>
/// <param name="Report">All that it printed, as JSON.</param>
/// <param name="Output">Its standard output and error.</param>
internal sealed record DemoResult(JsonObject Report, string Output)
{
    /// <summary>The report without what is about the run itself: how long it took and how much memory.</summary>
    public IReadOnlyDictionary<string, string> Figures
    {
        get
        {
            var figures = new Dictionary<string, string>(StringComparer.Ordinal);
            Collect("", Report, figures);
            Assert.True(figures.Remove("/seconds") && figures.Remove("/peakMemoryMegabytes"));
            return figures;
        }
    }

    public JsonElement Json => JsonSerializer.SerializeToElement(Report);

    private static void Collect(string path, JsonNode? node, Dictionary<string, string> figures)
    {
        switch (node)
        {
            case JsonObject properties:
                foreach (var (name, value) in properties)
                {
                    Collect(path + "/" + name, value, figures);
                }

                break;
            case JsonArray elements:
                figures[path + "/#"] = $"{elements.Count}";
                for (var i = 0; i < elements.Count; i++)
                {
                    Collect($"{path}/{i}", elements[i], figures);
                }

                break;
            default:
                figures[path] = node?.ToJsonString() ?? "null";
                break;
        }
    }
}

/// <summary>Runs <c>demo --once --json</c> as a program of its own, as the entry script does.</summary>
internal static class DemoProcess
{
    /// <summary>Ten times what it takes on two busy cores.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static async Task<DemoResult> RunAsync(string dataFile, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var json = dataFile + ".json";
        await using var demo = ChildProcess.Start(
            "dotnet",
            [System.IO.Path.Combine(AppContext.BaseDirectory, "Campaigns.Cli.dll"), "demo", "--once", "--json", json, "--data", dataFile, "--port", $"{FreePort.Next()}", .. arguments],
            environment: environment);
        var code = await demo.WaitForExitAsync(Limit);
        Assert.True(code == 0, $"The demo ended with code {code}:\n{demo.Output}");
        return new DemoResult(JsonNode.Parse(await File.ReadAllTextAsync(json))!.AsObject(), demo.Output);
    }
}
