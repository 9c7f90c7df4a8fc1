using MemoryPack;

namespace Campaigns.Core.Profiles.Models;

/// <summary>
/// Purchase histories counted by (x, t_x, T) in whole days: sufficient for all three models of repeat purchases. Merging
/// the summaries of buckets gives the summary of the whole exactly, in any order. Not for concurrent use.
/// </summary>
[MemoryPackable]
public sealed partial class RepeatSummary
{
    /// <summary>
    /// Distinct histories with a repeat order that are kept: some 4 MiB, and a standard error of parameters below 1 %, where
    /// those of one month's customers differ more. Beyond it a sample of them by stable hash stands for all.
    /// </summary>
    public const int MaxGroups = 1 << 17;

    /// <summary>Longer ages count as this one: more than a century, as in the histograms of gaps.</summary>
    public const int MaxDays = 40_000;

    /// <summary>More repeat order days than <see cref="MaxDays"/> cannot be; 16 bits of the key.</summary>
    public const int MaxRepeatOrders = MaxDays;

    private readonly GroupedCounts repeaters;
    private long[] oneTime;

    /// <summary>Nobody yet.</summary>
    public RepeatSummary()
        : this([], [])
    {
    }

    /// <summary>What <see cref="OneTimeByAge"/> and <see cref="Repeaters"/> gave.</summary>
    [MemoryPackConstructor]
    public RepeatSummary(long[] oneTimeByAge, byte[] repeaters)
    {
        oneTime = oneTimeByAge;
        this.repeaters = GroupedCounts.FromBytes(repeaters, MaxGroups);
    }

    /// <summary>Customers without a repeat order, by age in days: never sampled, since they are few groups of many customers.</summary>
    public long[] OneTimeByAge
    {
        get
        {
            var length = oneTime.Length;
            while (length > 0 && oneTime[length - 1] == 0)
            {
                length--;
            }

            return oneTime.AsSpan(0, length).ToArray();
        }
    }

    /// <summary>The other groups, packed: equal summaries have equal bytes.</summary>
    public byte[] Repeaters => repeaters.ToBytes();

    /// <summary>Customers counted.</summary>
    [MemoryPackIgnore]
    public long Customers => repeaters.Total + oneTime.Sum();

    /// <summary>Customers with at least one repeat order.</summary>
    [MemoryPackIgnore]
    public long RepeatCustomers => repeaters.Total;

    /// <summary>Distinct histories kept.</summary>
    [MemoryPackIgnore]
    public int Groups => repeaters.Count + oneTime.Count(customers => customers > 0);

    /// <summary>
    /// Counts customers with the same history. Values that cannot be are brought to the nearest that can: ages to
    /// 0 … <see cref="MaxDays"/>, recency to 0 … age.
    /// </summary>
    /// <param name="repeatOrders">x: order days after the first.</param>
    /// <param name="recencyDays">t_x: days from the first to the last order day.</param>
    /// <param name="ageDays">T: days from the first order day to the time of looking.</param>
    /// <param name="count">Customers, ≥ 1.</param>
    public void Add(int repeatOrders, int recencyDays, int ageDays, long count = 1)
    {
        var age = Math.Clamp(ageDays, 0, MaxDays);
        if (repeatOrders > 0)
        {
            var (x, recency) = (Math.Min(repeatOrders, MaxRepeatOrders), Math.Clamp(recencyDays, 0, age));
            repeaters.Add(Key(x, recency, age), count);
            return;
        }

        if (age >= oneTime.Length)
        {
            Array.Resize(ref oneTime, Math.Min(MaxDays + 1, Math.Max(age + 1, oneTime.Length * 2)));
        }

        oneTime[age] += count;
    }

    /// <summary>Adds the customers of another part.</summary>
    public void Merge(RepeatSummary other)
    {
        if (other.oneTime.Length > oneTime.Length)
        {
            Array.Resize(ref oneTime, other.oneTime.Length);
        }

        for (var age = 0; age < other.oneTime.Length; age++)
        {
            oneTime[age] += other.oneTime[age];
        }

        repeaters.Merge(other.repeaters);
    }

    /// <summary>
    /// The groups by (x, t_x, T) ascending. Their weight is the number of customers; where groups were left out, the kept
    /// ones with repeat orders weigh more by the same factor, so that the weights add up to all customers.
    /// </summary>
    internal HistoryGroups Histories()
    {
        var (keys, counts) = repeaters.Sorted();
        var kept = counts.Sum();
        var factor = kept > 0 ? (double)repeaters.Total / kept : 1;
        var ages = Enumerable.Range(0, oneTime.Length).Where(age => oneTime[age] > 0).ToArray();
        var groups = new HistoryGroups(ages.Length + keys.Length);
        for (var i = 0; i < ages.Length; i++)
        {
            groups.Set(i, 0, 0, ages[i], oneTime[ages[i]]);
        }

        for (var i = 0; i < keys.Length; i++)
        {
            groups.Set(ages.Length + i, (int)(keys[i] >> 48), (int)(keys[i] >> 24) & 0xFFFFFF, (int)keys[i] & 0xFFFFFF, counts[i] * factor);
        }

        return groups;
    }

    /// <summary>16 bits of repeat orders, 24 of recency, 24 of age.</summary>
    internal static ulong Key(int repeatOrders, int recencyDays, int ageDays) =>
        ((ulong)(uint)repeatOrders << 48) | ((ulong)(uint)recencyDays << 24) | (uint)ageDays;
}
