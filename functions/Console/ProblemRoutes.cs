using Campaigns.Functions.Console.Pages;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Console;

/// <summary>What went wrong, and failed jobs tried again.</summary>
public static class ProblemRoutes
{
    private const string Path = "/problems";

    /// <summary>Maps <c>/problems</c>.</summary>
    public static void MapProblems(this IEndpointRouteBuilder app)
    {
        app.MapGet(Path, async (HttpContext context, PageFrames frames, ProblemQuery query, CancellationToken c) =>
            Page.Show<ProblemsPage>(await frames.OfAsync(context, c), await query.ReadAsync(c)));
        app.MapPost(Path + "/requeue", RequeueAsync);
        app.MapPost(Path + "/delete", DeleteAsync);
    }

    /// <summary>One failed job, or all where none is named.</summary>
    private static async Task<IResult> RequeueAsync(HttpContext context, FailedMessages failed, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        var done = form["id"].ToString() is { Length: > 0 } id
            ? await failed.RequeueAsync(form["queue"].ToString(), id, cancellation)
            : await failed.RequeueAllAsync(cancellation) > 0;
        return Page.GoTo(Path, done ? "requeued" : "gone");
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, FailedMessages failed, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        return Page.GoTo(Path, await failed.DeleteAsync(form["queue"].ToString(), form["id"].ToString(), cancellation) ? "dropped" : "gone");
    }
}
