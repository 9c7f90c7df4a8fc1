using System.Diagnostics;
using System.Globalization;
using Campaigns.Channels.SendGrid;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Campaigns.Bench;

/// <summary>
/// A stand-in of SendGrid on loopback that takes every message at once and counts. In a process of its own, so that the app's memory and
/// processor time are the app's.
/// </summary>
internal sealed class ProviderStandIn : IDisposable
{
    private readonly Process process;
    private readonly HttpClient http;

    private ProviderStandIn(Process process, string address) => (this.process, http) = (process, new HttpClient { BaseAddress = new Uri(address) });

    /// <summary>Where it listens.</summary>
    public string Address => http.BaseAddress!.ToString().TrimEnd('/');

    /// <summary>Starts it, and waits until it listens.</summary>
    public static async Task<ProviderStandIn> StartAsync()
    {
        var started = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(ProviderStandIn).Assembly.Location, "stand-in"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        return new ProviderStandIn(started, await started.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The stand-in of the provider did not start."));
    }

    /// <summary>Calls and messages since the start.</summary>
    public async Task<(long Calls, long Messages)> CountAsync()
    {
        var text = (await http.GetStringAsync("/counts")).Split(' ');
        return (long.Parse(text[0], CultureInfo.InvariantCulture), long.Parse(text[1], CultureInfo.InvariantCulture));
    }

    /// <summary>What the process does.</summary>
    public static async Task ServeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(k => k.Limits.MaxRequestBodySize = null);
        await using var app = builder.Build();
        var (calls, messages) = (0L, 0L);
        app.MapGet("/counts", () => string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Read(ref calls)} {Interlocked.Read(ref messages)}"));
        app.MapFallback(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            Interlocked.Increment(ref calls);
            Interlocked.Add(ref messages, CountOf(body.GetBuffer().AsSpan(0, (int)body.Length)));
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        });
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        await app.WaitForShutdownAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        http.Dispose();
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private static int CountOf(ReadOnlySpan<byte> body)
    {
        var name = "\"send_id\""u8;
        Debug.Assert(name.Length == SendGridChannel.SendIdArgument.Length + 2, "The argument's name has changed.");
        var count = 0;
        for (var at = body.IndexOf(name); at >= 0; at = body.IndexOf(name))
        {
            count++;
            body = body[(at + name.Length)..];
        }

        return count;
    }
}
