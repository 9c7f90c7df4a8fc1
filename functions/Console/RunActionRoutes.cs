using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Brakes;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Console;

/// <summary>What can be done with one send: cancel it, let it go on, call it a mistake.</summary>
public static class RunActionRoutes
{
    /// <summary>Maps the actions below <c>/campaigns/{id}/sends/{run}</c>.</summary>
    public static void MapRunActions(this IEndpointRouteBuilder app)
    {
        app.MapPost("/campaigns/{id}/sends/{run}/cancel", Change((run, services, _, c) => services.GetRequiredService<RunBrakeStep>().CancelAsync(run, c), "cancelled"));
        app.MapPost("/campaigns/{id}/sends/{run}/mistake", Change((run, services, form, c) => services.GetRequiredService<RunBrakeStep>().MarkAsync(run, form["note"].ToString(), c), "mistake"));
        app.MapPost("/campaigns/{id}/sends/{run}/resume", Change(
            async (run, services, _, c) => await services.GetRequiredService<ComplaintStep>().ResumeAsync(run, c) ? null : "The send has not paused itself.", "resumed"));
    }

    private static Delegate Change(Func<string, IServiceProvider, IFormCollection, CancellationToken, ValueTask<string?>> change, string notice) =>
        async (string id, string run, HttpContext context, PageFrames frames, CampaignCatalog catalog, CampaignQuery query, JobRunner jobs, WorkQueues queues, CancellationToken c) =>
        {
            if (await catalog.FindAsync(id, c) is not { } found)
            {
                return await Page.MissingAsync(context, frames, "campaign", c);
            }

            if (await change(run, context.RequestServices, await context.Request.ReadFormAsync(c), c) is { } refusal)
            {
                return await CampaignRoutes.ShowAsync(found.Value, refusal, context, frames, query, c);
            }

            await Waking.AllAsync(jobs, queues, c);
            return Page.GoTo("/campaigns/" + id, notice);
        };
}
