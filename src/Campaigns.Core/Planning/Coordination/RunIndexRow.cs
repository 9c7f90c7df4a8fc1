using Campaigns.Core.Planning.Terms;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning.Coordination;

/// <summary>Row <c>t|{customer}|{run}</c>: that the customer is assigned in the run, and until when its outcome is looked at. Insert-only.</summary>
[MemoryPackable]
public sealed partial record RunIndexRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Business time of assignment.</summary>
    public required DateTimeOffset AssignedAt { get; init; }

    /// <summary>End of the run's outcome window, business time; the time of assignment where nothing is measured, as all were promised it.</summary>
    public required DateTimeOffset WindowEnd { get; init; }

    /// <summary>How deep a discount the customer was given, parts per million of an order's price; 0 = none, or held out.</summary>
    public int DiscountPartsPerMillion { get; init; }

    /// <summary>What a row's payload says; null in rows of versions that stored nothing there.</summary>
    public static RunIndexRow? Of(ReadOnlyMemory<byte> payload) => payload.IsEmpty ? null : RowCodec.Decode<RunIndexRow>(payload);
}

/// <summary>What other decisions about a customer mean for a run: the first of these that holds. Values rise with how far the customer gets.</summary>
public enum Standing : byte
{
    /// <summary>Nothing stands in the way.</summary>
    Free = 0,

    /// <summary>In the global control group of the quarter.</summary>
    InControlGroup = 1,

    /// <summary>Assigned, treated or held out, in another run of the same business day.</summary>
    Outranked = 2,

    /// <summary>In a run whose outcome window is open.</summary>
    BeingMeasured = 3,
}

/// <summary>What other runs decided about a customer.</summary>
/// <param name="Standing">The first that keeps it out.</param>
/// <param name="Offers">The discounts that it was offered.</param>
internal readonly record struct FoundStanding(Standing Standing, OfferStanding Offers);

/// <summary>Reads what other runs decided about customers.</summary>
internal static class Standings
{
    /// <summary>Standing by customer; customers who are free are missing. <paramref name="keys"/> rise.</summary>
    public static async ValueTask<Dictionary<CustomerKey, FoundStanding>> OfAsync(
        IRowStore rows, string partition, RunFrame frame, IReadOnlyList<CustomerKey> keys, CancellationToken cancellation)
    {
        var standings = new Dictionary<CustomerKey, FoundStanding>();
        if (frame.LooksAtOtherRuns)
        {
            await foreach (var row in RowJoin.RowsAsync(rows, partition, "t|", keys, cancellation))
            {
                var (key, run) = (Tables.CustomerIn(row.Key), row.Key[(CustomerKey.Length + 3)..]);
                var found = standings.GetValueOrDefault(key);
                var standing = frame.StandingIn(run, row.Payload) is { } other && (found.Standing == Standing.Free || other < found.Standing) ? other : found.Standing;
                standings[key] = new FoundStanding(standing, frame.WithDiscountIn(run, row.Payload, found.Offers));
            }
        }

        if (frame.Inputs.Control is { } control)
        {
            foreach (var key in keys.Where(k => control.Holds(frame.Salt, k)))
            {
                standings[key] = standings.GetValueOrDefault(key) with { Standing = Standing.InControlGroup };
            }
        }

        return standings;
    }
}
