using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Campaigns.Functions.Console;

/// <summary>What every page shows around its own content.</summary>
/// <param name="ShopName">Name of the shop.</param>
/// <param name="Currency">ISO 4217 currency.</param>
/// <param name="Stopped">All sending is stopped.</param>
/// <param name="Now">Business time.</param>
/// <param name="Simulated">The store lives in a time of its own.</param>
/// <param name="Zone">The shop's time zone, in which times are shown.</param>
/// <param name="Path">Address of the page, to come back to.</param>
/// <param name="Notice">What was done by the change that led here, or null.</param>
public sealed record PageFrame(
    string ShopName, string Currency, bool Stopped, DateTimeOffset Now, bool Simulated, TimeZoneInfo Zone, string Path, string? Notice)
{
    /// <summary>Why what was asked for was not done, and what to do, or null.</summary>
    public string? Refusal { get; init; }

    /// <summary>Cost of a part of a text message, in micro-units of the major unit.</summary>
    public long SmsCostMicros { get; init; }

    /// <summary>Text messages keep letters outside the GSM alphabet.</summary>
    public bool KeepSmsLetters { get; init; }

    /// <summary>Purposes of consent besides marketing.</summary>
    public IReadOnlyList<ConsentPurpose> Purposes { get; init; } = [];

    /// <summary>The segments of the scheme in force, by priority.</summary>
    public IReadOnlyList<SegmentDefinition> Segments { get; init; } = [];

    /// <summary>The segment's name for people; the id of one that the scheme no longer has.</summary>
    public string SegmentName(string? id) => Words.Segment(id, Segments);
}

/// <summary>Makes frames.</summary>
public sealed class PageFrames(Workspace workspace, SchemeCatalog schemes, TimeProvider time)
{
    /// <summary>The frame for a request.</summary>
    public async ValueTask<PageFrame> OfAsync(HttpContext context, CancellationToken cancellation)
    {
        var settings = await workspace.SettingsAsync(cancellation);
        var simulated = await workspace.SimulatedNowAsync(cancellation);
        var request = context.Request;
        return new PageFrame(
            settings.Name,
            settings.Currency,
            settings.Stopped,
            simulated ?? time.GetUtcNow(),
            simulated is not null,
            QuietHours.ZoneOf(null, settings.TimeZone),
            HttpMethods.IsGet(request.Method) ? request.Path : "/",
            Words.Notice(request.Query["done"]))
        {
            SmsCostMicros = settings.SmsCostMicros,
            KeepSmsLetters = settings.KeepSmsLetters,
            Purposes = settings.Contact.Purposes,
            Segments = (await schemes.CurrentAsync(cancellation)).Scheme.Segments,
        };
    }
}

/// <summary>A page: a component with a frame and a model that the route has read. Pages only show; they read nothing themselves.</summary>
public abstract class ConsolePage<TModel> : ComponentBase
{
    /// <summary>What stands around it.</summary>
    [Parameter]
    [EditorRequired]
    public PageFrame Frame { get; set; } = null!;

    /// <summary>What it shows.</summary>
    [Parameter]
    [EditorRequired]
    public TModel Model { get; set; } = default!;
}

/// <summary>Answers with pages.</summary>
public static class Page
{
    /// <summary>The page with its model.</summary>
    public static RazorComponentResult Show<TPage>(PageFrame frame, object? model, int status = StatusCodes.Status200OK)
        where TPage : IComponent =>
        new RazorComponentResult<TPage>(new Dictionary<string, object?>(StringComparer.Ordinal) { ["Frame"] = frame, ["Model"] = model })
        {
            StatusCode = status,
            PreventStreamingRendering = true,
        };

    /// <summary>A part of a page, for htmx.</summary>
    public static RazorComponentResult Part<TPart>(params ReadOnlySpan<(string Name, object? Value)> parameters)
        where TPart : IComponent
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in parameters)
        {
            values[name] = value;
        }

        return new RazorComponentResult<TPart>(values) { PreventStreamingRendering = true };
    }

    /// <summary>"There is no such …" as a page.</summary>
    public static async Task<IResult> MissingAsync(HttpContext context, PageFrames frames, string what, CancellationToken cancellation) =>
        Show<Pages.Missing>(await frames.OfAsync(context, cancellation), what, StatusCodes.Status404NotFound);

    /// <summary>After a change: on to a page of ours, with a notice of <see cref="Words.Notice"/>.</summary>
    public static IResult GoTo(string path, string? notice = null) =>
        Results.LocalRedirect(notice is null ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}done={notice}");

    /// <summary>The page that a form named to come back to, where it is one of ours.</summary>
    public static string Back(IFormCollection form)
    {
        var path = form["back"].ToString();
        return path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && !path.Contains('\\', StringComparison.Ordinal) ? path : "/";
    }
}
