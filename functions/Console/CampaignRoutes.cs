using System.Globalization;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Functions.Console.Pages;
using Campaigns.Functions.Console.Parts;

namespace Campaigns.Functions.Console;

/// <summary>A page of campaigns.</summary>
public sealed record CampaignListModel(IReadOnlyList<CampaignLine> Lines, string? Next);

/// <summary>List, page and form of campaigns.</summary>
public static class CampaignRoutes
{
    /// <summary>The form with ten variants of full templates stays below; more is no form of ours.</summary>
    private const long FormBytes = 8 * 1024 * 1024;

    /// <summary>Tries to find a free id for a draft.</summary>
    private const int MostDrafts = 1_000;

    /// <summary>Maps <c>/campaigns</c> and what is below but actions.</summary>
    public static void MapCampaignPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/campaigns", async (string? from, HttpContext context, PageFrames frames, CampaignQuery query, CancellationToken c) =>
        {
            var (lines, next) = await query.ListAsync(from, c);
            return Page.Show<CampaignListPage>(await frames.OfAsync(context, c), new CampaignListModel(lines, next));
        });
        app.MapGet("/campaigns/new", NewAsync);
        app.MapPost("/campaigns/draft", DraftAsync);
        app.MapPost("/campaigns/sms-length", SmsLengthAsync);
        app.MapPost("/campaigns", SaveAsync);
        app.MapGet("/campaigns/{id}", PageAsync);
        app.MapGet("/campaigns/{id}/edit", EditAsync);
        app.MapPost("/campaigns/{id}/copy", CopyAsync);
    }

    /// <summary>The campaign's page, with why an action was refused where one was.</summary>
    internal static async Task<IResult> ShowAsync(Campaign campaign, string? refusal, HttpContext context, PageFrames frames, CampaignQuery query, CancellationToken cancellation)
    {
        var frame = await frames.OfAsync(context, cancellation);
        return Page.Show<OneCampaignPage>(
            frame with { Refusal = refusal, Path = "/campaigns/" + campaign.Id },
            await query.ReadAsync(campaign, cancellation),
            refusal is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> PageAsync(string id, HttpContext context, PageFrames frames, CampaignCatalog catalog, CampaignQuery query, CancellationToken cancellation) =>
        await catalog.FindAsync(id, cancellation) is { } found
            ? await ShowAsync(found.Value, null, context, frames, query, cancellation)
            : await Page.MissingAsync(context, frames, "campaign", cancellation);

    private static async Task<IResult> NewAsync(HttpContext context, PageFrames frames, CancellationToken cancellation)
    {
        var frame = await frames.OfAsync(context, cancellation);
        var first = frame.Segments.FirstOrDefault(s => s.Id == SegmentNames.Regular) ?? frame.Segments[0];
        var blank = CampaignPresets.DraftFor(first.Id, "new", "") with { Id = "" };
        return Page.Show<CampaignFormPage>(frame, CampaignForm.Of(blank, null, frame.Currency, frame.Zone));
    }

    private static async Task<IResult> EditAsync(string id, HttpContext context, PageFrames frames, CampaignCatalog catalog, CancellationToken cancellation)
    {
        if (await catalog.FindAsync(id, cancellation) is not { } found)
        {
            return await Page.MissingAsync(context, frames, "campaign", cancellation);
        }

        var frame = await frames.OfAsync(context, cancellation);
        return Page.Show<CampaignFormPage>(frame, CampaignForm.Of(found.Value, found.ETag, frame.Currency, frame.Zone));
    }

    /// <summary>A draft for a segment, made and opened: the one button of the first screen.</summary>
    private static async Task<IResult> DraftAsync(HttpContext context, PageFrames frames, CampaignCatalog catalog, SchemeCatalog schemes, CancellationToken cancellation)
    {
        var segment = (await context.Request.ReadFormAsync(cancellation))["segment"].ToString();
        var scheme = (await schemes.CurrentAsync(cancellation)).Scheme;
        if (scheme.IndexOf(segment) < 0)
        {
            return await Page.MissingAsync(context, frames, "segment", cancellation);
        }

        // Drafts for segments that come with the program have names of their own; others say whom they are for.
        var name = SegmentNames.ByPriority.Contains(segment, StringComparer.Ordinal) ? null : "Picked for " + Words.Segment(segment, scheme.Segments);
        var preset = CampaignPresets.DraftFor(segment, "draft", name);
        var id = await FreeIdAsync(CampaignForm.Slug(preset.Name, "campaign"), catalog, cancellation);
        return await catalog.SaveAsync(CampaignPresets.DraftFor(segment, id, name), null, cancellation) is SaveResult.Saved
            ? Page.GoTo($"/campaigns/{id}/edit", "draft")
            : Page.GoTo("/campaigns");
    }

    private static async Task<IResult> CopyAsync(string id, HttpContext context, PageFrames frames, CampaignCatalog catalog, CampaignQuery query, CancellationToken cancellation)
    {
        if (await catalog.FindAsync(id, cancellation) is not { } found)
        {
            return await Page.MissingAsync(context, frames, "campaign", cancellation);
        }

        var copyId = await FreeIdAsync(found.Value.Id.Length > 50 ? found.Value.Id[..50].TrimEnd('-') : found.Value.Id, catalog, cancellation);
        var name = found.Value.Name.Length > CampaignValidation.MaxNameLength - 7 ? found.Value.Name : found.Value.Name + " (copy)";
        return await catalog.SaveAsync(found.Value with { Id = copyId, Name = name, StartAt = null }, null, cancellation) switch
        {
            SaveResult.Saved => Page.GoTo($"/campaigns/{copyId}/edit", "draft"),
            SaveResult.Invalid invalid => await ShowAsync(found.Value, string.Join(' ', invalid.Problems), context, frames, query, cancellation),
            _ => Page.GoTo("/campaigns/" + id),
        };
    }

    private static async Task<IResult> SaveAsync(HttpContext context, PageFrames frames, CampaignCatalog catalog, CancellationToken cancellation)
    {
        if (context.Request.ContentLength > FormBytes)
        {
            return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
        }

        var sent = await context.Request.ReadFormAsync(cancellation);
        var form = CampaignForm.Of(sent);
        var frame = (await frames.OfAsync(context, cancellation)) with { Path = "/campaigns" };
        var action = sent["action"].ToString();
        if (action == "add-variant" || action.StartsWith("remove-variant-", StringComparison.Ordinal))
        {
            var index = action == "add-variant" || !int.TryParse(action["remove-variant-".Length..], CultureInfo.InvariantCulture, out var i) ? -1 : i;
            return Page.Show<CampaignFormPage>(frame, index < 0 ? form.WithVariant() : form.WithoutVariant(index));
        }

        var (campaign, unread) = form.ToCampaign(frame.Currency, frame.Zone);
        if (!form.Saved)
        {
            campaign = campaign with { Id = await FreeIdAsync(CampaignForm.Slug(campaign.Name, "campaign"), catalog, cancellation) };
        }

        var problems = unread.Concat(await catalog.ProblemsAsync(campaign, cancellation)).DistinctBy(p => p.Field).ToList();
        var result = problems.Count > 0 ? new SaveResult.Invalid(problems) : await catalog.SaveAsync(campaign, form.Saved ? form.Value("etag") : null, cancellation);
        return result switch
        {
            SaveResult.Saved => Page.GoTo("/campaigns/" + campaign.Id, "saved"),
            SaveResult.Invalid invalid => Page.Show<CampaignFormPage>(frame, form.With(invalid.Problems), StatusCodes.Status422UnprocessableEntity),
            _ => Page.Show<CampaignFormPage>(
                frame with { Refusal = "Somebody else changed this campaign since you opened it. Open it again in another tab, and repeat your change there." },
                form,
                StatusCodes.Status409Conflict),
        };
    }

    /// <summary>Length and parts of a text message while it is being written.</summary>
    private static async Task<IResult> SmsLengthAsync(HttpContext context, PageFrames frames, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        var name = form["field"].ToString();
        return Page.Part<SmsLengthText>(("Text", form[name].ToString().Replace("\r\n", "\n", StringComparison.Ordinal)), ("Frame", await frames.OfAsync(context, cancellation)));
    }

    private static async ValueTask<string> FreeIdAsync(string wanted, CampaignCatalog catalog, CancellationToken cancellation)
    {
        for (var i = 1; i < MostDrafts; i++)
        {
            var id = i == 1 ? wanted : string.Create(CultureInfo.InvariantCulture, $"{wanted}-{i}");
            if (await catalog.FindAsync(id, cancellation) is null)
            {
                return id;
            }
        }

        return wanted + "-" + Guid.NewGuid().ToString("N")[..6];
    }
}
