using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Campaigns.Channels.Tests;

/// <summary>A provider's stand-in on loopback that answers as told and keeps the requests.</summary>
internal sealed class StandIn : IAsyncDisposable
{
    private readonly WebApplication host;

    private StandIn(WebApplication app, Uri address) => (host, Address) = (app, address);

    public Uri Address { get; }

    public List<(string Path, string Authorization, string Body)> Requests { get; } = [];

    public static async Task<StandIn> StartAsync(Func<HttpContext, int, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        StandIn? self = null;
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            self!.Requests.Add((context.Request.Path, context.Request.Headers.Authorization.ToString(), body));
            await answer(context, self.Requests.Count);
        });
        await app.StartAsync();
        self = new StandIn(app, new Uri(app.Urls.First()));
        return self;
    }

    public static Task<StandIn> AnsweringAsync(int status, string body = "{}", params (string Name, string Value)[] headers) => StartAsync((context, _) =>
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        return context.Response.WriteAsync(body);
    });

    public static Task<StandIn> HangingAsync() => StartAsync((context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));

    public static Task<StandIn> BreakingAsync() => StartAsync((context, _) =>
    {
        context.Abort();
        return Task.CompletedTask;
    });

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await host.StopAsync(now.Token);
        await host.DisposeAsync();
    }
}
