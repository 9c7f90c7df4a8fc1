using System.Globalization;
using System.Text.Json;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tracking;

/// <summary>What somebody said of messages to an address.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Address">Mailbox or E.164 number, normalised.</param>
/// <param name="Purposes">Ids of purposes, at least one; "" is marketing.</param>
/// <param name="Given">Wants them, or does not.</param>
/// <param name="Source">Where it was said, or null.</param>
/// <param name="Proof">What shows it, or null.</param>
public sealed record ConsentSaid(Channel Channel, string Address, IReadOnlyList<string> Purposes, bool Given, string? Source, string? Proof);

/// <summary>What became of it.</summary>
public abstract record ConsentResult
{
    /// <summary>It is being stored, by the import of the id.</summary>
    public sealed record Stored(ImportStarted Import) : ConsentResult;

    /// <summary>The recipient was asked to confirm, or had been a moment ago.</summary>
    public sealed record Asked : ConsentResult;

    /// <summary>Nothing was stored; the sentence says why and what to do.</summary>
    public sealed record Refused(string Sentence) : ConsentResult;
}

/// <summary>Consent by HTTP and its confirmation by a link (double opt-in): what is confirmed is stored as an import of one customer.</summary>
public sealed class ConsentStep(
    IRowStore rows, Workspace workspace, Imports imports, AddressBook addresses, IEnumerable<IMessageChannel> channels, Func<string> ids)
{
    /// <summary>Asked again within it, nobody gets a second message: forms are sent twice, and strangers' addresses are typed in.</summary>
    private static readonly TimeSpan AskedLately = TimeSpan.FromMinutes(10);

    /// <summary>What a request is about, as it stands in a sentence.</summary>
    public static string What(ConsentRequestRow request, WorkspaceSettings settings) => ConsentMessage.What(request.Purposes, settings);

    /// <summary>Stores what was said.</summary>
    public async ValueTask<ConsentResult> StoreAsync(ConsentSaid said, CancellationToken cancellation) =>
        new ConsentResult.Stored(await ImportAsync(
            "consent-" + ids(), await CustomerOfAsync(said, cancellation), said, await workspace.NowAsync(cancellation), cancellation));

    /// <summary>Asks the recipient to confirm; nothing holds before.</summary>
    public async ValueTask<ConsentResult> AskAsync(ConsentSaid said, CancellationToken cancellation)
    {
        var (settings, now) = (await workspace.SettingsAsync(cancellation), await workspace.NowAsync(cancellation));
        if (settings.Stopped)
        {
            return new ConsentResult.Refused("Everything is stopped, and so are messages that ask to confirm: resume sending, then send this again.");
        }

        if (await addresses.SuppressionAsync(said.Address, cancellation) is { Reason: not SuppressionRow.Unsubscribed and var reason })
        {
            return new ConsentResult.Refused($"The address is on the do-not-contact list ({reason}), and is not asked to confirm.");
        }

        var customer = await CustomerOfAsync(said, cancellation);
        var key = CustomerKey.Of(settings.Salt, customer);
        var partition = new Bucketing(settings.Buckets).PartitionOf(key);
        await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, partition, Tables.ConsentRequests(key), cancellation))
        {
            var before = RowCodec.Decode<ConsentRequestRow>(row.Payload);
            if (before.Channel == said.Channel && now - before.AskedAt < AskedLately && before.Purposes.AsSpan().SequenceEqual([.. said.Purposes]))
            {
                return new ConsentResult.Asked();
            }
        }

        var id = new SendId("consent-" + ids(), key);
        var request = new ConsentRequestRow
        {
            CustomerId = customer,
            Channel = said.Channel,
            Address = said.Address,
            Purposes = [.. said.Purposes],
            Source = said.Source,
            Proof = said.Proof,
            AskedAt = now,
        };
        await rows.CommitAsync(Tables.Customers, partition, [new RowOperation.Insert(Tables.ConsentRequest(key, id.Run), RowCodec.Encode(request))], cancellation);
        var sent = await channels.First(c => c.Channel == said.Channel).SendAsync([ConsentMessage.Of(id, request, settings)], cancellation);
        return sent[0] switch
        {
            SendResult.NotSent notSent => await NotAskedAsync(partition, id, "The message could not be sent: " + notSent.Reason, cancellation),
            SendResult.Rejected rejected => await NotAskedAsync(partition, id, "The provider refused the message: " + rejected.Reason, cancellation),
            _ => new ConsentResult.Asked(),
        };
    }

    /// <summary>The request, or null where it was never made or has expired.</summary>
    public async ValueTask<ConsentRequestRow?> FindAsync(SendId id, CancellationToken cancellation) =>
        (await rows.FindAsync<ConsentRequestRow>(Tables.Customers, await PartitionAsync(id.Customer, cancellation), Tables.ConsentRequest(id.Customer, id.Run), cancellation))?.Value
        is { } found && !found.HasExpired(await workspace.NowAsync(cancellation)) ? found : null;

    /// <summary>Confirms: the same again is the same import. Null where there is no such request any more.</summary>
    public async ValueTask<ImportStarted?> ConfirmAsync(SendId id, CancellationToken cancellation)
    {
        if (await FindAsync(id, cancellation) is null)
        {
            return null;
        }

        var now = await workspace.NowAsync(cancellation);
        var row = await rows.UpdateAsync<ConsentRequestRow>(
            Tables.Customers,
            await PartitionAsync(id.Customer, cancellation),
            Tables.ConsentRequest(id.Customer, id.Run),
            found => found is null or { ConfirmedAt: not null } ? null : found with { ConfirmedAt = now },
            cancellation);
        if (row?.ConfirmedAt is not { } at)
        {
            return null; // Erased meanwhile.
        }

        await addresses.ResubscribeAsync(row.Channel, row.Address, at, cancellation);
        var proof = string.Create(CultureInfo.InvariantCulture, $"double opt-in: asked {row.AskedAt:O}, message {id}, confirmed {at:O}") + (row.Proof is null ? "" : "; " + row.Proof);
        return await ImportAsync(id.Run, row.CustomerId, new ConsentSaid(row.Channel, row.Address, row.Purposes, true, row.Source ?? "double opt-in", proof), at, cancellation);
    }

    /// <summary>Deletes what was not confirmed in time, and what was confirmed long ago: its proof stands with the customer.</summary>
    public async ValueTask SweepAsync(CancellationToken cancellation)
    {
        var (settings, now) = (await workspace.SettingsAsync(cancellation), await workspace.NowAsync(cancellation));
        for (var bucket = 0; bucket < settings.Buckets; bucket++)
        {
            var partition = Bucketing.Partition(bucket);
            await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, partition, Tables.AllConsentRequests, cancellation))
            {
                if (RowCodec.Decode<ConsentRequestRow>(row.Payload).HasExpired(now))
                {
                    var key = Tables.CustomerIn(row.Key);
                    await rows.CommitAsync(Tables.Outbox, row.Key[Tables.ConsentRequests(key).Length..], [new RowOperation.Delete(key.Text)], cancellation);
                    await rows.CommitAsync(Tables.Customers, partition, [new RowOperation.Delete(row.Key)], cancellation);
                }
            }
        }
    }

    private async ValueTask<ConsentResult> NotAskedAsync(string partition, SendId id, string sentence, CancellationToken cancellation)
    {
        await rows.CommitAsync(Tables.Customers, partition, [new RowOperation.Delete(Tables.ConsentRequest(id.Customer, id.Run))], cancellation);
        return new ConsentResult.Refused(sentence);
    }

    private async ValueTask<string> PartitionAsync(CustomerKey key, CancellationToken cancellation) =>
        new Bucketing((await workspace.SettingsAsync(cancellation)).Buckets).PartitionOf(key);

    private async ValueTask<string> CustomerOfAsync(ConsentSaid said, CancellationToken cancellation) =>
        await addresses.FindAsync(said.Address, cancellation) is [var first, ..] ? first.Value.CustomerId
        : said.Channel == Channel.Email ? Addresses.Id(said.Address, null)! : Addresses.Id(null, said.Address)!;

    private ValueTask<ImportStarted> ImportAsync(string id, string customer, ConsentSaid said, DateTimeOffset at, CancellationToken cancellation)
    {
        var channel = said.Channel == Channel.Email ? "email" : "sms";
        var record = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["customer_id"] = customer,
            [said.Channel == Channel.Email ? "email" : "phone"] = said.Address,
            ["consent_source"] = said.Source ?? "",
            ["consent_proof"] = said.Proof ?? "",
            ["consent_at"] = at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        };
        foreach (var purpose in said.Purposes)
        {
            record[$"consent_{channel}" + (purpose.Length > 0 ? "_" + purpose : "")] = said.Given ? "yes" : "no";
        }

        var request = new ImportRequest { Id = id, Subject = ImportSubject.Customers, Format = ImportFormat.Json, Name = "consent", Small = true };
        return imports.StartAsync(request, new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new[] { record })), cancellation);
    }
}
