using System.Text.Json;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;

namespace Campaigns.Functions.Api;

/// <summary>Addresses that the shop puts on the do-not-contact list by hand, or takes off it.</summary>
/// <param name="Addresses">E-mail addresses and phone numbers; a number without a country code belongs to the workspace's country.</param>
public sealed record DoNotContactBody(string[]? Addresses);

/// <summary>
/// The do-not-contact list by hand. Addresses stand in bodies, never in the address line, which servers log. Taking off heeds
/// only what was put on by hand: an unsubscription, a complaint or a dead mailbox stays.
/// </summary>
public static class DoNotContactApi
{
    /// <summary>Addresses of one request: each costs a few reads and writes, and a request must end within seconds.</summary>
    public const int MostAddresses = 1_000;

    /// <summary>Maps <c>/api/do-not-contact</c>.</summary>
    public static void MapDoNotContact(this IEndpointRouteBuilder api)
    {
        api.MapPost("/do-not-contact", async (HttpContext context, AddressBook book, Workspace workspace, CancellationToken c) =>
        {
            var read = await ReadAsync(context, workspace, c);
            var now = await workspace.NowAsync(c);
            foreach (var (channel, address) in read.Addresses)
            {
                await book.SuppressAsync(channel, address, SuppressionRow.Manual, now, c);
            }

            return read.Refusal ?? Results.Json(new { listed = read.Addresses.Count });
        });
        api.MapPost("/do-not-contact/remove", async (HttpContext context, AddressBook book, Workspace workspace, CancellationToken c) =>
        {
            var read = await ReadAsync(context, workspace, c);
            var stay = new List<object>();
            foreach (var (channel, address) in read.Addresses)
            {
                if (await book.AllowAsync(channel, address, c) is { } reason)
                {
                    stay.Add(new { address, reason });
                }
            }

            return read.Refusal ?? Results.Json(new { removed = read.Addresses.Count - stay.Count, stay });
        });
    }

    /// <summary>The addresses in their stored form; none, and a refusal, where one of them is no address: then nothing is changed.</summary>
    private static async ValueTask<(IReadOnlyList<(Channel Channel, string Address)> Addresses, IResult? Refusal)> ReadAsync(
        HttpContext context, Workspace workspace, CancellationToken cancellation)
    {
        var given = (await ApiRoutes.ReadAsync<DoNotContactBody>(context, JsonSerializerOptions.Web, cancellation)).Addresses ?? [];
        if (given.Length is 0 or > MostAddresses)
        {
            return ([], ApiRoutes.Refuse(StatusCodes.Status400BadRequest, $"Send 1 to {MostAddresses:N0} addresses: {{\"addresses\": [\"ann@example.com\", \"+447700900123\"]}}."));
        }

        var country = (await workspace.SettingsAsync(cancellation)).Country;
        var found = new List<(Channel, string)>(given.Length);
        for (var i = 0; i < given.Length; i++)
        {
            var byEmail = given[i]?.Contains('@', StringComparison.Ordinal) == true;
            if ((byEmail ? Addresses.Email(given[i]) : Addresses.Phone(given[i] ?? "", country)) is not { } address)
            {
                return ([], ApiRoutes.Refuse(StatusCodes.Status400BadRequest, $"Entry {i + 1} is neither an e-mail address nor a phone number; nothing was changed. Correct it and send all again."));
            }

            found.Add((byEmail ? Channel.Email : Channel.Sms, address));
        }

        return (found, null);
    }
}
