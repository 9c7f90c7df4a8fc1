using Campaigns.Core.Jobs;
using Campaigns.Functions.Access;
using Campaigns.Functions.Api;
using Campaigns.Functions.Console;
using Campaigns.Functions.LocalTriggers;

namespace Campaigns.Functions.Hosting;

/// <summary>
/// The app, built for either way of being triggered: under the Functions host (its port variable is set: trigger endpoints,
/// no local triggers) or by hand (local triggers, no trigger endpoints).
/// </summary>
public static class FunctionsApp
{
    /// <summary>The port by hand where none is set.</summary>
    public const int DefaultPort = 7071;

    /// <summary>Builds the app. <paramref name="arguments"/> are settings as on the command line, e.g. <c>--Campaigns:DataFile=…</c>.</summary>
    public static WebApplication Build(string[] arguments, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = arguments,
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = "wwwroot",
        });
        var hostPort = builder.Configuration[HostSettings.Port];
        var underHost = !string.IsNullOrEmpty(hostPort);
        AddDefaults(builder.Configuration);
        VaultReferences.RequireResolved(builder.Configuration);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.WebHost.UseUrls($"http://127.0.0.1:{(underHost ? hostPort : builder.Configuration["port"] ?? DefaultPort.ToString(System.Globalization.CultureInfo.InvariantCulture))}");
        builder.Services.AddCampaigns(builder.Configuration, AppContext.BaseDirectory, underHost);
        builder.Services.AddConsole();
        // Addresses hold the tokens of signed links and webhooks: the framework's line per request would log them, and its
        // scope would put them on every line of ours.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true); // So that Failures words the answer.
        configure?.Invoke(builder);
        var app = builder.Build();
        app.UseExceptionHandler(Failures.Options());
        app.UseRouting();
        app.UseMiddleware<AccessMiddleware>();
        app.Use(RouteSlashes.ReadAsync);
        app.UseStatusCodePages(Failures.FillAsync);
        app.UseStaticFiles();
        if (underHost)
        {
            app.MapTriggers(app.Services.GetRequiredService<LocalTriggerSettings>().Functions);
        }

        app.MapApi();
        app.MapConsole();
        return app;
    }

    /// <summary>Opens the workspace and makes sure that there is an admin key. Gives the key where one was made: print it, it cannot be shown again.</summary>
    public static async Task<string?> PrepareAsync(this WebApplication app, CancellationToken cancellation)
    {
        var services = app.Services;
        var options = services.GetRequiredService<CampaignsOptions>();
        _ = services.GetRequiredService<JobRunner>(); // With it every stage: a missing part shows at the start, not at the first message.
        var workspace = services.GetRequiredService<Workspace>();
        await workspace.OpenAsync(options.BucketsFor(services.GetRequiredService<StorePorts>().Distributed), options.Seed, cancellation);
        if (options.PublicBaseUrl.Length > 0)
        {
            // By hand the address is this machine's; one that customers reach, set by a person, is worth more.
            var address = options.PublicBaseUrl.TrimEnd('/');
            await workspace.ChangeAsync(s => IsLoopback(address) && !IsLoopback(s.PublicBaseUrl) ? s : s with { PublicBaseUrl = address }, cancellation);
        }

        var keys = services.GetRequiredService<ApiKeys>();
        if (options.AdminKey.Length > 0)
        {
            await keys.ReplaceAsync(options.AdminKey, KeyOfSettings, cancellation);
            return null;
        }

        return await keys.AnyAsync(cancellation) ? null : await keys.CreateAsync("admin", cancellation);
    }

    /// <summary>Name of the key that the settings give.</summary>
    private const string KeyOfSettings = "admin, from the settings";

    private static bool IsLoopback(string address) => Uri.TryCreate(address, UriKind.Absolute, out var url) && url.IsLoopback;

    private static void AddDefaults(ConfigurationManager configuration)
    {
        // Defaults go below everything else: a setting of that name wins wherever it stands.
        var defaults = new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = HostSettings.DefaultSchedules };
        ((IConfigurationBuilder)configuration).Sources.Insert(0, defaults);
    }
}
