using System.Globalization;
using System.Text;
using Campaigns.Core.Jobs;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Functions.Access;
using Campaigns.Functions.Console.Editing;
using Campaigns.Functions.Console.Pages;
using Campaigns.Functions.Console.Parts;
using Campaigns.Functions.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace Campaigns.Functions.Console;

/// <summary>The editor of the segments.</summary>
/// <param name="Form">The form.</param>
/// <param name="Known">Ids of the scheme in force: their segments keep their ids.</param>
/// <param name="Preview">What the segments would come to, where it was asked for.</param>
/// <param name="Other">The version that somebody else saved in the meantime, or null.</param>
/// <param name="Asked">It was to be saved or previewed: what is wrong is said at the top, too.</param>
public sealed record SegmentEditModel(SchemeForm Form, IReadOnlyList<string> Known, SchemePreview? Preview = null, SchemeRow? Other = null, bool Asked = false);

/// <summary>Changing the scheme: every button of the form sends all of it, and gets it back changed.</summary>
public static class SegmentEditRoutes
{
    /// <summary>The document twice, and its fields: more is no form of ours.</summary>
    private const long FormBytes = 4L * SchemeJson.MaxBytes;

    /// <summary>A rule's rows and the names of a scheme (see <see cref="SchemeLimits.Names"/>), some ten fields each: more than a form has by default.</summary>
    private static readonly FormOptions FormOptions = new() { ValueCountLimit = 8_192, BufferBodyLengthLimit = FormBytes, ValueLengthLimit = (int)FormBytes };

    /// <summary>Maps <c>/segments/edit</c>.</summary>
    public static void MapSegmentEditor(this IEndpointRouteBuilder app)
    {
        app.MapGet("/segments/edit", OpenAsync);
        app.MapPost("/segments/edit", ChangeAsync);
        app.MapPost("/segments/edit/count", CountAsync);
    }

    private static async Task<IResult> OpenAsync(string? segment, HttpContext context, PageFrames frames, SchemeCatalog schemes, CancellationToken cancellation)
    {
        var scheme = await schemes.CurrentAsync(cancellation);
        var open = segment is null ? -1 : scheme.Scheme.IndexOf(segment);
        var form = SchemeForm.Of(Encoding.UTF8.GetString(scheme.Json), scheme.Number, open, await schemes.FieldsAsync(cancellation));
        return Page.Show<SegmentEditPage>(await frames.OfAsync(context, cancellation), new SegmentEditModel(form, scheme.Scheme.SegmentIds));
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext context, PageFrames frames, SchemeCatalog schemes, SchemePreviews previews, Recompute recompute, Workspace workspace, WorkQueues queues, CancellationToken cancellation)
    {
        if (context.Request.ContentLength > FormBytes)
        {
            return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
        }

        var sent = await context.Request.ReadFormAsync(FormOptions, cancellation);
        var known = (await schemes.CurrentAsync(cancellation)).Scheme.SegmentIds;
        var model = new SegmentEditModel(SchemeForm.Of(sent, await schemes.FieldsAsync(cancellation), known), known);
        var action = sent["action"].ToString();
        var status = StatusCodes.Status200OK;
        if (model.Form.Clash is not null)
        {
            status = StatusCodes.Status422UnprocessableEntity;
        }
        else if (action == "save" || action.StartsWith("over:", StringComparison.Ordinal))
        {
            var number = action == "save" ? model.Form.Number : int.TryParse(action[5..], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1;
            switch (await schemes.SaveAsync(Encoding.UTF8.GetBytes(model.Form.Json), number, await Caller.NameAsync(context, cancellation), cancellation))
            {
                case SchemeSaved.Saved { Changes.Count: 0 } same when same.Scheme.Number == number:
                    return Page.GoTo("/segments", "unchanged");
                case SchemeSaved.Saved:
                    await SegmentRoutes.ComputeAnewAsync(recompute, workspace, schemes, queues, cancellation);
                    return Page.GoTo("/segments", "scheme");
                case SchemeSaved.ChangedByOthers other:
                    (model, status) = (model with { Other = await schemes.FindAsync(other.Number, cancellation) }, StatusCodes.Status409Conflict);
                    break;
                default:
                    (model, status) = (model with { Asked = true }, StatusCodes.Status422UnprocessableEntity);
                    break;
            }
        }
        else if (!SchemeActions.Do(model.Form, action, name => sent[name].ToString()))
        {
            model = model with { Asked = true, Preview = model.Form.Scheme is { } scheme ? await previews.OfAsync(scheme, cancellation) : null };
        }

        var frame = (await frames.OfAsync(context, cancellation)) with { Path = "/segments/edit" };
        return context.Request.Headers.ContainsKey("HX-Request")
            ? Page.Part<SchemeEditor>(("Model", model), ("Frame", frame))
            : Page.Show<SegmentEditPage>(frame, model, status);
    }

    /// <summary>Who would be in the open segment, while it is being written.</summary>
    private static async Task<IResult> CountAsync(HttpContext context, PageFrames frames, SchemeCatalog schemes, SchemePreviews previews, CancellationToken cancellation)
    {
        if (context.Request.ContentLength > FormBytes)
        {
            return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
        }

        var form = SchemeForm.Of(
            await context.Request.ReadFormAsync(FormOptions, cancellation), await schemes.FieldsAsync(cancellation), (await schemes.CurrentAsync(cancellation)).Scheme.SegmentIds);
        var preview = form.Scheme is { } scheme ? await previews.LiveAsync(scheme, cancellation) : null;
        return Page.Part<LiveCount>(("Form", form), ("Preview", preview), ("Frame", await frames.OfAsync(context, cancellation)));
    }
}
