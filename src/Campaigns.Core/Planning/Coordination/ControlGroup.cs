using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using MemoryPack;

namespace Campaigns.Core.Planning.Coordination;

/// <summary>
/// The global control group of a quarter: customers whom no marketing run addresses for three months, so that all campaigns
/// together can be measured. Drawn by hash afresh each quarter: nobody is left alone for good, and last quarter's
/// treatment does not decide about this quarter's group. Nothing of it is stored.
/// </summary>
/// <param name="QuarterIndex"><see cref="Quarter.Index"/>.</param>
/// <param name="PartsPerMillion">Share of all customers.</param>
[MemoryPackable]
public readonly partial record struct ControlGroup(int QuarterIndex, int PartsPerMillion)
{
    /// <summary>A fifth: the group costs what campaigns would have earned on it.</summary>
    public const int MaxPartsPerMillion = 200_000;

    /// <summary>The customer is in the group.</summary>
    /// <param name="salt">The workspace's salt in hexadecimal.</param>
    /// <param name="customer">Customer.</param>
    public bool Holds(string salt, CustomerKey customer) =>
        StableHash.PartsPerMillion(salt, "control", Quarter.OfIndex(QuarterIndex).ToString(), customer.Text) < PartsPerMillion;

    /// <summary>The group of a quarter by the shares as they were set, or null where it has none.</summary>
    public static ControlGroup? Of(IReadOnlyList<ControlShare> shares, Quarter quarter)
    {
        var parts = shares.Where(s => s.FromQuarter <= quarter.Index).OrderBy(s => s.FromQuarter).Select(s => s.PartsPerMillion).LastOrDefault();
        return parts > 0 ? new ControlGroup(quarter.Index, parts) : null;
    }

    /// <summary>The shares with another from the quarter after this one on: within a quarter the group stays as it was drawn.</summary>
    /// <param name="shares">As set so far.</param>
    /// <param name="partsPerMillion">0 … <see cref="MaxPartsPerMillion"/>.</param>
    /// <param name="now">The quarter in which the share is changed.</param>
    public static ControlShare[] Set(IReadOnlyList<ControlShare> shares, int partsPerMillion, Quarter now)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partsPerMillion);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(partsPerMillion, MaxPartsPerMillion);
        var kept = shares.Where(s => s.FromQuarter <= now.Index).OrderBy(s => s.FromQuarter).ToList();
        return kept.Select(s => s.PartsPerMillion).LastOrDefault() == partsPerMillion ? [.. kept] : [.. kept, new ControlShare(now.Index + 1, partsPerMillion)];
    }
}
