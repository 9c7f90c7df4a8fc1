using Campaigns.Channels.Outbox;
using Campaigns.Core.Primitives;
using Campaigns.Core.Privacy;
using Campaigns.Core.Segments;
using Campaigns.Functions.Access;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Api;

/// <summary>A customer's rights: to know what is held, to object to profiling, and to be erased.</summary>
public static class PrivacyApi
{
    /// <summary>Maps <c>/api/customers/{id}</c>, its export and its objection to profiling.</summary>
    public static void MapPrivacy(this IEndpointRouteBuilder api)
    {
        api.MapGet("/customers/{customer}/export", async (string customer, CustomerExports exports, OutboxReader outbox, Core.Jobs.Workspace workspace, CancellationToken c) =>
            await exports.FindAsync(customer, c) is { } found
                ? Results.Json(new { found.CustomerId, found.Customer, found.DoNotContact, found.Profile, found.Segments, found.DecidedByHand, found.Orders, sends = WithMessages(found, outbox, workspace, c) }, CampaignsApi.Json)
                : Missing());
        api.MapPut("/customers/{customer}/profiling-objection", (string customer, HttpContext context, ObjectionStep step, CancellationToken c) => ObjectAsync(customer, true, context, step, c));
        api.MapDelete("/customers/{customer}/profiling-objection", (string customer, HttpContext context, ObjectionStep step, CancellationToken c) => ObjectAsync(customer, false, context, step, c));
        api.MapDelete("/customers/{customer}", async (string customer, Erasure erasure, WorkQueues queues, CancellationToken c) =>
            await StartAsync(customer, erasure, queues, c) is { } job ? Results.Json(new { job }, statusCode: StatusCodes.Status202Accepted) : Missing());
    }

    /// <summary>Starts an erasure and gives its job; null where nothing is known under the id.</summary>
    public static async ValueTask<string?> StartAsync(string id, Erasure erasure, WorkQueues queues, CancellationToken cancellation)
    {
        if (await erasure.StartAsync(id, cancellation) is not { } started)
        {
            return null;
        }

        await queues.SendAsync(started.Messages, cancellation);
        return started.Job;
    }

    private static async IAsyncEnumerable<object> WithMessages(
        CustomerExport found, OutboxReader outbox, Core.Jobs.Workspace workspace, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var key = CustomerKey.Of((await workspace.SettingsAsync(cancellation)).Salt, found.CustomerId);
        await foreach (var send in found.Sends.WithCancellation(cancellation))
        {
            yield return new { send.Run, send.Record, message = await outbox.FindAsync(new SendId(send.Run, key), cancellation) };
        }
    }

    private static async Task<IResult> ObjectAsync(string id, bool objects, HttpContext context, ObjectionStep step, CancellationToken cancellation) =>
        await step.SetAsync(id, objects, ByHand(await Caller.NameAsync(context, cancellation)), cancellation) ? Results.NoContent() : Missing();

    /// <summary>Source of what somebody noted.</summary>
    public static string ByHand(string who) => "by hand by " + who;

    private static IResult Missing() => ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such customer.");
}
