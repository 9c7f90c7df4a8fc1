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

    /// <summary>An answer waits no longer for further callers: well below the time-out of a call.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(40);

    private readonly WebApplication host;
    private readonly ConcurrentDictionary<string, int> taken = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> callers = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource gathered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int gathering;

    private MailStandIn(int callersFirst)
    {
        gathering = callersFirst;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        host = builder.Build();
        host.Run(TakeAsync);
    }

    public string Address => host.Urls.First();

    /// <summary>How often the provider was given the message of each sending record.</summary>
    public IReadOnlyDictionary<string, int> Taken => taken;

    /// <summary>Messages taken so far, repeated ones counted again.</summary>
    public int Count => taken.Values.Sum();

    /// <summary>The API keys with which it was called.</summary>
    public IReadOnlyCollection<string> Callers => [.. callers.Keys];

    /// <param name="callersFirst">It answers nobody until so many API keys have called, so that one caller cannot do all the work before the others come.</param>
    public static async Task<MailStandIn> StartAsync(int callersFirst = 1)
    {
        var started = new MailStandIn(callersFirst);
        await started.host.StartAsync();
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await host.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        foreach (Match match in SendIds().Matches(body))
        {
            taken.AddOrUpdate(match.Groups["id"].Value, 1, (_, count) => count + 1);
        }

        callers[context.Request.Headers.Authorization.ToString()] = true;
        if (callers.Count >= gathering)
        {
            gathered.TrySetResult();
        }

        await gathered.Task.WaitAsync(LongestWait, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Providers take their time between taking a message and saying so.
        await Task.Delay(AnswersAfter, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    [GeneratedRegex("\"" + SendGridChannel.SendIdArgument + "\":\\s*\"(?<id>[^\"]+)\"", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SendIds();
}
