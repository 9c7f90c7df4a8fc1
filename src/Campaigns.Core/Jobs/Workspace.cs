using System.Security.Cryptography;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Jobs;

/// <summary>
/// Settings of the workspace: row <c>settings</c> of partition <c>workspace</c> in table work. One workspace per store.
/// Salt and bucket count are fixed when the store is created; the currency with the first import.
/// </summary>
[MemoryPackable]
public sealed partial record WorkspaceSettings : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Bytes mixed into keys, draws and address hashes. Random, but for stores that must be reproducible (demo, tests).</summary>
    public required byte[] Salt { get; init; }

    /// <summary>Number of buckets, 1 … 256. Fixed.</summary>
    public required int Buckets { get; init; }

    /// <summary>Name of the shop, for messages and pages.</summary>
    public string Name { get; init; } = "My shop";

    /// <summary>ISO 4217 currency. Orders in another are rejected.</summary>
    public string Currency { get; init; } = "GBP";

    /// <summary>IANA time zone for dates without one, and for customers without one.</summary>
    public string TimeZone { get; init; } = "Europe/London";

    /// <summary>Country for phone numbers without a country code: ISO 3166 alpha-2.</summary>
    public string Country { get; init; } = "GB";

    /// <summary>Margin as a share of net revenue in [0, 1] where no unit cost or category share is known; null = unknown, and screens say revenue, never profit.</summary>
    public double? MarginShare { get; init; }

    /// <summary>Margin shares by product category, in [0, 1].</summary>
    public Dictionary<string, double> MarginShareByCategory { get; init; } = [];

    [MemoryPackInclude]
    private double HoldoutWhenFixed { get; init; } = 0.2;

    /// <summary>Share of customers held out unless a campaign says otherwise, in [0, 0.5]; null = chosen for each run by what its audience can show.</summary>
    [MemoryPackIgnore]
    public double? HoldoutShare
    {
        get => HoldoutIsChosen ? null : HoldoutWhenFixed;
        init => (HoldoutWhenFixed, HoldoutIsChosen) = (value ?? HoldoutWhenFixed, value is null);
    }

    /// <summary>Days of the churn horizon H.</summary>
    public int ChurnDays { get; init; } = 90;

    /// <summary>Cost of an e-mail in micro-units (10⁻⁶) of the currency's major unit. SendGrid's list price is about 0.001.</summary>
    public long EmailCostMicros { get; init; } = 1_000;

    /// <summary>Cost of an SMS segment in micro-units. Twilio's list price in Great Britain is about 0.04.</summary>
    public long SmsCostMicros { get; init; } = 40_000;

    /// <summary>Postal address shown in every e-mail, as the law asks.</summary>
    public string PostalAddress { get; init; } = "";

    /// <summary>Base of signed links, without a trailing slash, as customers reach it.</summary>
    public string PublicBaseUrl { get; init; } = "http://127.0.0.1:7071";

    /// <summary>Quiet hours end and begin, local time of the recipient: messages go out from …</summary>
    public int SendFromHour { get; init; } = 9;

    /// <summary>… until this hour.</summary>
    public int SendUntilHour { get; init; } = 20;

    /// <summary>Discount amounts have been seen in imported orders: price sensitivity uses them instead of usual prices.</summary>
    public bool DiscountsKnown { get; init; }

    /// <summary>Everything is stopped: nothing is claimed or sent until it is lifted.</summary>
    public bool Stopped { get; init; }

    /// <summary>Address of the shop, where links in messages lead; "" = <see cref="PublicBaseUrl"/>.</summary>
    public string ShopUrl { get; init; } = "";

    /// <summary>What links in messages and the console's sign-in are signed with. Secret: never leaves the store.</summary>
    public byte[] SigningKey { get; init; } = [];

    /// <summary>Shares of the global control group, rising by quarter: each holds until the next. Empty = there never was one.</summary>
    public ControlShare[] ControlShares { get; init => field = value ?? []; } = [];

    /// <summary>Days in which a customer's discounts are counted together, 1 … 365.</summary>
    public int DiscountDays { get; init => field = value > 0 ? value : 90; } = 90;

    /// <summary>The most discounts that a customer is offered within <see cref="DiscountDays"/>; null = any number.</summary>
    public int? MaxDiscounts { get; init; }

    /// <summary>The most that the depths of a customer's discounts within <see cref="DiscountDays"/> may sum to, as a share; null = any.</summary>
    public double? MaxDiscountDepth { get; init; }

    /// <summary>The least that may be left of an order's price after discount, benefit and sending, as a share of it, in [0, 1], unless a campaign says otherwise; null = no floor.</summary>
    public double? MarginFloorShare { get; init; }

    /// <summary>The law asks messages with a discount to say that the price is personal.</summary>
    public bool TellPersonalPrice { get; init; }

    /// <summary>False in stores of earlier versions, which had a share always.</summary>
    [MemoryPackInclude]
    private bool HoldoutIsChosen { get; init; }

    /// <summary>How sends begin and what stops them.</summary>
    public SendBrakes Brakes { get; init => field = value ?? new(); } = new();

    /// <summary>Text messages keep letters outside the GSM alphabet (ą, ł, ő) and cost more parts; false = they are rewritten, see <see cref="GsmText"/>.</summary>
    public bool KeepSmsLetters { get; init; }

    /// <summary>Keys of links in messages that came after <see cref="SigningKey"/>, oldest first: the last one signs, all are accepted. Secret.</summary>
    public LinkKey[] LinkKeys { get; init => field = value ?? []; } = [];

    /// <summary>How often and when customers may be written to.</summary>
    public ContactRules Contact { get; init => field = value ?? new(); } = new();

    /// <summary>How fast messages go out, at most one for each channel.</summary>
    public SendLimit[] Limits { get; init => field = value ?? []; } = [];
}

