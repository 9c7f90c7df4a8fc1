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

    /// <summary>The group of the present quarter, or null.</summary>
    public static ControlGroup? Now(WorkspaceSettings settings, DateTimeOffset now) => Of(settings.ControlShares, QuarterOf(settings, now));

    /// <summary>The share in [0, 0.2] that was set last: it holds now or from the next quarter on.</summary>
    public static double ShareSet(WorkspaceSettings settings) => (double)settings.ControlShares.Select(s => s.PartsPerMillion).LastOrDefault() / StableHash.Million;

    /// <summary>The settings with another share from the next quarter on: within a quarter the group stays as it was drawn.</summary>
    /// <param name="settings">As they stand.</param>
    /// <param name="share">In [0, 0.2].</param>
    /// <param name="now">Business time of the change.</param>
    public static WorkspaceSettings Set(WorkspaceSettings settings, double share, DateTimeOffset now)
    {
        var parts = (int)Math.Round(share * StableHash.Million, MidpointRounding.AwayFromZero);
        ArgumentOutOfRangeException.ThrowIfNegative(parts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts, MaxPartsPerMillion);
        var quarter = QuarterOf(settings, now).Index;
        var kept = settings.ControlShares.Where(s => s.FromQuarter <= quarter).OrderBy(s => s.FromQuarter).ToArray();
        return settings with { ControlShares = kept.Select(s => s.PartsPerMillion).LastOrDefault() == parts ? kept : [.. kept, new ControlShare(quarter + 1, parts)] };
    }

    private static Quarter QuarterOf(WorkspaceSettings settings, DateTimeOffset at) => Quarter.Of(at, TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone));
}
