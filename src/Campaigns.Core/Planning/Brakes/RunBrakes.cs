using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning.Brakes;

/// <summary>
/// How a run is held, by itself or by hand. Row {run} of partition <c>brakes</c> in table campaigns; a run without one goes on.
/// Dispatch looks it up before each batch, so that every instance heeds it within a call of the provider.
/// </summary>
[MemoryPackable]
public sealed partial record RunBrakes : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    private const string Partition = "brakes";

    /// <summary>Fewer messages are not sent in two steps: 5 % of them are less than ten, which show nothing.</summary>
    public const int LeastStaged = 200;

    /// <summary>A first share that has not begun after so long keeps the rest back no further: nobody of it can be reached.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    /// <summary>The least complaints that trip: of fewer, chance alone makes any share.</summary>
    public const int LeastComplaints = 3;

    /// <summary>The least delivered messages on which a share of complaints is judged.</summary>
    public const int LeastDelivered = 1_000;

    /// <summary>Business time of the first message of the first share, or null.</summary>
    public DateTimeOffset? FirstBegunAt { get; init; }

    /// <summary>Calls of the provider that failed since the last that did not.</summary>
    public int ErrorsInARow { get; init; }

    /// <summary>Business time at which the send paused itself, or null while it goes on.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public string? PausedWhy { get; init; }

    /// <summary>Business time at which somebody cancelled it, or null: nothing further goes out, for good.</summary>
    public DateTimeOffset? CancelledAt { get; init; }

    /// <summary>Business time at which somebody called it a mistake, or null.</summary>
    public DateTimeOffset? MistakeAt { get; init; }

    /// <summary>What was wrong with it, in that person's words.</summary>
    public string MistakeNote { get; init; } = "";

    /// <summary>Complaints told so far: when to count is decided by it, never what was counted.</summary>
    public long ComplaintsTold { get; init; }

    /// <summary>Delivered messages that somebody who resumed the send has accepted as they were.</summary>
    public long DeliveredAccepted { get; init; }

    /// <summary>Complaints among them.</summary>
    public long ComplaintsAccepted { get; init; }

    /// <summary>Nothing further is claimed.</summary>
    [MemoryPackIgnore]
    public bool IsPaused => PausedAt is not null;

    /// <summary>What is decided and not sent is skipped.</summary>
    [MemoryPackIgnore]
    public bool IsCancelled => CancelledAt is not null || MistakeAt is not null;

    /// <summary>The run's row, or one that holds nothing.</summary>
    public static async ValueTask<RunBrakes> FindAsync(IRowStore rows, string run, CancellationToken cancellation) =>
        (await rows.FindAsync<RunBrakes>(Tables.Campaigns, Partition, run, cancellation))?.Value ?? new RunBrakes();

    /// <summary>Changes the run's row; null leaves it. What stands afterwards.</summary>
    public static async ValueTask<RunBrakes> ChangeAsync(IRowStore rows, string run, Func<RunBrakes, RunBrakes?> change, CancellationToken cancellation) =>
        await rows.UpdateAsync<RunBrakes>(Tables.Campaigns, Partition, run, found => change(found ?? new RunBrakes()), cancellation) ?? new RunBrakes();

    /// <summary>When the first message may go out.</summary>
    public static DateTimeOffset OpensAt(SendBrakes? brakes, DateTimeOffset launchedAt) => launchedAt.AddMinutes(brakes?.LaunchWaitMinutes ?? 0);

    /// <summary>When those outside the first share may get theirs; null while that depends on the first message. At or before <paramref name="launchedAt"/> = the run is not staged.</summary>
    /// <param name="brakes">As frozen; null in runs of versions that knew none.</param>
    /// <param name="launchedAt">Business time of launch.</param>
    /// <param name="messages">Messages of the run; null = not known.</param>
    public DateTimeOffset? RestAt(SendBrakes? brakes, DateTimeOffset launchedAt, long? messages) =>
        brakes is null or { FirstShare: >= 1 } || messages < LeastStaged ? launchedAt
        : FirstBegunAt?.AddMinutes(brakes.FirstMinutes);

    /// <summary>True where the customer's message is in the first share: a hash that knows nothing of the draw, the same for any number of buckets.</summary>
    public static bool IsFirst(SendBrakes brakes, byte[] salt, string run, CustomerKey customer) =>
        StableHash.PartsPerMillion("first", Convert.ToHexStringLower(salt), run, customer.Text) < brakes.FirstShare * StableHash.Million;

    /// <summary>The row after a call that failed; it pauses the send when too many have in a row.</summary>
    public RunBrakes Failed(SendBrakes? brakes, string channel, string why, DateTimeOffset now)
    {
        var failed = this with { ErrorsInARow = ErrorsInARow + 1 };
        return brakes is { ProviderErrors: > 0 and var most } && failed.ErrorsInARow >= most && !IsPaused
            ? failed with { PausedAt = now, PausedWhy = $"{failed.ErrorsInARow} calls of {channel} failed in a row; the last: {why}." }
            : failed;
    }

    /// <summary>The row after the messages were counted; it pauses the send where too many complained.</summary>
    public RunBrakes Counted(SendBrakes? brakes, long delivered, long complaints, DateTimeOffset now)
    {
        var (fresh, among) = (complaints - ComplaintsAccepted, delivered - DeliveredAccepted);
        return brakes is not null && !IsPaused && fresh >= LeastComplaints && among >= LeastDelivered && fresh > brakes.ComplaintShare * among
            ? this with
            {
                PausedAt = now,
                PausedWhy = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{fresh} of {among:N0} recipients marked the message as spam, more than {brakes.ComplaintShare:0.##%}."),
            }
            : this;
    }

    /// <summary>The row after somebody looked at it and let the send go on: it trips again only by what comes after.</summary>
    public RunBrakes Resumed(long delivered, long complaints) => this with
    {
        PausedAt = null,
        PausedWhy = null,
        ErrorsInARow = 0,
        DeliveredAccepted = delivered,
        ComplaintsAccepted = complaints,
    };
}
