using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Ingest;

/// <summary>An address that must not be contacted: row <c>s|{hmac}</c> of table addresses. It survives the customer's erasure.</summary>
[MemoryPackable]
public sealed partial record SuppressionRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The recipient wants no more: the only reason that the recipient can take back.</summary>
    public const string Unsubscribed = "unsubscribed";

    /// <summary>Somebody of the shop decided it: the only reason that the shop can take back.</summary>
    public const string Manual = "manual";

    /// <summary>The mailbox does not exist, or not any more.</summary>
    public const string HardBounce = "hard bounce";

    /// <summary>The recipient called a message spam.</summary>
    public const string Complaint = "complaint";

    /// <summary>"unsubscribed", "hard bounce", "complaint", "manual" or "erased".</summary>
    public required string Reason { get; init; }

    /// <summary>Business time.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>
    /// The reason that stands of two: a complaint before a wish before a bounce before what the shop decided by hand, anything else
    /// before them. Of reports that come in any order, the same one stands in the end. By hand comes last, so that taking it back
    /// never uncovers whom the recipient's own word or a dead mailbox forbids to write to.
    /// </summary>
    public static string Stronger(string? present, string reason) =>
        present is null || Rank(reason) > Rank(present) || (Rank(reason) == Rank(present) && string.CompareOrdinal(reason, present) < 0) ? reason : present;

    /// <summary>The row with one more report; the same row where that says nothing new.</summary>
    internal SuppressionRow With(string reason, DateTimeOffset at) =>
        !string.Equals(Stronger(Reason, reason), Reason, StringComparison.Ordinal) || (string.Equals(reason, Reason, StringComparison.Ordinal) && at < At)
            ? new SuppressionRow { Reason = reason, At = at }
            : this;

    /// <summary>A file may say this reason: all that recipients or mailboxes decide, and what the shop did.</summary>
    internal static bool MayBeImported(string reason) => reason is Unsubscribed or HardBounce or Complaint or Manual;

    private static int Rank(string reason) => reason switch
    {
        Manual => 0,
        HardBounce => 1,
        Unsubscribed => 2,
        Complaint => 3,
        _ => 4,
    };
}

/// <summary>
/// Who has an address, and which addresses must not be contacted. Table addresses; partition <c>a00</c> … <c>aff</c> = first byte
/// of HMAC-SHA256(key derived from the workspace's salt, normalised address); rows
/// <code>
/// {hmac}|{customer}   somebody has this address: written before the customer row, and verified against it when read
/// s|{hmac}            <see cref="SuppressionRow"/>
/// </code>
/// </summary>
public sealed class AddressBook
{
    /// <summary>Reason of suppressions that an erasure leaves: whoever an import brings with such an address is ignored.</summary>
    public const string Erased = "erased";

    /// <summary>The most customers looked at for one address: a family, not a mailing list.</summary>
    internal const int SharersLimit = 100;

    private static readonly byte[] Present = [1];

    private readonly IRowStore rows;
    private readonly Workspace? workspace;
    private Derived? derived;

    /// <summary>The book of the workspace.</summary>
    public AddressBook(IRowStore rows, Workspace workspace) => (this.rows, this.workspace) = (rows, workspace);

    /// <summary>The book of a workspace whose settings were read.</summary>
    public AddressBook(IRowStore rows, WorkspaceSettings settings)
        : this(rows, settings.Salt, settings.Buckets)
    {
    }

    /// <summary>The book of a workspace with this salt and number of buckets.</summary>
    internal AddressBook(IRowStore rows, byte[] salt, int buckets) => (this.rows, derived) = (rows, Derived.Of(salt, buckets));

