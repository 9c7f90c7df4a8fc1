using MemoryPack;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>A sampled customer, with all that the choice of a risk score needs: no personal data.</summary>
/// <param name="Hash">Hash of the customer id: decides whether it is in the sample.</param>
/// <param name="OrderDays">Days with an order, of all time.</param>
/// <param name="FirstDay">First of them, as a day number (UTC).</param>
/// <param name="Newest">The newest of them, ascending, ≥ 1.</param>
[MemoryPackable]
public sealed partial record RiskCustomer(ulong Hash, int OrderDays, int FirstDay, int[] Newest) : ISampled, IComparable<RiskCustomer>
{
    /// <summary>The customer at the end of an earlier day, or null where it had not ordered yet.</summary>
    public TruncatedHistory? At(int day) => TruncatedHistory.At(OrderDays, FirstDay, Newest, day);

    /// <inheritdoc/>
    public int CompareTo(RiskCustomer? other)
    {
        if (other is null)
        {
            return 1;
        }

        var byDays = (OrderDays, FirstDay).CompareTo((other.OrderDays, other.FirstDay));
        return byDays != 0 ? byDays : Newest.AsSpan().SequenceCompareTo(other.Newest);
    }
}
