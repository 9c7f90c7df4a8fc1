namespace Campaigns.Testing;

/// <summary>
/// A provider's stand-in on loopback: Prism answers from the provider's own OpenAPI description and refuses requests that do not match it.
/// </summary>
public sealed class PrismServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    private PrismServer(ChildProcess process, int port)
    {
        _process = process;
        Address = new Uri($"http://127.0.0.1:{port}/");
    }

    public Uri Address { get; }

    /// <summary>What Prism said, with the reason for every request that it refused.</summary>
    public string Output => _process.Output;

    /// <summary>Starts it, or skips the calling test where it or the description is not there.</summary>
    /// <param name="description">An OpenAPI file below the shared folder, as <c>providers/sendgrid_mail_v3.openapi.json</c>.</param>
    public static async Task<PrismServer> StartAsync(string description)
    {
        var script = NodeTools.Require("@stoplight/prism-cli/dist/index.js");
        var file = SharedFiles.Require(description);
        var port = FreePort.Next();
        var process = ChildProcess.Start(NodeTools.Node(), [script, "mock", "-p", $"{port}", "-h", "127.0.0.1", "--errors", file], Path.GetTempPath());
        try
        {
            await process.WaitUntilAsync(() => FreePort.AcceptsAsync(port), StartLimit);
            return new PrismServer(process, port);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
