using Campaigns.Channels.Outbox;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Functions.Console.Pages;

namespace Campaigns.Functions.Console;

/// <summary>A page of the outbox.</summary>
/// <param name="Run">The send shown, or null where there is none.</param>
/// <param name="Runs">Sends to choose from, newest first.</param>
/// <param name="Messages">Its messages.</param>
/// <param name="Next">Customer key after which the next page begins, or null.</param>
public sealed record OutboxModel(string? Run, IReadOnlyList<RunRow> Runs, IReadOnlyList<(SendId Id, OutboxRow Message)> Messages, string? Next);

/// <summary>One message of the outbox.</summary>
public sealed record OutboxMessageModel(SendId Id, OutboxRow Message);

/// <summary>The outbox: messages that were kept here instead of going out.</summary>
public static class OutboxRoutes
{
    /// <summary>Messages on a page.</summary>
    private const int PageSize = 50;

    /// <summary>Sends to choose from.</summary>
    private const int RunsShown = 50;

    /// <summary>Maps <c>/outbox</c>.</summary>
    public static void MapOutboxPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/outbox", ListAsync);
        app.MapGet("/outbox/{run}/{customer}", async (string run, string customer, HttpContext context, PageFrames frames, OutboxReader outbox, CancellationToken c) =>
            IdOf(run, customer) is { } id && await outbox.FindAsync(id, c) is { } message
                ? Page.Show<OutboxMessagePage>(await frames.OfAsync(context, c), new OutboxMessageModel(id, message))
                : await Page.MissingAsync(context, frames, "message", c));
        app.MapGet("/outbox/{run}/{customer}/html", async (string run, string customer, HttpContext context, PageFrames frames, OutboxReader outbox, CancellationToken c) =>
            IdOf(run, customer) is { } id && await outbox.FindAsync(id, c) is { Html: { } html }
                ? FramedMessage.Html(context, html)
                : await Page.MissingAsync(context, frames, "message", c));
    }

    private static async Task<IResult> ListAsync(string? run, string? after, HttpContext context, PageFrames frames, OutboxReader outbox, Runs runs, CancellationToken cancellation)
    {
        var known = (await runs.ListAsync(RunsShown, null, cancellation)).Runs;
        var chosen = IsKey(run) ? run : known.FirstOrDefault()?.Run ?? ExampleMessages.TestRun;
        CustomerKey? from = after?.Length == CustomerKey.Length && IsKey(after) ? new CustomerKey(after) : null;
        var messages = await outbox.ListAsync(chosen!, from, PageSize + 1, cancellation);
        var next = messages.Count > PageSize ? messages[PageSize - 1].Id.Customer.Text : null;
        return Page.Show<OutboxPage>(await frames.OfAsync(context, cancellation), new OutboxModel(chosen, known, [.. messages.Take(PageSize)], next));
    }

    private static SendId? IdOf(string run, string customer) => IsKey(run) && IsKey(customer) ? SendId.Parse(run + "." + customer) : null;

    /// <summary>Comes from an address: what cannot be a key is no message.</summary>
    private static bool IsKey(string? text) => text is { Length: > 0 and <= 100 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