/// <summary>A key of signed links.</summary>
/// <param name="Id">Id that links name: "k2", "k3", …</param>
/// <param name="Secret">256 random bits. Secret.</param>
[MemoryPackable]
public sealed partial record LinkKey(string Id, byte[] Secret)
{
    /// <summary>The most keys that are accepted beside the first: links of a key work until the fourth after it.</summary>
    public const int MaxKept = 4;

    /// <summary>Id of the key that a store begins with.</summary>
    public const string First = "k1";

    /// <summary>Without the secret.</summary>
    public override string ToString() => "Link key " + Id;
}

/// <summary>
/// The business clock: row <c>clock</c> of partition <c>workspace</c>. Null time = real time. A simulated store keeps its
/// own time, which moves only when told to.
/// </summary>
[MemoryPackable]
public sealed partial record ClockRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Business time, or null for real time.</summary>
    public DateTimeOffset? SimulatedNow { get; init; }
}

/// <summary>A name that points at the latest result of some work, e.g. the last finished recompute: row <c>latest|{name}</c> of partition <c>workspace</c>.</summary>
[MemoryPackable]
public sealed partial record LatestRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The job whose results are the latest.</summary>
    public required string Job { get; init; }

    /// <summary>The job's business time: a pointer never moves back.</summary>
    public required DateTimeOffset AsOf { get; init; }
}

/// <summary>Reads and changes the workspace's rows. Settings are cached for <see cref="CacheFor"/>.</summary>
public sealed class Workspace(IRowStore rows, TimeProvider time)
{
    /// <summary>
    /// How long a settings change may take to reach every instance's pages. Jobs don't wait for it: each is done with settings read after it was
    /// created, and <c>Stopped</c> is read afresh before each batch of sends.
    /// </summary>
    public static readonly TimeSpan CacheFor = TimeSpan.FromSeconds(2);

    /// <summary>Partition of what there is once per workspace.</summary>
    internal const string Partition = "workspace";

    /// <summary>One reference, so that no thread sees half of it.</summary>
    private Cached? cached;

    /// <summary>The settings; created with a random salt and the given bucket count where the store is new. Throws where an existing store has another bucket count.</summary>
    public ValueTask<WorkspaceSettings> OpenAsync(int buckets, CancellationToken cancellation) => OpenAsync(buckets, null, cancellation);

    /// <summary>The same; with a seed, a new store's salt follows from it, so that the same customers are held out each time. Its signing key is random all the same.</summary>
    public async ValueTask<WorkspaceSettings> OpenAsync(int buckets, ulong? seed, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buckets, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(buckets, Bucketing.Max);
        var settings = await rows.UpdateAsync<WorkspaceSettings>(
            Tables.Work,
            Partition,
            "settings",
            found => found is null ? NewSettings(buckets, seed) : null,
            cancellation);
        return settings!.Buckets == buckets
            ? settings
            : throw new InvalidOperationException(
                $"This store was created with {settings.Buckets} buckets and the app is set to {buckets}. Set Campaigns__Buckets to {settings.Buckets}; the number cannot change later.");
    }

    private static WorkspaceSettings NewSettings(int buckets, ulong? seed) => new()
    {
        Salt = seed is { } number
            ? SHA256.HashData(System.Text.Encoding.ASCII.GetBytes("seed " + number.ToString(System.Globalization.CultureInfo.InvariantCulture)))[..SaltBytes]
            : RandomNumberGenerator.GetBytes(SaltBytes),
        SigningKey = RandomNumberGenerator.GetBytes(SigningKeyBytes),
        Buckets = buckets,
        HoldoutShare = null,
    };

    /// <summary>128 bits: keys and draws need no more.</summary>
    private const int SaltBytes = 16;

    /// <summary>256 bits: the strength of HMAC-SHA256.</summary>
    private const int SigningKeyBytes = 32;

