using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Campaigns.Testing.App;

/// <summary>What befalls a request on its way to the storage.</summary>
public enum StorageFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>503 "server busy" for a while, to everybody. Nothing is done.</summary>
    Storm,

    /// <summary>The connection is cut before the storage has seen the request.</summary>
    RequestCut,

    /// <summary>The storage does what was asked, and the answer never arrives.</summary>
    AnswerLost,

    /// <summary>The storage does what was asked, and the connection is cut in the middle of the answer.</summary>
    AnswerCut,

    /// <summary>The answer takes its time.</summary>
    Slow,

    /// <summary>A page of rows that is empty and says that there are more.</summary>
    EmptyPage,

    /// <summary>A page with fewer rows than there are and were asked for.</summary>
    ShortPage,
}

/// <summary>
/// Stands between the app and Azurite and does to its requests what networks and a busy service do, as chance has it. What it
/// may do lies within what Azure's protocol allows, so that nothing may come of it but time lost.
/// </summary>
public sealed partial class FaultyStorage : IAsyncDisposable
{
    /// <summary>How often each fault comes, of 1,000 requests. Pages only concern requests for rows.</summary>
    private static readonly (StorageFault Fault, int OfThousand)[] Shares =
    [
        (StorageFault.RequestCut, 8), (StorageFault.AnswerLost, 20), (StorageFault.AnswerCut, 8), (StorageFault.Slow, 10),
    ];

    /// <summary>Of 1,000 requests for a page of rows.</summary>
    private const int EmptyPages = 150, ShortPages = 150;

    /// <summary>A storm comes with every so many requests.</summary>
    private const int BetweenStorms = 1500;

    /// <summary>Rows of a short page.</summary>
    private const string FewRows = "3";

    /// <summary>The SDK tries again after 0.8 s, and twice more at longer distances: some requests outlast a storm, some give up.</summary>
    private static readonly TimeSpan ShortestStorm = TimeSpan.FromSeconds(0.3), LongestStorm = TimeSpan.FromSeconds(2.5);

    private static readonly TimeSpan Slowness = TimeSpan.FromMilliseconds(400);