    /// <summary>The customers who have the address now, by key.</summary>
    public async ValueTask<IReadOnlyList<Stored<CustomerRow>>> FindAsync(string address, CancellationToken cancellation)
    {
        var noted = await NotedAsync(address, cancellation);
        var bucketing = (await DerivedAsync(cancellation)).Bucketing;
        var found = new List<Stored<CustomerRow>>(noted.Count);
        foreach (var customer in noted)
        {
            var stored = await rows.FindAsync<CustomerRow>(Tables.Customers, bucketing.PartitionOf(customer), Tables.Customer(customer), cancellation);
            if (stored is not null && (Same(stored.Value.Email, address) || Same(stored.Value.Phone, address)))
            {
                found.Add(stored);
            }
        }

        return found;
    }

    /// <summary>The customers who have or had the address, by key: the first <see cref="SharersLimit"/>. Their rows say whether they have it now.</summary>
    internal async ValueTask<IReadOnlyList<CustomerKey>> NotedAsync(string address, CancellationToken cancellation)
    {
        var (partition, hmac) = (await DerivedAsync(cancellation)).Place(address);
        var noted = new List<CustomerKey>();
        await foreach (var row in rows.ScanPrefixAsync(Tables.Addresses, partition, hmac + "|", cancellation))
        {
            noted.Add(new CustomerKey(row.Key[(hmac.Length + 1)..]));
            if (noted.Count == SharersLimit)
            {
                break;
            }
        }

        return noted;
    }

    /// <summary>The suppression of the address, or null.</summary>
    public async ValueTask<SuppressionRow?> SuppressionAsync(string address, CancellationToken cancellation)
    {
        var (partition, hmac) = (await DerivedAsync(cancellation)).Place(address);
        return (await rows.FindAsync<SuppressionRow>(Tables.Addresses, partition, "s|" + hmac, cancellation))?.Value;
    }

    /// <summary>
    /// Suppresses the address; of several reasons the strongest stands (<see cref="SuppressionRow.Stronger"/>). Then every customer who has it gets a copy, so that no claim passes.
    /// Doing it again changes nothing.
    /// </summary>
    public async ValueTask SuppressAsync(Channel channel, string address, string reason, DateTimeOffset at, CancellationToken cancellation)
    {
        var (partition, hmac) = (await DerivedAsync(cancellation)).Place(address);
        var row = await rows.UpdateAsync<SuppressionRow>(
            Tables.Addresses, partition, "s|" + hmac, found => found is null ? new SuppressionRow { Reason = reason, At = at } : found.With(reason, at) is var next && next == found ? null : next, cancellation);
        foreach (var holder in await FindAsync(address, cancellation))
        {
            await CopyAsync(holder.Key, channel, address, row!.Reason, cancellation);
        }
    }

    /// <summary>Takes an unsubscription back that the recipient had sent before <paramref name="at"/>. Any other reason stands: a bounce is no wish.</summary>
    public async ValueTask ResubscribeAsync(Channel channel, string address, DateTimeOffset at, CancellationToken cancellation) =>
        await LiftAsync(SuppressionRow.Unsubscribed, channel, address, at, cancellation);

    /// <summary>
    /// Takes back what the shop decided by hand. Any other reason stands; it is given, or null where the address may be contacted
    /// again. Doing it again changes nothing.
    /// </summary>
    public ValueTask<string?> AllowAsync(Channel channel, string address, CancellationToken cancellation) =>
        LiftAsync(SuppressionRow.Manual, channel, address, DateTimeOffset.MaxValue, cancellation);

    private async ValueTask<string?> LiftAsync(string reason, Channel channel, string address, DateTimeOffset at, CancellationToken cancellation)
    {
        var (partition, hmac) = (await DerivedAsync(cancellation)).Place(address);
        if (await rows.FindAsync<SuppressionRow>(Tables.Addresses, partition, "s|" + hmac, cancellation) is { } found)
        {
            if (found.Value.Reason != reason || found.Value.At > at)
            {
                return found.Value.Reason;
            }

            if (await rows.CommitAsync(Tables.Addresses, partition, [new RowOperation.Delete(found.Key, found.ETag)], cancellation) is CommitResult.Conflict)
            {
                throw new IOException("The suppression of an address was changed meanwhile; try again.");
            }
        }

        foreach (var holder in await FindAsync(address, cancellation))
        {
            await rows.UpdateAsync<CustomerRow>(
                Tables.Customers,
                (await DerivedAsync(cancellation)).Bucketing.PartitionOf(Tables.CustomerIn(holder.Key)),
                holder.Key,
                row => row is null || !Same(row.AddressOn(channel), address) || row.SuppressionOn(channel) != reason
                    ? null
                    : channel == Channel.Email ? row with { EmailSuppression = null } : row with { SmsSuppression = null },
                cancellation);
        }

        return null;
    }