    /// <summary>The settings, at most <see cref="CacheFor"/> old. Throws where <see cref="OpenAsync(int, CancellationToken)"/> never ran on the store.</summary>
    public async ValueTask<WorkspaceSettings> SettingsAsync(CancellationToken cancellation) =>
        cached is { } c && time.GetElapsedTime(c.ReadAt) < CacheFor ? c.Settings : await ReadSettingsAsync(cancellation);

    /// <summary>The settings as they stand: for what lasts longer than <see cref="CacheFor"/>, such as what a job freezes when it is created.</summary>
    public async ValueTask<WorkspaceSettings> ReadSettingsAsync(CancellationToken cancellation)
    {
        var found = await rows.FindAsync<WorkspaceSettings>(Tables.Work, Partition, "settings", cancellation)
            ?? throw new InvalidOperationException("The store has no workspace yet: start the app once.");
        cached = new Cached(found.Value, time.GetTimestamp());
        return found.Value;
    }

    /// <summary>Changes the settings.</summary>
    public async ValueTask<WorkspaceSettings> ChangeAsync(Func<WorkspaceSettings, WorkspaceSettings> change, CancellationToken cancellation)
    {
        var changed = await rows.UpdateAsync<WorkspaceSettings>(Tables.Work, Partition, "settings", found => change(found!), cancellation);
        cached = new Cached(changed!, time.GetTimestamp());
        return changed!;
    }

    /// <summary>Makes a new key for links in messages; gives its id. Links of the <see cref="LinkKey.MaxKept"/> newest keys work on.</summary>
    public async ValueTask<string> RotateLinkKeyAsync(CancellationToken cancellation)
    {
        var secret = RandomNumberGenerator.GetBytes(SigningKeyBytes);
        var changed = await ChangeAsync(
            s =>
            {
                var last = s.LinkKeys is [.., var newest] ? newest.Id : LinkKey.First;
                var id = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"k{int.Parse(last.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture) + 1}");
                return s with { LinkKeys = [.. s.LinkKeys.TakeLast(LinkKey.MaxKept - 1), new LinkKey(id, secret)] };
            },
            cancellation);
        return changed.LinkKeys[^1].Id;
    }

    /// <summary>Whether all sending is stopped at this moment.</summary>
    public async ValueTask<bool> IsStoppedAsync(CancellationToken cancellation) => (await ReadSettingsAsync(cancellation)).Stopped;

    /// <summary>Business time: real time, or the simulated one of this store.</summary>
    public async ValueTask<DateTimeOffset> NowAsync(CancellationToken cancellation) =>
        await SimulatedNowAsync(cancellation) ?? time.GetUtcNow();

    /// <summary>The simulated business time, or null where the store lives in real time.</summary>
    public async ValueTask<DateTimeOffset?> SimulatedNowAsync(CancellationToken cancellation) =>
        (await rows.FindAsync<ClockRow>(Tables.Work, Partition, "clock", cancellation))?.Value.SimulatedNow;

    /// <summary>Sets the simulated business time (never back), or null for real time.</summary>
    public async ValueTask SetNowAsync(DateTimeOffset? now, CancellationToken cancellation) =>
        await rows.UpdateAsync<ClockRow>(
            Tables.Work, Partition, "clock", found => found?.SimulatedNow > now ? null : new ClockRow { SimulatedNow = now }, cancellation);

    /// <summary>A further row of the workspace, or null where it was never written.</summary>
    public ValueTask<Stored<T>?> FindAsync<T>(string name, CancellationToken cancellation)
        where T : class, IStoredRow, IMemoryPackable<T> => rows.FindAsync<T>(Tables.Work, Partition, name, cancellation);

    /// <summary>Changes a further row of the workspace; <paramref name="change"/> gives null to leave it. What stands afterwards.</summary>
    public ValueTask<T?> UpdateAsync<T>(string name, Func<T?, T?> change, CancellationToken cancellation)
        where T : class, IStoredRow, IMemoryPackable<T> => rows.UpdateAsync(Tables.Work, Partition, name, change, cancellation);

    /// <summary>The job whose results are the latest under the name, or null.</summary>
    public async ValueTask<LatestRow?> LatestAsync(string name, CancellationToken cancellation) =>
        (await rows.FindAsync<LatestRow>(Tables.Work, Partition, "latest|" + name, cancellation))?.Value;

    /// <summary>Points the name at the job unless it already points at a later one.</summary>
    public async ValueTask SetLatestAsync(string name, JobHead job, CancellationToken cancellation) =>
        await rows.UpdateAsync<LatestRow>(
            Tables.Work, Partition, "latest|" + name, found => found is not null && found.AsOf > job.AsOf ? null : new LatestRow { Job = job.Job, AsOf = job.AsOf }, cancellation);

    private sealed record Cached(WorkspaceSettings Settings, long ReadAt);
}