    private readonly WebApplication host;
    private readonly HttpClient storage = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None });
    private readonly Dictionary<int, int> portOf = [];
    private readonly ConcurrentDictionary<StorageFault, int> happened = new();
    private readonly Lock gate = new();
    private readonly Random chance;
    private DateTimeOffset stormUntil;
    private int untilStorm = BetweenStorms / 3;

    private FaultyStorage(string connectionString, int seed)
    {
        chance = new Random(seed);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        ConnectionString = Ports().Replace(connectionString, match =>
        {
            var own = FreePort.Next();
            portOf[own] = int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture);
            return $"//127.0.0.1:{own}/";
        });
        builder.WebHost.UseUrls([.. portOf.Keys.Select(port => $"http://127.0.0.1:{port}")]);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        host = builder.Build();
        host.Run(AnswerAsync);
    }

    /// <summary>The storage with faults on the way.</summary>
    public string ConnectionString { get; }

    /// <summary>Faults happen from now on, or no longer.</summary>
    public bool Faulty { get; set; }

    /// <summary>How often each came.</summary>
    public IReadOnlyDictionary<StorageFault, int> Happened => happened;

    public static async Task<FaultyStorage> StartAsync(string connectionString, int seed)
    {
        var proxy = new FaultyStorage(connectionString, seed);
        await proxy.host.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await host.DisposeAsync();
        storage.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var isPage = HttpMethods.IsGet(context.Request.Method) && context.Request.Path.Value!.EndsWith("()", StringComparison.Ordinal);
        var fault = Draw(isPage);
        happened.AddOrUpdate(fault, 1, (_, count) => count + 1);
        switch (fault)
        {
            case StorageFault.Storm:
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                context.Response.Headers["x-ms-error-code"] = "ServerBusy";
                return;
            case StorageFault.RequestCut:
                context.Abort();
                return;
            case StorageFault.EmptyPage:
                await AnswerEmptyAsync(context);
                return;
            case StorageFault.Slow:
                await Task.Delay(Slowness, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
        }

        // Read before it is sent on: a client that goes away in the middle of its request has sent none.
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        using var request = RequestOf(context.Request, body.ToArray(), fault == StorageFault.ShortPage);
        using var answer = await storage.SendAsync(request, CancellationToken.None);
        var content = await answer.Content.ReadAsByteArrayAsync(CancellationToken.None);
        if (fault == StorageFault.AnswerLost)
        {
            context.Abort();
            return;
        }

        await PassOnAsync(context.Response, answer, content, fault == StorageFault.AnswerCut && content.Length > 1);
    }

    private StorageFault Draw(bool isPage)
    {
        lock (gate)
        {
            var now = DateTimeOffset.UtcNow;
            if (!Faulty)
            {
                return StorageFault.None;
            }

            if (untilStorm-- == 0)
            {
                untilStorm = BetweenStorms;
                stormUntil = now + ShortestStorm + ((LongestStorm - ShortestStorm) * chance.NextDouble());
            }

            if (now < stormUntil)
            {
                return StorageFault.Storm;
            }

            var drawn = chance.Next(1000);
            foreach (var (fault, share) in Shares)
            {
                if ((drawn -= share) < 0)
                {
                    return fault;
                }
            }

            return !isPage ? StorageFault.None
                : (drawn -= EmptyPages) < 0 ? StorageFault.EmptyPage
                : drawn < ShortPages ? StorageFault.ShortPage : StorageFault.None;
        }
    }

    private const string NextPartition = "NextPartitionKey", NextRow = "NextRowKey", Continues = "x-ms-continuation-";

    /// <summary>Marks a continuation of ours: it leads to where the empty page was asked for.</summary>
    private const string Empty = "empty-page";

    /// <summary>Gives a page without rows, whose continuation leads to the page that was asked for.</summary>
    private static Task AnswerEmptyAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var (partition, row) = query[NextPartition] == Empty ? Unpacked(query[NextRow]!) : (query[NextPartition].ToString(), query[NextRow].ToString());
        context.Response.Headers[Continues + NextPartition] = Empty;
        context.Response.Headers[Continues + NextRow] = WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes($"{partition}\n{row}"));
        context.Response.ContentType = "application/json;odata=minimalmetadata";
        return context.Response.WriteAsync("""{"value":[]}""");
    }

    private static (string Partition, string Row) Unpacked(string token)
    {
        var parts = Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(token)).Split('\n');
        return (parts[0], parts[1]);
    }

    /// <summary>The request as it goes on. A table request is signed over its path alone, so its query may be changed.</summary>
    private HttpRequestMessage RequestOf(HttpRequest from, byte[] body, bool fewRows)
    {
        var query = from.QueryString.Value ?? "";
        if (fewRows)
        {
            query = Top().Replace(query, "$top=" + FewRows);
        }

        if (from.Query[NextPartition] == Empty)
        {
            var (partition, row) = Unpacked(from.Query[NextRow]!);
            query = Continuation().Replace(query, "");
            query += (partition.Length == 0 ? "" : $"&{NextPartition}={Uri.EscapeDataString(partition)}") + (row.Length == 0 ? "" : $"&{NextRow}={Uri.EscapeDataString(row)}");
            query = query.StartsWith('&') ? "?" + query[1..] : query;
        }

        // As it was written: the signature is over the path as the client escaped it.
        var target = from.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var path = target.Split('?')[0];
        var request = new HttpRequestMessage(new HttpMethod(from.Method), new Uri($"http://127.0.0.1:{portOf[from.HttpContext.Connection.LocalPort]}{path}{query}"))
        {
            Content = body.Length > 0 || from.ContentLength is not null ? new ByteArrayContent(body) : null,
        };
        foreach (var (name, values) in from.Headers)
        {
            if (!name.Equals("Host", StringComparison.OrdinalIgnoreCase) && !name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)
                && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        return request;
    }

    private static async Task PassOnAsync(HttpResponse to, HttpResponseMessage answer, byte[] content, bool cut)
    {
        to.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat<KeyValuePair<string, IEnumerable<string>>>(answer.Content.Headers))
        {
            if (name is not ("Transfer-Encoding" or "Connection" or "Keep-Alive"))
            {
                to.Headers[name] = values.ToArray();
            }
        }

        if (content.Length > 0)
        {
            to.ContentLength = content.Length;
            await to.Body.WriteAsync(cut ? content.AsMemory(0, content.Length / 2) : content);
            await to.Body.FlushAsync();
        }

        if (cut)
        {
            to.HttpContext.Abort();
        }
    }

    [GeneratedRegex("//127\\.0\\.0\\.1:(?<port>[0-9]+)/", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Ports();

    [GeneratedRegex("(\\$|%24)top=[0-9]+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Top();

    [GeneratedRegex("&?(NextPartitionKey|NextRowKey)=[^&]*", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Continuation();
}
