using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Dispatch;

/// <summary>
/// What became of a run's sendings when none was left to do: summary of each part and, added up, result of the stage
/// "dispatch". <see cref="Assigned"/> is always the sum of the others.
/// </summary>
[MemoryPackable]
public sealed partial record RunDispatch : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Customers in the run: both arms.</summary>
    public long Assigned { get; init; }

    /// <summary>Control group.</summary>
    public long HeldOut { get; init; }

    /// <summary>Taken by the provider, whatever came after.</summary>
    public long Sent { get; init; }

    /// <summary>Of these, e-mails.</summary>
    public long SentByEmail { get; init; }

    /// <summary>Refused by the provider, by reason.</summary>
    public Dictionary<string, long> Rejected { get; init; } = [];

    /// <summary>The provider's answer was lost.</summary>
    public long Unknown { get; init; }

    /// <summary>Not sent, by reason.</summary>
    public Dictionary<string, long> Skipped { get; init; } = [];

    /// <summary>Cost of the messages sent or perhaps sent, in micro-units of the major unit.</summary>
    public long SendCostMicros { get; init; }

    /// <summary>True where every customer is in exactly one count.</summary>
    [MemoryPackIgnore]
    public bool AddsUp => Assigned == HeldOut + Sent + Unknown + Rejected.Values.Sum() + Skipped.Values.Sum();

    /// <summary>The counts with one more row, which must be settled (see <see cref="IsSettled"/>).</summary>
    public RunDispatch With(AssignmentRow row) => this with
    {
        Assigned = Assigned + 1,
        HeldOut = HeldOut + (row.HeldOut ? 1 : 0),
        Sent = Sent + (WasTaken(row) ? 1 : 0),
        SentByEmail = SentByEmail + (WasTaken(row) && row.Channel == Channel.Email ? 1 : 0),
        Unknown = Unknown + (row.State == SendState.Unknown ? 1 : 0),
        Rejected = row.State == SendState.Rejected ? Plus(Rejected, row.Reason, 1) : Rejected,
        Skipped = !row.HeldOut && row.State == SendState.Skipped ? Plus(Skipped, row.Reason, 1) : Skipped,
        SendCostMicros = SendCostMicros + row.SendCostMicros,
    };

    /// <summary>The sum of two counts.</summary>
    public RunDispatch Plus(RunDispatch other) => new()
    {
        Assigned = Assigned + other.Assigned,
        HeldOut = HeldOut + other.HeldOut,
        Sent = Sent + other.Sent,
        SentByEmail = SentByEmail + other.SentByEmail,
        Unknown = Unknown + other.Unknown,
        Rejected = other.Rejected.Aggregate(Rejected, (sum, r) => Plus(sum, r.Key, r.Value)),
        Skipped = other.Skipped.Aggregate(Skipped, (sum, r) => Plus(sum, r.Key, r.Value)),
        SendCostMicros = SendCostMicros + other.SendCostMicros,
    };

    /// <summary>The counts with their reasons in ordinal order: the same bytes whatever the order of counting.</summary>
    public RunDispatch Sorted() => this with { Rejected = Sort(Rejected), Skipped = Sort(Skipped) };

    /// <summary>Nothing is left to do for the row.</summary>
    public static bool IsSettled(AssignmentRow row) => row.HeldOut || row.State is not (SendState.Decided or SendState.Deferred or SendState.Claimed);

    private static bool WasTaken(AssignmentRow row) =>
        row.State is SendState.Accepted or SendState.Delivered or SendState.Bounced or SendState.Complained;

    private static Dictionary<string, long> Plus(Dictionary<string, long> counts, string? reason, long more)
    {
        var key = reason ?? "";
        return new Dictionary<string, long>(counts, StringComparer.Ordinal) { [key] = counts.GetValueOrDefault(key) + more };
    }

    private static Dictionary<string, long> Sort(Dictionary<string, long> counts) =>
        counts.OrderBy(c => c.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
}
