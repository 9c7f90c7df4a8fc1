using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Campaigns.Core.Jobs;
using Campaigns.Functions.Api;
using Campaigns.Functions.Hosting;
using Campaigns.Functions.LocalTriggers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Campaigns.Testing.App;

/// <summary>The real app on a temporary file and a free port, spoken to by real HTTP.</summary>
public sealed class AppUnderTest : IAsyncDisposable
{
    private readonly string folder;

    private AppUnderTest(WebApplication app, string folder, string key)
    {
        (App, this.folder, Key) = (app, folder, key);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Anonymous = ClientOf(address);
        Admin = ClientOf(address);
        Admin.DefaultRequestHeaders.Add("X-Api-Key", key);
    }

    public WebApplication App { get; }

    public string Key { get; }

    public HttpClient Anonymous { get; }

    public HttpClient Admin { get; }

    /// <summary>A client that waits for "100 Continue" as long as it takes: by default it sends the body after a second, and breaks off on a busy machine.</summary>
    private static HttpClient ClientOf(string address) => new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, Expect100ContinueTimeout = TimeSpan.FromMinutes(2) })
    { BaseAddress = new Uri(address) };

    public Workspace Workspace => Get<Workspace>();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Starts it: by hand (local queues, no timers) or as under the Functions host.</summary>
    public static Task<AppUnderTest> StartAsync(bool underHost = false, params string[] settings) => StartAsync(_ => { }, underHost, settings);

    /// <summary>Starts it with parts that <paramref name="configure"/> adds or replaces.</summary>
    public static async Task<AppUnderTest> StartAsync(Action<WebApplicationBuilder> configure, bool underHost = false, params string[] settings)
    {
        var temporary = Directory.CreateTempSubdirectory("campaigns-app-").FullName;
        string[] arguments =
        [
            $"--Campaigns:DataFile={Path.Combine(temporary, "store.db")}",
            "--LocalTimers=false",
            underHost ? $"--{HostSettings.Port}={FreePort.Next()}" : "--port=0",
            .. settings,
        ];
        var app = FunctionsApp.Build(arguments, builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            configure(builder);
        });
        var key = await app.PrepareAsync(CancellationToken.None);
        // Tests of brakes switch them on; in all others nobody waits.
        await app.Services.GetRequiredService<Workspace>().ChangeAsync(s => s with { Brakes = SendBrakes.Off }, CancellationToken.None);
        await app.StartAsync();
        return new AppUnderTest(app, temporary, key!);
    }

    /// <summary>A part of the app.</summary>
    public T Get<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    /// <summary>Waits until all work that was started is done.</summary>
    public Task QuietAsync() => Get<Quiescence>().WaitAsync(Cancelled);

    /// <summary>Moves the business clock.</summary>
    public async Task SetNowAsync(DateTimeOffset now) => await Workspace.SetNowAsync(now, Cancelled);

    /// <summary>Ticks a timer function and waits until its work is done.</summary>
    public async Task TickAsync(string function)
    {
        await Get<FunctionTable>().TickAsync(function, Cancelled);
        await QuietAsync();
    }

    /// <summary>Sends a request with the admin key; fails with the answer's sentence where it is refused.</summary>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: CampaignsApi.Json) };
        return await SendAsync(request);
    }

    /// <summary>Reads by GET.</summary>
    public Task<JsonElement> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>Imports a body, waits until it and what follows is done, and gives the import's final state.</summary>
    public async Task<JsonElement> ImportAsync(string path, HttpContent body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        var started = await SendAsync(request);
        await QuietAsync();
        return await GetAsync("/api/imports/" + started.GetProperty("import").GetString());
    }

    public async ValueTask DisposeAsync()
    {
        Anonymous.Dispose();
        Admin.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task<JsonElement> SendAsync(HttpRequestMessage request)
    {
        using var answer = await Admin.SendAsync(request, Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.IsSuccessStatusCode, string.Create(CultureInfo.InvariantCulture, $"{request.Method} {request.RequestUri} answered {(int)answer.StatusCode}: {text}"));
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
