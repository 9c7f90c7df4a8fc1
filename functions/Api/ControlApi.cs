using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Measurement.Control;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Primitives;

namespace Campaigns.Functions.Api;

/// <summary>What all campaigns of a quarter together changed, against the global control group.</summary>
public static class ControlApi
{
    /// <summary>Maps <c>/api/control</c> and <c>/api/control/{quarter}</c>.</summary>
    public static void MapControl(this IEndpointRouteBuilder api)
    {
        api.MapGet("/control", async (ControlMeasure control, Workspace workspace, CancellationToken c) =>
        {
            var settings = await workspace.SettingsAsync(c);
            var now = await workspace.NowAsync(c);
            return Results.Json(
                new
                {
                    quarter = Quarter.Of(now, TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone)).ToString(),
                    share = (ControlGroup.Now(settings, now)?.PartsPerMillion ?? 0) / 1e6,
                    shareSet = ControlGroup.ShareSet(settings),
                    quarters = (await control.ListAsync(c)).Select(r => View(r, settings.Currency)),
                },
                CampaignsApi.Json);
        });
        api.MapGet("/control/{quarter}", async (string quarter, ControlMeasure control, Workspace workspace, CancellationToken c) =>
            Quarter.Parse(quarter) is not { } asked ? ApiRoutes.Refuse(StatusCodes.Status404NotFound, "A quarter is written as 2026-q2.")
            : await control.FindAsync(asked, c) is { } report ? Results.Json(View(report, (await workspace.SettingsAsync(c)).Currency), CampaignsApi.Json)
            : ApiRoutes.Refuse(StatusCodes.Status404NotFound, $"No global control group was measured in {asked}. Its share is a setting; a change holds from the next quarter on."));
    }

    private static object View(ControlReport report, string currency) => new
    {
        quarter = report.Quarter.ToString(),
        from = report.Summary.Inputs.From,
        until = report.Summary.Inputs.Until,
        measuredAt = report.Summary.MeasuredAt,
        closed = report.Closed,
        currency,
        share = report.Summary.Inputs.Group.PartsPerMillion / 1e6,
        spendCapMinor = report.Summary.SpendCapMinor,
        group = Side(report.Summary.Group, report),
        others = Side(report.Summary.Others, report),
        figure = report.Figure,
        headline = Of(report.Headline),
        revenue = Of(report.Revenue),
        onAllSpending = new { per1000Minor = report.Uncapped.Per1000, intervalLowMinor = report.Uncapped.Interval?.Low, intervalHighMinor = report.Uncapped.Interval?.High },
        totalMinor = report.TotalMinor,
        sampleRatioP = report.SampleRatioP,
        sampleRatioAlert = report.SampleRatioAlert,
        sentence = report.Describe(currency),
    };

    private static object Side(ControlArm arm, ControlReport report) => new
    {
        customers = arm.Customers,
        buyers = arm.Buyers,
        revenuePerCustomerMinor = arm.CappedRevenue.Mean,
        profitPerCustomerMinor = report.MarginKnown ? (double?)(arm.CappedProfit.Mean / report.Summary.Inputs.MicrosPerMinor) : null,
        revenueMinor = (long)arm.Revenue.Sum,
        sendCostMicros = arm.SendCostMicros,
    };

    private static object Of(Effect effect) => new
    {
        per1000Minor = effect.Per1000,
        intervalLowMinor = effect.Interval?.Low,
        intervalHighMinor = effect.Interval?.High,
        interval = effect.Interval is null ? null : effect.Kind == IntervalKind.FixedTime ? "fixed-time" : "always-valid",
        alwaysValidLowMinor = effect.AlwaysValid?.Low,
        alwaysValidHighMinor = effect.AlwaysValid?.High,
        detectablePer1000Minor = effect.MinimumDetectable,
        verdict = Verdicts.Name(effect.Verdict),
    };
}
