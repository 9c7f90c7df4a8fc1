using Campaigns.Functions.Api;

namespace Campaigns.Functions.Console;

/// <summary>The console: pages for people, rendered on the server. It reads through the same classes as the HTTP interface.</summary>
public static class ConsoleRoutes
{
    /// <summary>Registers what pages need.</summary>
    public static IServiceCollection AddConsole(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddSingleton<PageFrames>();
        services.AddSingleton<HomeQuery>();
        services.AddSingleton<CustomerQuery>();
        services.AddSingleton<SegmentQuery>();
        services.AddSingleton<CampaignQuery>();
        services.AddSingleton<ProblemQuery>();
        services.AddSingleton<ExampleMessages>();
        services.AddSingleton<ExampleShop>();
        return services;
    }

    /// <summary>Maps all pages.</summary>
    public static void MapConsole(this IEndpointRouteBuilder app)
    {
        app.MapSignIn();
        app.MapHome();
        app.MapProblems();
        app.MapImportPages();
        app.MapColumnPages();
        app.MapCampaignPages();
        app.MapCampaignActions();
        app.MapRunActions();
        app.MapOfferPages();
        app.MapCodePages();
        app.MapReplayPages();
        app.MapSegmentPages();
        app.MapSegmentEditor();
        app.MapFieldPages();
        app.MapRfmPages();
        app.MapPresetPages();
        app.MapVersionPages();
        app.MapCustomerPages();
        app.MapOutboxPages();
        app.MapLedgerPages();
        app.MapSettingsPages();
        app.MapControlPages();
        app.MapFallback(MissingAsync);
    }

    private static async Task<IResult> MissingAsync(HttpContext context, PageFrames frames, CancellationToken cancellation) =>
        context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) || !HttpMethods.IsGet(context.Request.Method)
            ? ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such address.")
            : await Page.MissingAsync(context, frames, "page", cancellation);
}
