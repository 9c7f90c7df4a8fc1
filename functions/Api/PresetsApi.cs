using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Functions.Access;
using Campaigns.Functions.Presets;

namespace Campaigns.Functions.Api;

/// <summary>Presets: segment schemes to begin with, each with sample customers.</summary>
public static class PresetsApi
{
    /// <summary>Maps <c>/api/presets</c>.</summary>
    public static void MapPresets(this IEndpointRouteBuilder api)
    {
        api.MapGet("/presets", async (PresetLibrary library, SchemeCatalog schemes, CancellationToken c) =>
        {
            var inForce = (await schemes.CurrentAsync(c)).Scheme;
            return Results.Json(new { presets = library.All.Select(p => PresetView.Of(p, p.Scheme.Equals(inForce))) }, CampaignsApi.Json);
        });
        api.MapPost("/presets/{name}", LoadAsync);
    }

    private static async Task<IResult> LoadAsync(string name, bool? sample, HttpContext context, PresetLibrary library, PresetLoading loading, CancellationToken cancellation)
    {
        if (library.Find(name) is not { } preset)
        {
            return ApiRoutes.Refuse(StatusCodes.Status404NotFound, $"There is no preset of that name. There are: {string.Join(", ", library.All.Select(p => p.Name))}.");
        }

        return await loading.LoadAsync(preset, sample ?? false, await Caller.NameAsync(context, cancellation), cancellation) switch
        {
            PresetLoaded.Loaded loaded => Results.Json(
                new { preset = preset.Name, number = loaded.Number, changes = loaded.Changes, imports = loaded.Imports }, CampaignsApi.Json, statusCode: StatusCodes.Status202Accepted),
            PresetLoaded.Unfit unfit => Results.Json(
                new { error = "The preset does not fit this workspace.", faults = unfit.Faults }, CampaignsApi.Json, statusCode: StatusCodes.Status409Conflict),
            PresetLoaded.Refused refused => ApiRoutes.Refuse(StatusCodes.Status409Conflict, refused.Reason),
            _ => throw new InvalidOperationException("A preset is loaded or refused."),
        };
    }
}

/// <summary>A preset as others see it.</summary>
/// <param name="Name">Name in addresses and commands.</param>
/// <param name="Title">Name for people.</param>
/// <param name="Description">What it is.</param>
/// <param name="For">Whom it is for.</param>
/// <param name="InForce">The workspace's scheme is this one, unchanged.</param>
/// <param name="Segments">Its segments by priority.</param>
/// <param name="Parameters">Its thresholds.</param>
/// <param name="Needs">What must be imported.</param>
/// <param name="SampleCustomers">Customers of its sample.</param>
public sealed record PresetView(
    string Name, string Title, string Description, string For, bool InForce, IEnumerable<PresetSegmentView> Segments, IEnumerable<PresetParameterView> Parameters, PresetNeeds Needs, int SampleCustomers)
{
    /// <summary>The view of a preset.</summary>
    public static PresetView Of(Preset preset, bool inForce) => new(
        preset.Name,
        preset.Scheme.Name,
        preset.Scheme.Description,
        preset.About.For,
        inForce,
        preset.Scheme.Segments.Select(s => new PresetSegmentView(s.Id, s.Name, s.Description)),
        preset.Scheme.Parameters.Select(p => new PresetParameterView(p.Name, p.Value, p.Unit == FieldUnit.None ? null : p.Unit, p.Meaning)),
        preset.About.Needs,
        preset.About.Recipe.Customers);
}

/// <summary>A segment of a preset.</summary>
public sealed record PresetSegmentView(string Id, string Name, string Description);

/// <summary>A threshold of a preset; the unit is null where it is a plain number.</summary>
public sealed record PresetParameterView(string Name, double Value, FieldUnit? Unit, string Meaning);
