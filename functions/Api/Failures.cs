using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;

namespace Campaigns.Functions.Api;

/// <summary>
/// What a request that fails is answered: JSON with one sentence, never a stack trace and never nothing. What the caller did
/// wrong is said; what went wrong on our side stands in the log.
/// </summary>
public static class Failures
{
    /// <summary>For what throws.</summary>
    public static ExceptionHandlerOptions Options() => new()
    {
        StatusCodeSelector = error => error is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
        SuppressDiagnosticsCallback = failed => failed.Exception is BadHttpRequestException,
        ExceptionHandler = context => context.Response.WriteAsJsonAsync(
            new { error = SentenceOf(context.Features.Get<IExceptionHandlerFeature>()?.Error) }, context.RequestAborted),
    };

    /// <summary>For what ends without a body: addresses of the interface that do not exist, methods that they do not know.</summary>
    public static Task FillAsync(StatusCodeContext context)
    {
        var http = context.HttpContext;
        var isOurs = http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
            || http.Request.Path.StartsWithSegments("/webhooks", StringComparison.OrdinalIgnoreCase);
        return isOurs || !HttpMethods.IsGet(http.Request.Method)
            ? http.Response.WriteAsJsonAsync(new { error = SentenceOf(http.Response.StatusCode) }, http.RequestAborted)
            : Task.CompletedTask;
    }

    private static string SentenceOf(Exception? error) => error switch
    {
        BadHttpRequestException { InnerException: JsonException json } => $"The body is not the JSON that is expected here: {json.Message}",
        BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } bad => $"The request cannot be read: {bad.Message}",
        BadHttpRequestException bad => SentenceOf(bad.StatusCode),
        _ => "Something went wrong on our side; the log says what. Nothing was lost: try again.",
    };

    private static string SentenceOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => "There is no such address.",
        StatusCodes.Status405MethodNotAllowed => "This address does not know the method: the header Allow says which it knows.",
        StatusCodes.Status413PayloadTooLarge => "The body is larger than this address takes.",
        StatusCodes.Status415UnsupportedMediaType => "Send the body as JSON, with Content-Type: application/json.",
        _ => $"The request was refused ({status}).",
    };
}
