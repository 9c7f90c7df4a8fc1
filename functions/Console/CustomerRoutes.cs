using System.Globalization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Privacy;
using Campaigns.Core.Segments;
using Campaigns.Functions.Access;
using Campaigns.Functions.Api;
using Campaigns.Functions.Console.Pages;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Console;

/// <summary>Customers found by a query.</summary>
public sealed record CustomerSearchModel(string Query, IReadOnlyList<string> Found);

/// <summary>Finding a customer, one customer, and what is decided about its segments by hand.</summary>
public static class CustomerRoutes
{
    /// <summary>Maps <c>/customers</c>.</summary>
    public static void MapCustomerPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/customers", async (string? query, HttpContext context, PageFrames frames, CustomerQuery customers, CancellationToken c) =>
        {
            var found = query is null ? [] : await customers.FindAsync(query, c);
            return found.Count == 1
                ? Page.GoTo(Address(found[0]))
                : Page.Show<CustomersPage>(await frames.OfAsync(context, c), new CustomerSearchModel(query?.Trim() ?? "", found));
        });

        // Ids may hold slashes: the rest of the path is the id. So it stands in the form where something is decided by hand.
        app.MapGet("/customers/{**id}", async (string id, string? on, HttpContext context, PageFrames frames, CustomerQuery customers, CancellationToken c) =>
            await ShowAsync(id, on, null, context, frames, customers, c));
        app.MapPost("/placements", PlaceAsync);
        app.MapGet("/customers-export", (string? id) => Results.LocalRedirect($"/api/customers/{Uri.EscapeDataString(id ?? "")}/export"));
        app.MapPost("/erasures", EraseAsync);
        app.MapPost("/objections", ObjectAsync);
        app.MapPost("/do-not-contact", ContactAsync);
        app.MapPost("/placements/remove", async (HttpContext context, PageFrames frames, CustomerQuery customers, PlacementStep step, CancellationToken c) =>
        {
            var form = await context.Request.ReadFormAsync(c);
            var id = form["customer"].ToString();
            return await AnswerAsync(id, await step.RemoveAsync(id, form["segment"].ToString(), c), "released", context, frames, customers, c);
        });
    }

    private static async Task<IResult> EraseAsync(HttpContext context, PageFrames frames, CustomerQuery customers, Erasure erasure, WorkQueues queues, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        var id = form["customer"].ToString();
        return !string.Equals(form["confirm"].ToString().Trim(), id, StringComparison.Ordinal)
            ? await ShowAsync(id, null, "Not erased: type the customer's id exactly as it stands above, to confirm.", context, frames, customers, cancellation)
            : await PrivacyApi.StartAsync(id, erasure, queues, cancellation) is not null ? Page.GoTo("/customers", "erased") : await Page.MissingAsync(context, frames, "customer", cancellation);
    }

    private static async Task<IResult> ObjectAsync(HttpContext context, PageFrames frames, ObjectionStep step, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        var (id, objects) = (form["customer"].ToString(), form["objects"] != "no");
        return await step.SetAsync(id, objects, PrivacyApi.ByHand(await Caller.NameAsync(context, cancellation)), cancellation)
            ? Page.GoTo(Address(id), objects ? "objected" : "objection-lifted")
            : await Page.MissingAsync(context, frames, "customer", cancellation);
    }

    private static async Task<IResult> ContactAsync(
        HttpContext context, PageFrames frames, CustomerQuery customers, AddressBook book, Workspace workspace, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        var id = form["customer"].ToString();
        var channel = form["channel"] == nameof(Channel.Sms) ? Channel.Sms : Channel.Email;
        if ((await customers.ReadAsync(id, null, cancellation))?.Customer?.AddressOn(channel) is not { } address)
        {
            return await Page.MissingAsync(context, frames, "customer", cancellation);
        }

        if (form["contact"] != "again")
        {
            await book.SuppressAsync(channel, address, SuppressionRow.Manual, await workspace.NowAsync(cancellation), cancellation);
            return Page.GoTo(Address(id), "not-contacted");
        }

        return await book.AllowAsync(channel, address, cancellation) is { } reason
            ? await ShowAsync(id, null, $"The address stays on the do-not-contact list: {reason}. Only the recipient can take that back.", context, frames, customers, cancellation)
            : Page.GoTo(Address(id), "contacted-again");
    }

    private static string Address(string id) => "/customers/" + Uri.EscapeDataString(id);

    private static async Task<IResult> PlaceAsync(HttpContext context, PageFrames frames, CustomerQuery customers, PlacementStep step, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        var (id, until) = (form["customer"].ToString(), form["until"].ToString().Trim());
        var frame = await frames.OfAsync(context, cancellation);
        var end = EndOf(until, frame.Zone);
        if (until.Length > 0 && end is null)
        {
            return await ShowAsync(id, null, "“Until” is no date: choose one, or leave it empty.", context, frames, customers, cancellation);
        }

        var placement = new Placement(
            form["segment"].ToString(), form["member"] != "no", form["reason"].ToString(), await Caller.NameAsync(context, cancellation), default, end);
        return await AnswerAsync(id, await step.PlaceAsync(id, placement, cancellation), "placed", context, frames, customers, cancellation);
    }

    private static async Task<IResult> AnswerAsync(
        string id, PlacementResult result, string notice, HttpContext context, PageFrames frames, CustomerQuery customers, CancellationToken cancellation) => result switch
        {
            PlacementResult.Done => Page.GoTo(Address(id), notice),
            PlacementResult.Refused refused => await ShowAsync(id, null, refused.Sentence, context, frames, customers, cancellation),
            PlacementResult.Missing missing => await ShowAsync(id, null, missing.Sentence, context, frames, customers, cancellation),
            _ => throw new InvalidOperationException("A placement is done or refused."),
        };

    private static async Task<IResult> ShowAsync(
        string id, string? on, string? refusal, HttpContext context, PageFrames frames, CustomerQuery customers, CancellationToken cancellation)
    {
        var frame = await frames.OfAsync(context, cancellation);
        return await customers.ReadAsync(id, on is null ? null : EndOf(on, frame.Zone), cancellation) is { } customer
            ? Page.Show<CustomerPage>(frame with { Refusal = refusal }, customer, refusal is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict)
            : await Page.MissingAsync(context, frames, "customer", cancellation);
    }

    /// <summary>The end of a day in the shop's time zone; null where the text is no date.</summary>
    private static DateTimeOffset? EndOf(string day, TimeZoneInfo zone)
    {
        if (!DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) || date == DateOnly.MaxValue)
        {
            return null;
        }

        var midnight = date.AddDays(1).ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)).ToUniversalTime();
    }
}