    /// <summary>Notes that the customers have the addresses. Comes before their rows are written.</summary>
    public async ValueTask AddAsync(IEnumerable<(string Address, CustomerKey Customer)> pairs, CancellationToken cancellation)
    {
        var partitions = new Dictionary<string, Dictionary<string, RowOperation>>(StringComparer.Ordinal);
        var places = await DerivedAsync(cancellation);
        foreach (var (address, customer) in pairs)
        {
            var (partition, hmac) = places.Place(address);
            if (!partitions.TryGetValue(partition, out var operations))
            {
                partitions[partition] = operations = new(StringComparer.Ordinal);
            }

            var row = hmac + "|" + customer.Text;
            operations[row] = new RowOperation.Upsert(row, Present);
        }

        var commits = partitions
            .SelectMany(p => p.Value.Values.Chunk(RowLimits.OperationsPerCommit).Select(o => (Partition: p.Key, Operations: o)))
            .Chunk(BulkWriter.CommitsInFlight);
        foreach (var some in commits)
        {
            await Task.WhenAll(some.Select(c => rows.CommitAsync(Tables.Addresses, c.Partition, c.Operations, cancellation).AsTask()));
        }
    }

    /// <summary>Forgets that the customer has the address; a suppression stays.</summary>
    public async ValueTask ForgetAsync(string address, CustomerKey customer, CancellationToken cancellation)
    {
        var (partition, hmac) = (await DerivedAsync(cancellation)).Place(address);
        await rows.CommitAsync(Tables.Addresses, partition, [new RowOperation.Delete(hmac + "|" + customer.Text)], cancellation);
    }

    /// <summary>Puts a suppression into the customer's row where it still has the address.</summary>
    internal async ValueTask CopyAsync(string customerRow, Channel channel, string address, string reason, CancellationToken cancellation) =>
        await rows.UpdateAsync<CustomerRow>(
            Tables.Customers,
            (await DerivedAsync(cancellation)).Bucketing.PartitionOf(Tables.CustomerIn(customerRow)),
            customerRow,
            found => found is null || !Same(found.AddressOn(channel), address) || found.SuppressionOn(channel) == SuppressionRow.Stronger(found.SuppressionOn(channel), reason)
                ? null
                : found.Suppressed(channel, reason),
            cancellation);

    private static bool Same(string? a, string b) => a is not null && string.Equals(Addresses.Comparable(a), Addresses.Comparable(b), StringComparison.Ordinal);

    private async ValueTask<Derived> DerivedAsync(CancellationToken cancellation)
    {
        if (derived is null)
        {
            var settings = await workspace!.SettingsAsync(cancellation);
            derived = Derived.Of(settings.Salt, settings.Buckets); // They never change.
        }

        return derived;
    }

    /// <summary>What follows from the workspace's salt and buckets.</summary>
    private sealed record Derived(byte[] Key, Bucketing Bucketing)
    {
        public static Derived Of(byte[] salt, int buckets) =>
            new(HKDF.DeriveKey(HashAlgorithmName.SHA256, salt, 32, info: "campaigns addresses"u8.ToArray()), new Bucketing(buckets));

        public (string Partition, string Hmac) Place(string address)
        {
            var hash = HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes(Addresses.Comparable(address)));
            return ("a" + hash[0].ToString("x2", CultureInfo.InvariantCulture), Base32.Encode(hash.AsSpan(0, 20)));
        }
    }
}
