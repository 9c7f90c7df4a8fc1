using System.Text.Json;
using Campaigns.Functions.Access;
using Microsoft.AspNetCore.Http.Features;

namespace Campaigns.Functions.Hosting;

/// <summary>
/// The endpoints that the Functions host posts timer ticks and queue messages to: <c>POST /{FunctionName}</c>. Mapped only
/// under the host. A call that came from outside through the catch-all function carries X-Forwarded headers, the host's
/// own does not, and names its invocation.
/// </summary>
public static class TriggerEndpoints
{
    /// <summary>Header by which the host names an invocation.</summary>
    public const string InvocationHeader = "X-Azure-Functions-InvocationId";

    /// <summary>A host call is JSON of a queue message (≤ 64 KiB) in an envelope of metadata.</summary>
    private const long BodyBytes = 1024 * 1024;

    /// <summary>The answer that means success. Never empty: the host waits for ever on an empty one.</summary>
    private const string Success = """{"Outputs":{},"ReturnValue":null,"Logs":[]}""";

    /// <summary>Maps one endpoint per timer and queue function.</summary>
    public static void MapTriggers(this IEndpointRouteBuilder app, IEnumerable<FunctionFile> files)
    {
        foreach (var file in files.Where(f => f.Trigger != "httpTrigger"))
        {
            app.MapPost("/" + file.Name, (Delegate)((HttpContext context) => HandleAsync(context, file))).WithMetadata(new TriggerMark());
        }
    }

    private static async Task<IResult> HandleAsync(HttpContext context, FunctionFile file)
    {
        var headers = context.Request.Headers;
        if (!headers.ContainsKey(InvocationHeader) || headers.Keys.Any(k => k.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)))
        {
            return Results.Json(new { error = "There is no such page." }, statusCode: StatusCodes.Status404NotFound);
        }

        var log = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(file.Name);
        try
        {
            var functions = context.RequestServices.GetRequiredService<FunctionTable>();
            if (file.Trigger == "timerTrigger")
            {
                await functions.TickAsync(file.Name, context.RequestAborted);
            }
            else
            {
                await functions.DeliverAsync(file.Name, await PayloadAsync(context, file.Binding), context.RequestAborted);
            }

            return Results.Text(Success, "application/json");
        }
        catch (Exception error) when (error is not OperationCanceledException || !context.RequestAborted.IsCancellationRequested)
        {
            log.LogError(error, "{Function} failed; the host tries it again.", file.Name);
            return Results.Json(new { error = error.Message }, statusCode: StatusCodes.Status500InternalServerError);
        }
    }

    /// <summary>The message body: <c>Data.{binding}</c> is a JSON string that was encoded twice, whatever the payload.</summary>
    internal static async Task<string> PayloadAsync(HttpContext context, string binding)
    {
        // The host sends chunks: their sum is limited while they are read.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = BodyBytes;
        }

        using var call = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        if (!call.RootElement.TryGetProperty("Data", out var data) || !data.TryGetProperty(binding, out var payload))
        {
            throw new InvalidDataException($"The host's call has no Data.{binding}: function.json and this endpoint disagree.");
        }

        var text = payload.ValueKind == JsonValueKind.String ? payload.GetString()! : payload.GetRawText();
        return text.Length > 0 && text[0] == '"' ? JsonSerializer.Deserialize<string>(text)! : text;
    }
}
