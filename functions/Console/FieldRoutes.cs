using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Functions.Access;
using Campaigns.Functions.Console.Pages;

namespace Campaigns.Functions.Console;

/// <summary>What rules may ask for.</summary>
/// <param name="Fields">All fields that have a name of their own.</param>
/// <param name="Attributes">Imported attributes with their types.</param>
/// <param name="Counts">How many values do not fit, by the latest recompute.</param>
/// <param name="Scheme">The scheme in force.</param>
public sealed record FieldListModel(IReadOnlyList<Field> Fields, AttributeTypes Attributes, IReadOnlyList<AttributeCount> Counts, SchemeInForce Scheme);

/// <summary>The catalogue of fields: types of attributes, and fields barred from offers.</summary>
public static class FieldRoutes
{
    /// <summary>Maps <c>/segments/fields</c>.</summary>
    public static void MapFieldPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/segments/fields", async (HttpContext context, PageFrames frames, SchemeCatalog schemes, SegmentReader segments, Workspace workspace, CancellationToken c) =>
            Page.Show<FieldsPage>(await frames.OfAsync(context, c), await ModelAsync(schemes, segments, workspace, c)));
        app.MapPost("/segments/fields/type", TypeAsync);
        app.MapPost("/segments/fields/barred", BarAsync);
    }

    private static async ValueTask<FieldListModel> ModelAsync(SchemeCatalog schemes, SegmentReader segments, Workspace workspace, CancellationToken cancellation)
    {
        var scheme = await schemes.CurrentAsync(cancellation);
        return new FieldListModel(
            (await schemes.FieldsAsync(cancellation)).With(scheme.Scheme.Attributes).Fields,
            await workspace.AttributesAsync(cancellation),
            (await segments.LatestAsync(cancellation))?.Report.Attributes ?? [],
            scheme);
    }

    private static async Task<IResult> TypeAsync(
        HttpContext context, PageFrames frames, SchemeCatalog schemes, SegmentReader segments, Workspace workspace, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        var name = form["name"].ToString();
        if (!Enum.TryParse<AttributeKind>(form["type"], out var type) || !Enum.IsDefined(type))
        {
            return Page.GoTo("/segments/fields");
        }

        if (await schemes.FaultsWithAsync(name, type, cancellation) is [var fault, ..])
        {
            return await RefuseAsync($"The segments rest on the present type: {fault.Message} ({fault.Path}). Change the segments first.");
        }

        return await workspace.ChangeAttributeAsync(name, type, await workspace.NowAsync(cancellation), await Caller.NameAsync(context, cancellation), cancellation) is null
            ? await RefuseAsync("No import brought an attribute of that name.")
            : Page.GoTo("/segments/fields", "typed");

        async Task<IResult> RefuseAsync(string refusal) => Page.Show<FieldsPage>(
            (await frames.OfAsync(context, cancellation)) with { Refusal = refusal, Path = "/segments/fields" }, await ModelAsync(schemes, segments, workspace, cancellation), StatusCodes.Status409Conflict);
    }

    /// <summary>Fields barred from offers are part of the scheme: changing them makes a version of it.</summary>
    private static async Task<IResult> BarAsync(
        HttpContext context, PageFrames frames, SchemeCatalog schemes, SegmentReader segments, Workspace workspace, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        var scheme = await schemes.CurrentAsync(cancellation);
        var (name, bar) = (form["name"].ToString(), form["bar"] == "yes");
        var kept = scheme.Scheme.BarredFields.Where(f => f != name).ToList();
        var json = SchemeJson.Write(scheme.Scheme with { BarredFields = [.. bar ? kept.Append(name) : kept] });
        var refusal = await schemes.SaveAsync(json, scheme.Number, await Caller.NameAsync(context, cancellation), cancellation) switch
        {
            SchemeSaved.Invalid invalid => $"That cannot be: {invalid.Faults[0].Message}",
            SchemeSaved.ChangedByOthers => "Somebody else changed the segments just now. Look again, and repeat it.",
            _ => null,
        };
        return refusal is null
            ? Page.GoTo("/segments/fields", "barred")
            : Page.Show<FieldsPage>((await frames.OfAsync(context, cancellation)) with { Refusal = refusal, Path = "/segments/fields" }, await ModelAsync(schemes, segments, workspace, cancellation), StatusCodes.Status409Conflict);
    }
}
