using Campaigns.Core.Planning;

namespace Campaigns.Core.Dispatch.Ledger;

/// <summary>Sending records in one state, for one reason ("" where there is none).</summary>
public readonly record struct LedgerCount(SendState State, string Reason, long Customers);

/// <summary>
/// Every member of a run's audience, counted once: left out before the draw, by reason, or in a sending record, by state and
/// reason.
/// </summary>
/// <param name="Run">Run.</param>
/// <param name="Campaign">Campaign.</param>
/// <param name="CampaignName">Its name at launch.</param>
/// <param name="LaunchedAt">Business time of launch.</param>
/// <param name="Audience">Members of the audience; null while they are still being chosen.</param>
/// <param name="LeftOut">Of these, those who take no part, by reason.</param>
/// <param name="Records">The others, by state and reason, in the states' order.</param>
public sealed record LedgerTotals(
    string Run, string Campaign, string CampaignName, DateTimeOffset LaunchedAt, long? Audience, IReadOnlyDictionary<string, long> LeftOut, IReadOnlyList<LedgerCount> Records)
{
    /// <summary>Customers with a sending record: both arms.</summary>
    public long Assigned => Records.Sum(r => r.Customers);

    /// <summary>Everybody in the audience is in exactly one count; null while customers are still being chosen.</summary>
    public bool? AddsUp => Audience is { } audience ? audience == LeftOut.Values.Sum() + Assigned : null;

    /// <summary>Customers in a state, whatever the reason.</summary>
    public long In(SendState state) => Records.Where(r => r.State == state).Sum(r => r.Customers);

    /// <summary>The records as they stood when sending ended: what the provider reported later is not in it, and is in <see cref="RunLedger"/>.</summary>
    public static IReadOnlyList<LedgerCount> AtTheEnd(RunDispatch dispatch) =>
    [
        .. new[]
        {
            new LedgerCount(SendState.HeldOut, "", dispatch.HeldOut),
            new LedgerCount(SendState.Accepted, "", dispatch.Sent),
            new LedgerCount(SendState.Unknown, "", dispatch.Unknown),
        }
            .Concat(dispatch.Rejected.Select(r => new LedgerCount(SendState.Rejected, r.Key, r.Value)))
            .Concat(dispatch.Skipped.Select(s => new LedgerCount(SendState.Skipped, s.Key, s.Value)))
            .Where(c => c.Customers > 0)
            .OrderBy(c => c.State)
            .ThenByDescending(c => c.Customers)
            .ThenBy(c => c.Reason, StringComparer.Ordinal),
    ];
}

/// <summary>Counts sending records, one by one.</summary>
public sealed class LedgerTally
{
    private readonly Dictionary<(SendState State, string Reason), long> counts = [];

    /// <summary>Counts a record.</summary>
    public void Add(AssignmentRow row)
    {
        var key = (row.State, row.Reason ?? "");
        counts[key] = counts.GetValueOrDefault(key) + 1;
    }

    /// <summary>The counts: states in their order, the most frequent reason first.</summary>
    public IReadOnlyList<LedgerCount> Counts() =>
        [.. counts.Select(c => new LedgerCount(c.Key.State, c.Key.Reason, c.Value)).OrderBy(c => c.State).ThenByDescending(c => c.Customers).ThenBy(c => c.Reason, StringComparer.Ordinal)];
}

/// <summary>Which records to list. Null members ask nothing.</summary>
/// <param name="State">Only in this state.</param>
/// <param name="Reason">Only for this reason; "" = without one.</param>
public readonly record struct LedgerFilter(SendState? State, string? Reason)
{
    /// <summary>The record is one of those asked for.</summary>
    public bool Fits(AssignmentRow row) => (State is null || row.State == State) && (Reason is null || string.Equals(row.Reason ?? "", Reason, StringComparison.Ordinal));
}

/// <summary>A page of sending records, and the customer's key at which the next begins; null at the end.</summary>
public sealed record LedgerPage(IReadOnlyList<LedgerEntry> Entries, string? Next);

/// <summary>A sending record, for people: what became of the message to one customer.</summary>
/// <param name="Customer">Key of the customer.</param>
/// <param name="CustomerId">The shop's id.</param>
/// <param name="State">State.</param>
/// <param name="Reason">Why, or null.</param>
/// <param name="Treatment">Message variant; for the control group the one that it would have had.</param>
/// <param name="Channel">Channel.</param>
/// <param name="DueAt">When it is due, or null.</param>
/// <param name="SentAt">When it went out, or null.</param>
/// <param name="DeliveredAt">When it arrived, or null.</param>
/// <param name="ProviderId">The provider's id, or null.</param>
/// <param name="Code">The customer's own code, or null.</param>
public sealed record LedgerEntry(
    string Customer, string CustomerId, SendState State, string? Reason, string Treatment, Primitives.Channel Channel, DateTimeOffset? DueAt, DateTimeOffset? SentAt, DateTimeOffset? DeliveredAt, string? ProviderId, string? Code)
{
    /// <summary>The entry of a record.</summary>
    public static LedgerEntry Of(Primitives.CustomerKey customer, AssignmentRow row) =>
        new(customer.Text, row.CustomerId, row.State, row.Reason, row.Treatment, row.Channel, row.DueAt, row.SentAt, row.DeliveredAt, row.ProviderId, row.Code);
}
