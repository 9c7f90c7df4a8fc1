using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Campaigns.Channels.SendGrid;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Campaigns.EndToEnd.Tests;

/// <summary>An e-mail provider's stand-in that takes every message and counts how often it was given each. It outlives the app.</summary>
internal sealed partial class MailStandIn : IAsyncDisposable
{
    private static readonly TimeSpan AnswersAfter = TimeSpan.FromMilliseconds(40);

    private readonly WebApplication host;
    private readonly ConcurrentDictionary<string, int> taken;

    private MailStandIn(WebApplication app, ConcurrentDictionary<string, int> taken) => (host, this.taken) = (app, taken);

    public string Address => host.Urls.First();

    /// <summary>How often the provider was given the message of each sending record.</summary>
    public IReadOnlyDictionary<string, int> Taken => taken;

    /// <summary>Messages taken so far, repeated ones counted again.</summary>
    public int Count => taken.Values.Sum();

    public static async Task<MailStandIn> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var counts = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            foreach (Match match in SendIds().Matches(body))
            {
                counts.AddOrUpdate(match.Groups["id"].Value, 1, (_, count) => count + 1);
            }

            // Providers take their time between taking a message and saying so.
            await Task.Delay(AnswersAfter, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        });
        await app.StartAsync();
        return new MailStandIn(app, counts);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await host.DisposeAsync();
    }

    [GeneratedRegex("\"" + SendGridChannel.SendIdArgument + "\":\\s*\"(?<id>[^\"]+)\"", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SendIds();
}
