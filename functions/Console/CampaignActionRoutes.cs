using System.Globalization;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Functions.Console.Parts;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Console;

/// <summary>What a launch would come to, and an example message.</summary>
public sealed record PreviewModel(Campaign Campaign, AudiencePreview? Audience, RenderResult? Email, RenderResult? Sms);

/// <summary>What can be done with a campaign: preview, test message, launch, pause, resume, finish, delete.</summary>
public static class CampaignActionRoutes
{
    /// <summary>Maps the actions below <c>/campaigns/{id}</c>.</summary>
    public static void MapCampaignActions(this IEndpointRouteBuilder app)
    {
        app.MapGet("/campaigns/{id}/preview", PreviewAsync);
        app.MapGet("/campaigns/{id}/example", ExampleAsync);
        app.MapPost("/campaigns/{id}/test", TestAsync);
        app.MapPost("/campaigns/{id}/launch", LaunchAsync);
        app.MapPost("/campaigns/{id}/pause", Change((catalog, id, c) => catalog.PauseAsync(id, c), "paused"));
        app.MapPost("/campaigns/{id}/resume", Change((catalog, id, c) => catalog.ResumeAsync(id, c), "resumed"));
        app.MapPost("/campaigns/{id}/finish", Change((catalog, id, c) => catalog.FinishAsync(id, c), "finished"));
        app.MapPost("/campaigns/{id}/delete", DeleteAsync);
    }

    private static Delegate Change(Func<CampaignCatalog, string, CancellationToken, ValueTask<StateChange>> change, string notice) =>
        async (string id, HttpContext context, PageFrames frames, CampaignCatalog catalog, CampaignQuery query, WorkQueues queues, Campaigns.Core.Jobs.JobRunner jobs, CancellationToken c) =>
        {
            if (await change(catalog, id, c) is StateChange.Refused refused)
            {
                return await RefuseAsync(id, refused.Reason, context, frames, catalog, query, c);
            }

            await Waking.AllAsync(jobs, queues, c);
            return Page.GoTo("/campaigns/" + id, notice);
        };

    private static async Task<IResult> DeleteAsync(string id, HttpContext context, PageFrames frames, CampaignCatalog catalog, CampaignQuery query, CancellationToken cancellation) =>
        await catalog.DeleteAsync(id, cancellation) is StateChange.Refused refused
            ? await RefuseAsync(id, refused.Reason, context, frames, catalog, query, cancellation)
            : Page.GoTo("/campaigns", "deleted");

    private static async Task<IResult> LaunchAsync(
        string id, HttpContext context, PageFrames frames, CampaignCatalog catalog, CampaignQuery query, LaunchStep launch, WorkQueues queues, CancellationToken cancellation)
    {
        // The occurrence that the page showed: a second press of the button is the same send.
        var form = await context.Request.ReadFormAsync(cancellation);
        int? occurrence = int.TryParse(form["occurrence"], CultureInfo.InvariantCulture, out var o) ? o : null;
        if (await catalog.FindAsync(id, cancellation) is { Value: { Status: CampaignStatus.Draft, StartAt: { } start } } && start > (await frames.OfAsync(context, cancellation)).Now)
        {
            return await catalog.ActivateAsync(id, cancellation) is StateChange.Refused refusal
                ? await RefuseAsync(id, refusal.Reason, context, frames, catalog, query, cancellation)
                : Page.GoTo("/campaigns/" + id, "launched");
        }

        switch (await launch.LaunchNowAsync(id, occurrence, cancellation))
        {
            case LaunchResult.Launched launched:
                await queues.SendAsync(launched.Messages, cancellation);
                return Page.GoTo("/campaigns/" + id, "launched");
            case LaunchResult.Refused refused:
                return await RefuseAsync(id, refused.Reason, context, frames, catalog, query, cancellation);
            default:
                throw new InvalidOperationException("A launch is launched or refused.");
        }
    }

    private static async Task<IResult> PreviewAsync(
        string id, HttpContext context, PageFrames frames, CampaignCatalog catalog, AudiencePreviews previews, ExampleMessages messages, CancellationToken cancellation)
    {
        if (await catalog.FindAsync(id, cancellation) is not { Value: var campaign })
        {
            return await Page.MissingAsync(context, frames, "campaign", cancellation);
        }

        var audience = await previews.OfAsync(campaign, cancellation);
        RenderResult? email = null, sms = null;
        if (audience?.Example is { } example && Array.Find(campaign.Treatments, t => t.Id == example.Assignment.Treatment) is { } treatment)
        {
            email = treatment.Channels.Contains(Channel.Email) ? await messages.RenderAsync(treatment, Channel.Email, example.Customer, id, cancellation) : null;
            sms = treatment.Channels.Contains(Channel.Sms) ? await messages.RenderAsync(treatment, Channel.Sms, example.Customer, id, cancellation) : null;
        }

        var frame = await frames.OfAsync(context, cancellation);
        var model = new PreviewModel(campaign, audience, email, sms);
        return context.Request.Headers.ContainsKey("HX-Request")
            ? Page.Part<Preview>(("Frame", frame), ("Model", model))
            : Page.Show<Pages.PreviewPage>(frame, model);
    }

    /// <summary>The example e-mail by itself, for the frame that shows it.</summary>
    private static async Task<IResult> ExampleAsync(
        string id, string customer, string variant, HttpContext context, PageFrames frames, CampaignCatalog catalog, CustomerQuery customers, ExampleMessages messages, CancellationToken cancellation)
    {
        if (await catalog.FindAsync(id, cancellation) is { Value: var campaign }
            && Array.Find(campaign.Treatments, t => t.Id == variant) is { } treatment
            && await customers.RowAsync(customer, cancellation) is { } row
            && await messages.RenderAsync(treatment, Channel.Email, row, id, cancellation) is RenderResult.Rendered { Message.Html: { } html })
        {
            return FramedMessage.Html(context, html);
        }

        return await Page.MissingAsync(context, frames, "message", cancellation);
    }

    private static async Task<IResult> TestAsync(
        string id, HttpContext context, PageFrames frames, CampaignCatalog catalog, CampaignQuery query, CustomerQuery customers, ExampleMessages messages, CancellationToken cancellation)
    {
        if (await catalog.FindAsync(id, cancellation) is not { Value: var campaign })
        {
            return await Page.MissingAsync(context, frames, "campaign", cancellation);
        }

        var form = await context.Request.ReadFormAsync(cancellation);
        var treatment = Array.Find(campaign.Treatments, t => t.Id == form["variant"].ToString()) ?? campaign.Treatments[0];
        var channel = Enum.TryParse<Channel>(form["channel"], out var chosen) ? chosen : Channel.Email;
        var like = form["like"].ToString() is { Length: > 0 } customer ? await customers.RowAsync(customer, cancellation) : null;
        return await messages.SendTestAsync(treatment, channel, form["to"].ToString(), like, id, cancellation) is { } problem
            ? await RefuseAsync(id, problem, context, frames, catalog, query, cancellation)
            : Page.GoTo("/campaigns/" + id, "tested");
    }

    private static async Task<IResult> RefuseAsync(
        string id, string why, HttpContext context, PageFrames frames, CampaignCatalog catalog, CampaignQuery query, CancellationToken cancellation) =>
        await catalog.FindAsync(id, cancellation) is { } found
            ? await CampaignRoutes.ShowAsync(found.Value, why, context, frames, query, cancellation)
            : await Page.MissingAsync(context, frames, "campaign", cancellation);
}
