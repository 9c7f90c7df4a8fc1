using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;
using Campaigns.Functions.Access;

namespace Campaigns.Functions.Api;

/// <summary>The segment scheme: what rules may ask for, the scheme in force and its versions, previews, the series of recomputes, settings of the models.</summary>
public static class SegmentsApi
{
    /// <summary>Fits that did not converge may hold infinities, which JSON writes as text.</summary>
    private static readonly JsonSerializerOptions WithInfinities = new(CampaignsApi.Json) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Versions per page.</summary>
    private const int PageSize = 50;

    /// <summary>Points of the series, where nobody asks for more.</summary>
    private const int SeriesLength = 90;

    /// <summary>Maps <c>/api/fields</c>, <c>/api/models</c> and what stands below <c>/api/segments/</c>.</summary>
    public static void MapSegments(this IEndpointRouteBuilder api)
    {
        api.MapGet("/fields", async (SchemeCatalog schemes, CancellationToken c) => Results.Json(
            new { fields = (await schemes.FieldsAsync(c)).Fields.Select(f => new { f.Name, f.Type, f.Unit, f.Group, f.Meaning }) }, CampaignsApi.Json));
        api.MapGet("/segments/scheme", ReadAsync);
        api.MapPut("/segments/scheme", SaveAsync);
        api.MapGet("/segments/scheme/versions", VersionsAsync);
        api.MapPost("/segments/preview", PreviewAsync);
        api.MapGet("/segments/series", async (int? last, IRowStore rows, CancellationToken c) =>
            Results.Json(new { points = await SegmentSeries.LastAsync(rows, last ?? SeriesLength, c) }, CampaignsApi.Json));
        api.MapGet("/segments/diagnostics", async (SegmentReader segments, Workspace workspace, CancellationToken c) =>
            await segments.LatestAsync(c) is { Report: var report }
                ? Results.Json(SegmentDiagnostics.Of(report, (await workspace.SettingsAsync(c)).HoldoutShare ?? CampaignValidation.MaxHoldoutShare), CampaignsApi.Json)
                : ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There are no segments yet: import orders first."));
        api.MapGet("/models", ModelsAsync);
        api.MapGet("/models/settings", async (Workspace workspace, CancellationToken c) => Results.Json(await workspace.ModelSettingsAsync(c), CampaignsApi.Json));
        api.MapPut("/models/settings", SaveModelSettingsAsync);
        api.MapGet("/rfm", RfmAsync);
        api.MapPut("/rfm", SaveRfmAsync);
    }

    private static async Task<IResult> ReadAsync(int? version, HttpContext context, SchemeCatalog schemes, CancellationToken cancellation)
    {
        var current = await schemes.CurrentAsync(cancellation);
        if (version is { } wanted && wanted != current.Number)
        {
            return await schemes.FindAsync(wanted, cancellation) is { } found
                ? Results.Bytes(found.Json, "application/json")
                : ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no version of that number.");
        }

        context.Response.Headers.ETag = Tag(current.Number);
        return Results.Bytes(current.Json, "application/json");
    }

    private static async Task<IResult> SaveAsync(HttpContext context, SchemeCatalog schemes, CancellationToken cancellation)
    {
        var match = context.Request.Headers.IfMatch.ToString().Trim('"');
        if (!int.TryParse(match, NumberStyles.None, CultureInfo.InvariantCulture, out var read))
        {
            return ApiRoutes.Refuse(
                StatusCodes.Status428PreconditionRequired, "Send the ETag of the scheme that you changed in If-Match (GET /api/segments/scheme gives it), so that nobody's change is lost.");
        }

        if (await BodyAsync(context, cancellation) is not { } json)
        {
            return TooLong();
        }

        switch (await schemes.SaveAsync(json, read, await Caller.NameAsync(context, cancellation), cancellation))
        {
            case SchemeSaved.Saved saved:
                context.Response.Headers.ETag = Tag(saved.Scheme.Number);
                return Results.Json(new { version = saved.Scheme.Number, changes = saved.Changes }, CampaignsApi.Json);
            case SchemeSaved.Invalid invalid:
                return Faulty(invalid.Faults);
            case SchemeSaved.ChangedByOthers other:
                return ApiRoutes.Refuse(StatusCodes.Status409Conflict, $"Somebody saved version {other.Number} since you read yours. Read it again and repeat your change.");
            default:
                throw new InvalidOperationException("A scheme is saved or refused.");
        }
    }

    private static async Task<IResult> VersionsAsync(int? from, SchemeCatalog schemes, CancellationToken cancellation)
    {
        var versions = await schemes.VersionsAsync(from, PageSize, cancellation);
        return Results.Json(
            new
            {
                versions = versions.Select(v => new { version = v.Number, at = v.Number == 0 ? (DateTimeOffset?)null : v.At, by = v.By, changes = v.Changes }),
                next = versions.Count == PageSize && versions[^1].Number > 0 ? versions[^1].Number - 1 : (int?)null,
            },
            CampaignsApi.Json);
    }

    private static async Task<IResult> PreviewAsync(HttpContext context, SchemeCatalog schemes, SchemePreviews previews, CancellationToken cancellation)
    {
        if (await BodyAsync(context, cancellation) is not { } json)
        {
            return TooLong();
        }

        var reading = await schemes.ReadAsync(json, cancellation);
        return reading.Scheme is not { } scheme ? Faulty(reading.Faults)
            : await previews.OfAsync(scheme, cancellation) is { } preview ? Results.Json(preview, CampaignsApi.Json)
            : ApiRoutes.Refuse(StatusCodes.Status409Conflict, "There are no segments yet: import orders first.");
    }

    private static async Task<IResult> ModelsAsync(SegmentReader segments, CancellationToken cancellation)
    {
        if (await segments.LatestAsync(cancellation) is not { Parameters.Model: { } model })
        {
            return ApiRoutes.Refuse(StatusCodes.Status404NotFound, "Nothing was fitted yet: import orders first.");
        }

        return Results.Json(
            new
            {
                asOf = model.AsOf,
                customers = model.Customers,
                preliminary = model.Preliminary,
                models = model.Models,
                spend = model.Spend,
                spendFit = model.SpendFit,
                activeModel = model.ActiveModel,
                orderModel = model.OrderModel,
                risk = model.Risk,
                calibration = model.Calibration,
                discounts = model.Discounts,
                rfm = model.Rfm,
                settings = model.Settings,
            },
            WithInfinities);
    }

    private static async Task<IResult> SaveModelSettingsAsync(HttpContext context, Workspace workspace, CancellationToken cancellation)
    {
        var settings = await ApiRoutes.ReadAsync<ModelSettings>(context, CampaignsApi.Json, cancellation);
        if (settings.Faults() is { Count: > 0 } faults)
        {
            return Results.Json(new { error = faults[0], faults }, CampaignsApi.Json, statusCode: StatusCodes.Status400BadRequest);
        }

        await workspace.SetModelSettingsAsync(settings, cancellation);
        return Results.Json(settings, CampaignsApi.Json);
    }

    /// <summary>How RFM is cut and named from the next recompute on, the map in force (null: cells have no names), and the cuts of the last one.</summary>
    private static async Task<IResult> RfmAsync(Workspace workspace, SegmentReader segments, CancellationToken cancellation)
    {
        var settings = (await workspace.ModelSettingsAsync(cancellation)).Rfm;
        return Results.Json(
            new { settings, map = settings.ToMap(), usualMap = RfmMap.Standard, cuts = (await segments.LatestAsync(cancellation))?.Parameters.Rfm }, CampaignsApi.Json);
    }

    private static async Task<IResult> SaveRfmAsync(HttpContext context, Workspace workspace, CancellationToken cancellation)
    {
        if (await BodyAsync(context, cancellation) is not { } json)
        {
            return TooLong();
        }

        var reading = RfmJson.Parse(json);
        if (reading.Settings is not { } settings)
        {
            return Results.Json(new { error = reading.Faults[0].Message, faults = reading.Faults }, CampaignsApi.Json, statusCode: StatusCodes.Status400BadRequest);
        }

        await workspace.SetRfmAsync(settings, cancellation);
        return Results.Bytes(RfmJson.Write(settings), "application/json");
    }

    /// <summary>The body's bytes; null where it is longer than a scheme may be.</summary>
    private static async ValueTask<byte[]?> BodyAsync(HttpContext context, CancellationToken cancellation)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new BadHttpRequestException("", StatusCodes.Status415UnsupportedMediaType);
        }

        var buffer = new byte[SchemeJson.MaxBytes + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return length > SchemeJson.MaxBytes ? null : buffer[..length];
    }

    private static IResult TooLong() =>
        ApiRoutes.Refuse(StatusCodes.Status413PayloadTooLarge, $"This takes at most {SchemeJson.MaxBytes / 1024} KiB of JSON.");

    private static IResult Faulty(IReadOnlyList<SchemeFault> faults) => Results.Json(
        new { error = $"The scheme cannot be used: {faults[0].Path}: {faults[0].Message}", faults }, CampaignsApi.Json, statusCode: StatusCodes.Status400BadRequest);

    private static string Tag(int number) => string.Create(CultureInfo.InvariantCulture, $"\"{number}\"");
}
