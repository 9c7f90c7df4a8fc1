namespace Campaigns.Functions.Api;

/// <summary>All routes of the HTTP interface, by subject. Errors are JSON with one sentence that says what to do.</summary>
public static class ApiRoutes
{
    /// <summary>Maps everything below <c>/api</c>.</summary>
    public static void MapApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api");
        api.MapGet("/health", () => Results.Json(new { status = "ok" }));
        api.MapWorkspace();
        api.MapJobs();
        api.MapImports();
        api.MapCampaigns();
        api.MapResults();
        app.MapLinks();
    }

    /// <summary>A refusal: status and a sentence.</summary>
    public static IResult Refuse(int status, string sentence) => Results.Json(new { error = sentence }, statusCode: status);
}
