using Campaigns.Channels.Outbox;
using Campaigns.Core.Primitives;
using Campaigns.Core.Privacy;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Api;

/// <summary>A customer's rights: to know what is held, and to be erased.</summary>
public static class PrivacyApi
{
    /// <summary>Maps <c>/api/customers/{id}</c> and its export.</summary>
    public static void MapPrivacy(this IEndpointRouteBuilder api)
    {
        api.MapGet("/customers/{id}/export", async (string id, CustomerExports exports, OutboxReader outbox, Core.Jobs.Workspace workspace, CancellationToken c) =>
            await exports.FindAsync(id, c) is { } found
                ? Results.Json(new { found.CustomerId, found.Customer, found.DoNotContact, found.Profile, found.Segments, found.DecidedByHand, found.Orders, sends = WithMessages(found, outbox, workspace, c) }, CampaignsApi.Json)
                : Missing());
        api.MapDelete("/customers/{id}", async (string id, Erasure erasure, WorkQueues queues, CancellationToken c) =>
            await StartAsync(id, erasure, queues, c) is { } job ? Results.Json(new { job }, statusCode: StatusCodes.Status202Accepted) : Missing());
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

    private static IResult Missing() => ApiRoutes.Refuse(StatusCodes.Status404NotFound, "There is no such customer.");
}
