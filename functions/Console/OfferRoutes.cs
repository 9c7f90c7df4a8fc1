using Campaigns.Core.Measurement;
using Campaigns.Core.Planning;
using Campaigns.Functions.Console.Pages;

namespace Campaigns.Functions.Console;

/// <summary>An offer of a campaign.</summary>
/// <param name="Campaign">Its campaign.</param>
/// <param name="Variant">The message variant that carries it.</param>
/// <param name="Row">Its figures over all segments and sends, or null before it was measured.</param>
public sealed record OfferLine(Campaign Campaign, Treatment Variant, KpiRow? Row);

/// <summary>Offers of a page of campaigns, and where the next begins.</summary>
public sealed record OfferListModel(IReadOnlyList<OfferLine> Lines, string? Next);

/// <summary>All offers of all campaigns.</summary>
public static class OfferRoutes
{
    /// <summary>Maps <c>/offers</c>.</summary>
    public static void MapOfferPages(this IEndpointRouteBuilder app) =>
        app.MapGet("/offers", async (string? from, HttpContext context, PageFrames frames, CampaignCatalog catalog, Kpis kpis, CancellationToken c) =>
        {
            var page = await catalog.ListAsync(CampaignQuery.PageSize, from, c);
            var rows = ((await kpis.LatestAsync(c))?.Rows(KpiGrouping.Offer) ?? []).Where(r => r.Campaign is not null).ToLookup(r => (r.Campaign, r.Treatment, r.Offer));
            var lines = page.Campaigns.SelectMany(
                campaign => campaign.Value.Treatments,
                (campaign, variant) => new OfferLine(campaign.Value, variant, rows[(campaign.Value.Id, variant.Id, variant.Offer.Id)].FirstOrDefault()));
            return Page.Show<OffersPage>(await frames.OfAsync(context, c), new OfferListModel([.. lines], page.Next));
        });
}
