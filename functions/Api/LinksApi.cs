using Campaigns.Core.Jobs;
using Campaigns.Core.Tracking;
using Campaigns.Functions.Access;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Api;

/// <summary>
/// The signed links in messages: clicks, opens, unsubscriptions. Whoever holds the message may use them, so they need no
/// key. GET never unsubscribes, because mail scanners follow links; a button or a one-click POST (RFC 8058) does.
/// </summary>
public static class LinksApi
{
    /// <summary>The smallest GIF: one transparent pixel.</summary>
    private static readonly byte[] Pixel = Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");

    /// <summary>Maps <c>/t/c</c>, <c>/t/o</c> and <c>/u</c>.</summary>
    public static void MapLinks(this IEndpointRouteBuilder app)
    {
        var open = app.MapGroup("").WithMetadata(new OpenMark());
        open.MapGet("/t/c/{token}", ClickAsync);
        open.MapGet("/t/o/{token}", OpenAsync);
        open.MapGet("/u/{token}", AskAsync);
        open.MapPost("/u/{token}", UnsubscribeAsync);
    }

    private static async Task<IResult> ClickAsync(string token, HttpContext context, Workspace workspace, WorkQueues queues, CancellationToken cancellation)
    {
        if (await ReadAsync(LinkPurpose.Click, token, workspace, cancellation) is not { Destination: { } destination } link)
        {
            return NotValid();
        }

        await TouchAsync(new Touch(link.Id.ToString(), TouchKind.Clicked, await workspace.NowAsync(cancellation), IsMachine(context)), queues, cancellation);
        return Results.Redirect(destination.AbsoluteUri);
    }

    private static async Task<IResult> OpenAsync(string token, HttpContext context, Workspace workspace, WorkQueues queues, CancellationToken cancellation)
    {
        if (await ReadAsync(LinkPurpose.Open, token, workspace, cancellation) is { } link)
        {
            await TouchAsync(new Touch(link.Id.ToString(), TouchKind.Opened, await workspace.NowAsync(cancellation), IsMachine(context)), queues, cancellation);
        }

        return Results.Bytes(Pixel, "image/gif");
    }

    private static async Task<IResult> AskAsync(string token, Workspace workspace, CancellationToken cancellation) =>
        await ReadAsync(LinkPurpose.Unsubscribe, token, workspace, cancellation) is null
            ? NotValid()
            : Page("Unsubscribe", "<p>Do you want no more messages from us here?</p><form method=\"post\"><button type=\"submit\">Unsubscribe</button></form>");

    private static async Task<IResult> UnsubscribeAsync(string token, Workspace workspace, WorkQueues queues, CancellationToken cancellation)
    {
        if (await ReadAsync(LinkPurpose.Unsubscribe, token, workspace, cancellation) is not { } link)
        {
            return NotValid();
        }

        await TouchAsync(new Touch(link.Id.ToString(), TouchKind.Unsubscribed, await workspace.NowAsync(cancellation)), queues, cancellation);
        return Page("Unsubscribed", "<p>You are unsubscribed. You will get no more messages from us here.</p>");
    }

    private static async Task<LinkReading.Valid?> ReadAsync(LinkPurpose purpose, string token, Workspace workspace, CancellationToken cancellation) =>
        SignedLinks.Of(await workspace.SettingsAsync(cancellation)).Read(purpose, token) as LinkReading.Valid;

    private static ValueTask TouchAsync(Touch touch, WorkQueues queues, CancellationToken cancellation) =>
        queues.SendAsync([new Outgoing(TouchDue.Queue, new Envelope { Content = Touch.ToContent(touch) }.ToJson())], cancellation);

    private static bool IsMachine(HttpContext context)
    {
        var headers = context.Request.Headers;
        return Machines.Made(HttpMethods.IsHead(context.Request.Method), headers["Sec-Purpose"].ToString() + headers["Purpose"], headers.UserAgent.ToString());
    }

    private static IResult NotValid() =>
        Results.Text("This link is not valid. It may have been cut off: use the whole link from the message.", "text/plain; charset=utf-8", statusCode: StatusCodes.Status404NotFound);

    /// <summary>A small page for recipients; the body is HTML.</summary>
    internal static IResult Page(string title, string body) =>
        Results.Text($"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>", "text/html; charset=utf-8");
}
