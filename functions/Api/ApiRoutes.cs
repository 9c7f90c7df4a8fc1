using System.Text.Json;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using Campaigns.Functions.Access;

namespace Campaigns.Functions.Api;

/// <summary>All routes of the HTTP interface, by subject. Errors are JSON with one sentence that says what to do.</summary>
public static class ApiRoutes
{
    /// <summary>Maps everything below <c>/api</c>.</summary>
    public static void MapApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api");
        api.AddEndpointFilter(OnlyKeysAsync);
        api.MapGet("/health", () => Results.Json(new { status = "ok" })).WithMetadata(new OpenMark());
        api.MapWorkspace();
        api.MapJobs();
        api.MapImports();
        api.MapColumns();
        api.MapCampaigns();
        api.MapCodes();
        api.MapRuns();
        api.MapResults();
        api.MapReplay();
        api.MapControl();
        api.MapAttributes();
        api.MapSegments();
        api.MapCustomerSegments();
        api.MapPrivacy();
        api.MapDoNotContact();
        api.MapConsents();
        api.MapPresets();
        app.MapLinks();
        app.MapConsentLinks();
        app.MapWebhooks();
    }

    /// <summary>The value of a route that is a customer's id: any text, since it is hashed before it becomes a key.</summary>
    private const string Customer = "customer";

    /// <summary>Ids and places in lists come from addresses: what cannot be a key names nothing, and is no fault of the store.</summary>
    private static async ValueTask<object?> OnlyKeysAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        return request.RouteValues.Any(v => v.Value is string id && (v.Key == Customer ? id.Length is 0 or > CustomerKey.MaxIdLength : !RowLimits.IsKey(id))) ? Refuse(StatusCodes.Status404NotFound, "There is nothing of that id.")
            : request.Query["from"] is { Count: > 0 } from && !RowLimits.IsKey(from.ToString()) ? Refuse(StatusCodes.Status400BadRequest, "from is the value of next of the page before.")
            : await next(context);
    }

    /// <summary>The body as JSON. Throws <see cref="BadHttpRequestException"/>, which <see cref="Failures"/> words, where it is none.</summary>
    public static async ValueTask<T> ReadAsync<T>(HttpContext context, JsonSerializerOptions options, CancellationToken cancellation)
        where T : class
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new BadHttpRequestException("", StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            return await context.Request.ReadFromJsonAsync<T>(options, cancellation)
                ?? throw new BadHttpRequestException("the body is null, and an object is expected.");
        }
        catch (JsonException error)
        {
            throw new BadHttpRequestException("", error);
        }
    }

    /// <summary>A refusal: status and a sentence.</summary>
    public static IResult Refuse(int status, string sentence) => Results.Json(new { error = sentence }, statusCode: status);
}
