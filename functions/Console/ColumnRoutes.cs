using Campaigns.Core.Ingest;
using Campaigns.Core.Ingest.Csv;
using Campaigns.Functions.Console.Pages;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Console;

/// <summary>A file whose columns are asked for.</summary>
/// <param name="Import">The import that asks.</param>
/// <param name="Question">Columns and first rows.</param>
/// <param name="Fields">What each column is said to be: the guess, or what was chosen.</param>
/// <param name="DateFormat">How dates are written, as chosen or guessed.</param>
/// <param name="Check">What it would come to; null before anybody looked.</param>
public sealed record ColumnsModel(string Import, ColumnQuestion Question, IReadOnlyList<string> Fields, string? DateFormat, ColumnCheck? Check)
{
    /// <summary>The columns.</summary>
    public IEnumerable<(AskedColumn Column, string Field, int Index)> Columns => Question.Columns.Select((c, i) => (c, Fields[i], i));
}

/// <summary>Saying which column of a file is what.</summary>
public static class ColumnRoutes
{
    /// <summary>Maps <c>/imports/{id}/columns</c> and <c>/columns/forget</c>.</summary>
    public static void MapColumnPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/imports/{id}/columns", async (string id, HttpContext context, PageFrames frames, ColumnsStep columns, CancellationToken c) =>
        {
            if (await columns.FindAsync(id, c) is not { } question)
            {
                return await columns.AnsweredByAsync(id, c) is { } answered ? Page.GoTo("/imports/" + answered) : await Page.MissingAsync(context, frames, "question about columns", c);
            }

            var answer = AnswerOf(question, question.Columns.Select(a => a.Field), question.DateFormat);
            return await ShowAsync(id, question, answer, context, frames, columns, c);
        });
        app.MapPost("/imports/{id}/columns", AnswerAsync);
        app.MapPost("/columns/forget", async (HttpContext context, ColumnsStep columns, CancellationToken c) =>
        {
            await columns.ForgetAsync((await context.Request.ReadFormAsync(c))["id"].ToString(), c);
            return Page.GoTo("/imports", "columns-forgotten");
        });
    }

    private static async Task<IResult> AnswerAsync(string id, HttpContext context, PageFrames frames, ColumnsStep columns, WorkQueues queues, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        if (await columns.FindAsync(id, cancellation) is not { } question)
        {
            return Page.GoTo("/imports/" + Uri.EscapeDataString(id));
        }

        var dates = form["dates"].ToString();
        var answer = AnswerOf(question, question.Columns.Select((_, i) => form["c" + i.ToString(System.Globalization.CultureInfo.InvariantCulture)].ToString()), dates.Length == 0 ? null : dates);
        if (form["do"] != "import" || await columns.CheckAsync(id, answer, cancellation) is not { Problem: null } || await columns.AnswerAsync(id, answer, cancellation) is not { } started)
        {
            return await ShowAsync(id, question, answer, context, frames, columns, cancellation);
        }

        await queues.SendAsync(started.Messages, cancellation);
        return Page.GoTo("/imports/" + started.Id);
    }

    private static async Task<IResult> ShowAsync(
        string id, ColumnQuestion question, ColumnAnswer answer, HttpContext context, PageFrames frames, ColumnsStep columns, CancellationToken cancellation)
    {
        var fields = question.Columns.Select(c => answer.Columns.GetValueOrDefault(c.Name, ColumnMap.LeftOut)).ToList();
        return Page.Show<ColumnsPage>(
            await frames.OfAsync(context, cancellation),
            new ColumnsModel(id, question, fields, answer.DateFormat, await columns.CheckAsync(id, answer, cancellation)));
    }

    private static ColumnAnswer AnswerOf(ColumnQuestion question, IEnumerable<string> fields, string? dateFormat) =>
        new(question.Columns.Zip(fields).ToDictionary(c => c.First.Name, c => c.Second.Length == 0 ? ColumnMap.LeftOut : c.Second, StringComparer.Ordinal), dateFormat);
}
