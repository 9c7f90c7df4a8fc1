using System.Net;
using System.Net.Sockets;
using Campaigns.Core.Primitives;
using Campaigns.Functions.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Campaigns.Cli;

/// <summary>The Functions app in this process with local triggers, as <c>demo</c> and <c>serve</c> start it.</summary>
internal sealed class LocalApp : IAsyncDisposable
{
    /// <summary>Ports tried from the usual one on.</summary>
    private const int PortsTried = 50;

    private LocalApp(WebApplication app, Uri address, string? newKey)
    {
        (App, Address, NewKey) = (app, address, newKey);
    }

    public WebApplication App { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>The admin key where this start made one.</summary>
    public string? NewKey { get; }

    public T Get<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    /// <summary>Starts the app on the storage that the option names.</summary>
    /// <param name="storage">Null or "sqlite" = the file; "azurite" = the emulator that the script started; else a connection string.</param>
    /// <param name="dataFile">File of the embedded storage.</param>
    /// <param name="port">Wanted port; the next free one is taken where it is in use.</param>
    /// <param name="quiet">Only warnings are logged.</param>
    /// <param name="more">Further settings as arguments.</param>
    /// <param name="cancellation">Ends the start.</param>
    public static async Task<LocalApp> StartAsync(string? storage, string dataFile, int port, bool quiet, string[] more, CancellationToken cancellation)
    {
        var chosen = FirstFreePort(port);
        List<string> arguments = [$"--port={chosen}", $"--Campaigns:PublicBaseUrl=http://127.0.0.1:{chosen}", .. more, .. StoreArguments(storage, dataFile)];
        var app = FunctionsApp.Build([.. arguments], builder =>
        {
            builder.Logging.ClearProviders();
            builder.Logging.AddSimpleConsole(o => o.SingleLine = true);
            builder.Logging.SetMinimumLevel(quiet ? LogLevel.Warning : LogLevel.Information);
            builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
            builder.Logging.AddFilter("System", LogLevel.Warning);
        });
        var key = await app.PrepareAsync(cancellation);
        await app.StartAsync(cancellation);
        return new LocalApp(app, new Uri($"http://127.0.0.1:{chosen}"), key);
    }

    /// <summary>Settings, as arguments, that name the store.</summary>
    /// <param name="storage">Null or "sqlite" = the file; "azurite" = the emulator that the script started; else a connection string.</param>
    /// <param name="dataFile">File of the embedded storage.</param>
    public static List<string> StoreArguments(string? storage, string dataFile)
    {
        if (ConnectionString(storage) is not { } connection)
        {
            return [$"--Campaigns:DataFile={dataFile}"];
        }

        // A connection string goes through the environment, never through arguments that a process list shows.
        Environment.SetEnvironmentVariable(HostSettings.Storage, connection);
        // One process on an emulator: 256 buckets would only make more round trips.
        return storage == "azurite" ? [$"--Campaigns:Buckets={Bucketing.Embedded}"] : [];
    }

    /// <summary>Folder with this machine's data: <c>.campaigns</c> beside the script, or in the working directory.</summary>
    public static string DataFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Campaigns.sln")))
            {
                return Path.Combine(folder.FullName, ".campaigns");
            }
        }

        return Path.Combine(Environment.CurrentDirectory, ".campaigns");
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
    }

    private static string? ConnectionString(string? storage) => storage switch
    {
        null or "" or "sqlite" => null,
        "azurite" => Environment.GetEnvironmentVariable("CAMPAIGNS_AZURITE_CONNECTION")
            ?? throw new InvalidOperationException("--storage azurite works through the script: ./campaigns starts and stops Azurite."),
        _ => storage,
    };

    private static int FirstFreePort(int wanted)
    {
        for (var port = wanted; port < wanted + PortsTried; port++)
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // In use; the next one.
            }
        }

        throw new InvalidOperationException($"No free port from {wanted} to {wanted + PortsTried - 1}. Name another with --port.");
    }
}
