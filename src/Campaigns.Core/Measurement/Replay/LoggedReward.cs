using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Measurement.Replay;

/// <summary>What a decision's row of a log holds. Pure.</summary>
public static class LoggedReward
{
    /// <summary>What the customer brought as the measurement counts it: profit, or revenue where margins are unknown, of spending up to the cap; micro-units of the major unit.</summary>
    /// <param name="row">Decision with its outcome so far.</param>
    /// <param name="microsPerMinor">Micro-units in one minor unit.</param>
    /// <param name="capMinor">What of a customer's spending counts, minor units; null = all of it.</param>
    /// <param name="marginKnown">Profit, else revenue.</param>
    public static Int128 Micros(AssignmentRow row, long microsPerMinor, long? capMinor, bool marginKnown)
    {
        var cell = Cell.Of(row, row.Outcome, microsPerMinor, capMinor, null);
        return marginKnown ? cell.CappedProfit.Sum : cell.CappedRevenue.Sum * microsPerMinor;
    }

    /// <summary>Probability of what was drawn, parts per million.</summary>
    public static int PartsPerMillion(AssignmentRow row)
    {
        var drawn = row.HeldOut ? "" : row.Treatment;
        return Array.Find(row.Candidates, c => string.Equals(c.Treatment, drawn, StringComparison.Ordinal)).PartsPerMillion;
    }

    /// <summary>The variants that could be drawn, as a context value: their ids, or a hash where many long ones together are longer than a value may be.</summary>
    public static string Reach(string eligible) => eligible.Length <= ReplayLimits.TextLength ? eligible : StableHash.Id(eligible);

    /// <summary>A variant's name in a log: quoted where it reads like one of the names for no message.</summary>
    public static string Name(string treatment) => treatment is ReplayLimits.None or PolicyComparison.Nobody ? $"“{treatment}”" : treatment;
}
