using Campaigns.Core.Segments;
using Campaigns.Functions.Access;
using Campaigns.Functions.Console.Pages;
using Campaigns.Functions.Presets;

namespace Campaigns.Functions.Console;

/// <summary>Presets to begin with.</summary>
/// <param name="Presets">All.</param>
/// <param name="InForce">Name of the one that stands unchanged, or null.</param>
public sealed record PresetListModel(IReadOnlyList<Preset> Presets, string? InForce);

/// <summary>Segments to begin with, loaded by one button.</summary>
public static class PresetRoutes
{
    /// <summary>Maps <c>/segments/presets</c>.</summary>
    public static void MapPresetPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/segments/presets", async (HttpContext context, PageFrames frames, PresetLibrary library, SchemeCatalog schemes, CancellationToken c) =>
            Page.Show<PresetsPage>(await frames.OfAsync(context, c), await ModelAsync(library, schemes, c)));
        app.MapPost("/segments/presets", LoadAsync);
    }

    private static async Task<IResult> LoadAsync(HttpContext context, PageFrames frames, PresetLibrary library, PresetLoading loading, SchemeCatalog schemes, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        if (library.Find(form["name"].ToString()) is not { } preset)
        {
            return await Page.MissingAsync(context, frames, "preset", cancellation);
        }

        var refusal = await loading.LoadAsync(preset, form["sample"] == "yes", await Caller.NameAsync(context, cancellation), cancellation) switch
        {
            PresetLoaded.Refused refused => refused.Reason,
            PresetLoaded.Unfit unfit => $"The preset does not fit this workspace: {unfit.Faults[0].Message}",
            _ => null,
        };
        return refusal is null
            ? Page.GoTo("/segments", "scheme")
            : Page.Show<PresetsPage>((await frames.OfAsync(context, cancellation)) with { Refusal = refusal, Path = "/segments/presets" }, await ModelAsync(library, schemes, cancellation), StatusCodes.Status409Conflict);
    }

    private static async ValueTask<PresetListModel> ModelAsync(PresetLibrary library, SchemeCatalog schemes, CancellationToken cancellation)
    {
        var scheme = (await schemes.CurrentAsync(cancellation)).Scheme;
        return new PresetListModel(library.All, library.All.FirstOrDefault(p => p.Scheme.Equals(scheme))?.Name);
    }
}
