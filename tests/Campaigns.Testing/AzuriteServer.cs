namespace Campaigns.Testing;

/// <summary>
/// Azurite, the emulator of Azure Tables, Queues and Blobs, on free ports of loopback.
/// It keeps everything in memory unless a folder is given. Killing it loses writes that it has acknowledged: kill our program instead.
/// </summary>
public sealed class AzuriteServer : IAsyncDisposable
{
    /// <summary>The development account's key: published by Microsoft, the same everywhere, no secret.</summary>
    private const string WellKnownKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <summary>A cold start reads some hundred megabytes of scripts.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    private AzuriteServer(ChildProcess process, int blobPort, int queuePort, int tablePort)
    {
        _process = process;
        ConnectionString =
            $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={WellKnownKey};" +
            $"BlobEndpoint=http://127.0.0.1:{blobPort}/devstoreaccount1;" +
            $"QueueEndpoint=http://127.0.0.1:{queuePort}/devstoreaccount1;" +
            $"TableEndpoint=http://127.0.0.1:{tablePort}/devstoreaccount1;";
    }

    public string ConnectionString { get; }

    public string Output => _process.Output;

    /// <summary>Starts it, or skips the calling test where it is not installed.</summary>
    /// <param name="folder">Where to keep the data; null keeps it in memory.</param>
    public static async Task<AzuriteServer> StartAsync(string? folder = null)
    {
        var script = NodeTools.Require("azurite/dist/src/azurite.js");
        int blob = FreePort.Next(), queue = FreePort.Next(), table = FreePort.Next();
        List<string> arguments =
        [
            script, "--silent", "--disableTelemetry", "--skipApiVersionCheck",
            "--blobHost", "127.0.0.1", "--blobPort", $"{blob}",
            "--queueHost", "127.0.0.1", "--queuePort", $"{queue}",
            "--tableHost", "127.0.0.1", "--tablePort", $"{table}",
        ];
        arguments.AddRange(folder is null ? ["--inMemoryPersistence"] : ["--location", folder]);

        var process = ChildProcess.Start(NodeTools.Node(), arguments, Path.GetTempPath());
        try
        {
            await process.WaitUntilAsync(
                async () => await FreePort.AcceptsAsync(blob) && await FreePort.AcceptsAsync(queue) && await FreePort.AcceptsAsync(table),
                StartLimit);
            return new AzuriteServer(process, blob, queue, table);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
