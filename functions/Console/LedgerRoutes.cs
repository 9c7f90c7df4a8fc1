using Campaigns.Core.Dispatch.Ledger;
using Campaigns.Core.Planning;
using Campaigns.Core.Storage;
using Campaigns.Functions.Console.Pages;

namespace Campaigns.Functions.Console;

/// <summary>A send's records.</summary>
/// <param name="Totals">Everybody in the audience, counted.</param>
/// <param name="Filter">Which are listed.</param>
/// <param name="Listed">Those; null where nothing was chosen yet.</param>
public sealed record LedgerModel(LedgerTotals Totals, LedgerFilter Filter, LedgerPage? Listed)
{
    /// <summary>Address of the list of a count.</summary>
    public string LinkOf(LedgerCount count) => $"/runs/{Totals.Run}/ledger?state={count.State}&reason={Uri.EscapeDataString(count.Reason)}";

    /// <summary>Address of the next page of the list, or null.</summary>
    public string? Next => Listed?.Next is { } next
        ? $"/runs/{Totals.Run}/ledger?state={Filter.State}{(Filter.Reason is { } reason ? "&reason=" + Uri.EscapeDataString(reason) : "")}&from={next}"
        : null;
}

/// <summary>A message as it was sent.</summary>
public sealed record SentMessageModel(string Run, string CustomerId, SentMessage Message);

/// <summary>The sending record of a send: what became of everybody in its audience.</summary>
public static class LedgerRoutes
{
    /// <summary>Records on a page.</summary>
    private const int PageSize = 50;

    /// <summary>Maps <c>/runs/{run}/ledger</c>.</summary>
    public static void MapLedgerPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/runs/{run}/ledger", ShowAsync);
        app.MapGet("/runs/{run}/messages/{**customer}", async (string run, string customer, HttpContext context, PageFrames frames, SentMessages messages, CancellationToken c) =>
            RowLimits.IsKey(run) && await messages.FindAsync(run, customer, c) is { } message
                ? Page.Show<SentMessagePage>(await frames.OfAsync(context, c), new SentMessageModel(run, customer, message))
                : await Page.MissingAsync(context, frames, "message", c));
        app.MapGet("/runs/{run}/html/{**customer}", async (string run, string customer, HttpContext context, PageFrames frames, SentMessages messages, CancellationToken c) =>
            RowLimits.IsKey(run) && await messages.FindAsync(run, customer, c) is SentMessage.Found { Message.Html: { } html }
                ? FramedMessage.Html(context, html)
                : await Page.MissingAsync(context, frames, "message", c));
    }

    private static async Task<IResult> ShowAsync(string run, string? state, string? reason, string? from, HttpContext context, PageFrames frames, RunLedger ledger, CancellationToken cancellation)
    {
        if (!RowLimits.IsKey(run) || await ledger.CountQuicklyAsync(run, cancellation) is not { } totals)
        {
            return await Page.MissingAsync(context, frames, "send", cancellation);
        }

        var filter = new LedgerFilter(Enum.TryParse<SendState>(state, ignoreCase: true, out var chosen) ? chosen : null, reason);
        var listed = filter.State is null ? null : await ledger.ListAsync(run, filter, from is not null && RowLimits.IsKey(from) ? from : "", PageSize, cancellation);
        return Page.Show<SendingRecordPage>(await frames.OfAsync(context, cancellation), new LedgerModel(totals, filter, listed));
    }
}
