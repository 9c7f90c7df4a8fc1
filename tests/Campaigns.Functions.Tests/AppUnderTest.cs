using System.Net.Http.Json;
using Campaigns.Functions.Hosting;
using Campaigns.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Campaigns.Functions.Tests;

/// <summary>The real app on a temporary file and a free port, spoken to by real HTTP.</summary>
public sealed class AppUnderTest : IAsyncDisposable
{
    private readonly string folder;

    private AppUnderTest(WebApplication app, string folder, string key)
    {
        (App, this.folder, Key) = (app, folder, key);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Anonymous = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(address) };
        Admin = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(address) };
        Admin.DefaultRequestHeaders.Add("X-Api-Key", key);
    }

    public WebApplication App { get; }

    public string Key { get; }

    public HttpClient Anonymous { get; }

    public HttpClient Admin { get; }

    /// <summary>Starts it: by hand (local queues, no timers) or as under the Functions host.</summary>
    public static async Task<AppUnderTest> StartAsync(bool underHost = false, params string[] settings)
    {
        var temporary = Directory.CreateTempSubdirectory("campaigns-app-").FullName;
        string[] arguments =
        [
            $"--Campaigns:DataFile={Path.Combine(temporary, "store.db")}",
            "--LocalTimers=false",
            underHost ? $"--{HostSettings.Port}={FreePort.Next()}" : "--port=0",
            .. settings,
        ];
        var app = FunctionsApp.Build(arguments);
        var key = await app.PrepareAsync(CancellationToken.None);
        await app.StartAsync();
        return new AppUnderTest(app, temporary, key!);
    }

    public async ValueTask DisposeAsync()
    {
        Anonymous.Dispose();
        Admin.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
