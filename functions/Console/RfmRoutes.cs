using Campaigns.Core.Jobs;
using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Segments;
using Campaigns.Functions.Console.Pages;

namespace Campaigns.Functions.Console;

/// <summary>How recency, frequency and spend are cut and named.</summary>
/// <param name="Form">The form, as posted where something in it is wrong.</param>
/// <param name="Map">The map in force; null where cells have no names.</param>
public sealed record RfmModel(RfmForm Form, RfmMap? Map);

/// <summary>The page of RFM: bins or fixed cuts, window, and the names of the cells.</summary>
public static class RfmRoutes
{
    /// <summary>Maps <c>/segments/rfm</c>.</summary>
    public static void MapRfmPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/segments/rfm", async (HttpContext context, PageFrames frames, Workspace workspace, CancellationToken c) =>
        {
            var (frame, settings) = (await frames.OfAsync(context, c), (await workspace.ModelSettingsAsync(c)).Rfm);
            return Page.Show<RfmPage>(frame, new RfmModel(RfmForm.Of(settings, frame.Currency), settings.ToMap()));
        });
        app.MapPost("/segments/rfm", SaveAsync);
    }

    private static async Task<IResult> SaveAsync(HttpContext context, PageFrames frames, Workspace workspace, CancellationToken cancellation)
    {
        var frame = await frames.OfAsync(context, cancellation);
        var form = RfmForm.Read(await context.Request.ReadFormAsync(cancellation), frame.Currency);
        if (form.Settings is not { } settings)
        {
            var stands = (await workspace.ModelSettingsAsync(cancellation)).Rfm;
            return Page.Show<RfmPage>(frame with { Path = "/segments/rfm" }, new RfmModel(form, stands.ToMap()), StatusCodes.Status400BadRequest);
        }

        await workspace.SetRfmAsync(settings, cancellation);
        return Page.GoTo("/segments/rfm", "rfm");
    }
}
