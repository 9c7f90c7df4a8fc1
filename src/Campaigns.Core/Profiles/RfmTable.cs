namespace Campaigns.Core.Profiles;

/// <summary>
/// RFM of all customers at once, from orders in memory: exact, ties included. Customers are numbered 0 … in ascending
/// (ordinal) order of their ids, so that ties of frequency are broken by number. Orders come in any order.
/// </summary>
public sealed class RfmTable
{
    private readonly byte[] recency;
    private readonly byte[] frequency;
    private readonly byte[] monetary;

    private readonly RfmSettings settings;
    private long[] recencyCuts = [];
    private long[] orderCuts = [];
    private long[] spendCuts = [];
    private int?[] ties = [];

    private RfmTable(Total[] totals, int asOfDay, RfmSettings settings)
    {
        this.settings = settings;
        (recency, frequency, monetary) = (new byte[totals.Length], new byte[totals.Length], new byte[totals.Length]);
        ScoreRecency(totals, asOfDay);
        ScoreFrequency(totals);
        ScoreSpend(totals);
    }

    /// <summary>Scores of recency by customer, 1 … bins; 0 without an order.</summary>
    public ReadOnlySpan<byte> Recency => recency;

    /// <summary>Scores of frequency.</summary>
    public ReadOnlySpan<byte> Frequency => frequency;

    /// <summary>Scores of spend.</summary>
    public ReadOnlySpan<byte> Monetary => monetary;

    /// <summary>The customer's scores, or null without an order (in the window).</summary>
    public RfmScore? this[int customer] => recency[customer] == 0 ? null : new RfmScore(recency[customer], frequency[customer], monetary[customer]);

    /// <summary>Scores the customers.</summary>
    /// <param name="customers">How many there are, with or without orders.</param>
    /// <param name="customerOf">For each order its customer's number.</param>
    /// <param name="dayOf">For each order its day number (any origin, ≥ 0).</param>
    /// <param name="amountMinor">For each order its amount in minor units.</param>
    /// <param name="asOfDay">Day number of the as-of time; orders after it count as its own.</param>
    /// <param name="settings">Bins, window, fixed cuts.</param>
    public static RfmTable Of(
        int customers, ReadOnlySpan<int> customerOf, ReadOnlySpan<int> dayOf, ReadOnlySpan<long> amountMinor, int asOfDay, RfmSettings settings) =>
        new RfmTable(Totals(customers, customerOf, dayOf, amountMinor, settings.WindowDays is { } days ? asOfDay - days : int.MinValue), asOfDay, settings);

    /// <summary>Scores the customers of these histories, which come in ascending (ordinal) order of their ids.</summary>
    public static RfmTable Of(IReadOnlyList<PurchaseHistory> histories, DateTimeOffset asOf, RfmSettings settings)
    {
        var totals = new Total[histories.Count];
        for (var i = 0; i < totals.Length; i++)
        {
            if (Rfm.Measure(histories[i], asOf, settings.WindowDays) is { } measured)
            {
                totals[i] = new Total { Orders = measured.Orders, SpendMinor = measured.SpendMinor, LastDay = -measured.RecencyDays };
            }
        }

        return new RfmTable(totals, 0, settings);
    }

    /// <summary>The exact cut points. <paramref name="idOf"/> gives the id of a customer by its number.</summary>
    public RfmCuts Cuts(Func<int, string> idOf) => new()
    {
        RecencyDays = recencyCuts,
        Orders = orderCuts,
        SpendMinor = spendCuts,
        OrderTies = Array.ConvertAll(ties, t => t is { } customer ? idOf(customer) : null),
        WindowDays = settings.WindowDays,
    };

    /// <summary>One customer's sums side by side: an order touches one cache line.</summary>
    private static Total[] Totals(int customers, ReadOnlySpan<int> customerOf, ReadOnlySpan<int> dayOf, ReadOnlySpan<long> amountMinor, int after)
    {
        var totals = new Total[customers];
        for (var i = 0; i < customerOf.Length; i++)
        {
            var day = dayOf[i];
            if (day <= after)
            {
                continue;
            }

            ref var total = ref totals[customerOf[i]];
            total.Orders++;
            total.SpendMinor += amountMinor[i];
            total.LastDay = Math.Max(total.LastDay, day);
        }

        return totals;
    }

    private void ScoreRecency(Total[] totals, int asOfDay)
    {
        var counts = new IntHistogram();
        foreach (ref readonly var total in totals.AsSpan())
        {
            if (total.Orders > 0)
            {
                counts.Add(asOfDay - total.LastDay);
            }
        }

        var cuts = recencyCuts = settings.RecencyCutsDays ?? Array.ConvertAll(RfmSurvey.Cuts(counts.ToArray(), settings.Bins), c => (long)c.Value);
        for (var i = 0; i < totals.Length; i++)
        {
            if (totals[i].Orders > 0)
            {
                recency[i] = (byte)(cuts.Length + 2 - Rfm.Bin(Math.Max(0, asOfDay - totals[i].LastDay), cuts));
            }
        }
    }

    private void ScoreFrequency(Total[] totals)
    {
        if (settings.OrderCuts is { } given)
        {
            orderCuts = given;
            for (var i = 0; i < totals.Length; i++)
            {
                frequency[i] = (byte)(totals[i].Orders == 0 ? 0 : Rfm.Bin(totals[i].Orders, given));
            }

            return;
        }

        var counts = new IntHistogram();
        foreach (ref readonly var total in totals.AsSpan())
        {
            if (total.Orders > 0)
            {
                counts.Add(total.Orders);
            }
        }

        // Of the tied, in ascending order of ids, the first `Place` are below the cut.
        var cuts = RfmSurvey.Cuts(counts.ToArray(), settings.Bins);
        var seen = new long[cuts.Length];
        (orderCuts, ties) = (Array.ConvertAll(cuts, c => (long)c.Value), new int?[cuts.Length]);
        for (var i = 0; i < totals.Length; i++)
        {
            var orders = Math.Min(totals[i].Orders, IntHistogram.MaxValue);
            if (orders == 0)
            {
                continue;
            }

            var bin = 1;
            for (var c = 0; c < cuts.Length; c++)
            {
                if (orders > cuts[c].Value || (orders == cuts[c].Value && ++seen[c] > cuts[c].Place))
                {
                    bin++;
                }
                else if (seen[c] == cuts[c].Place && orders == cuts[c].Value && cuts[c].Place < cuts[c].Tied)
                {
                    ties[c] = i;
                }
            }

            frequency[i] = (byte)bin;
        }
    }

    private void ScoreSpend(Total[] totals)
    {
        var cuts = spendCuts = settings.SpendCutsMinor ?? SpendCuts(totals, settings.Bins);
        for (var i = 0; i < totals.Length; i++)
        {
            monetary[i] = (byte)(totals[i].Orders == 0 ? 0 : Rfm.Bin(totals[i].SpendMinor, cuts));
        }
    }

    /// <summary>The values at the cuts' ranks: counted by bins of 1 % first, then only the bins with a cut are sorted.</summary>
    private static long[] SpendCuts(Total[] totals, int bins)
    {
        var counts = new IntHistogram();
        var binOf = new short[totals.Length];
        for (var i = 0; i < totals.Length; i++)
        {
            binOf[i] = (short)(totals[i].Orders == 0 ? -1 : OnePercentBins.Of(totals[i].SpendMinor));
            if (binOf[i] >= 0)
            {
                counts.Add(binOf[i]);
            }
        }

        var places = RfmSurvey.Cuts(counts.ToArray(), bins);
        var values = new List<long>[places.Length];
        for (var c = 0; c < places.Length; c++)
        {
            values[c] = [];
        }

        for (var i = 0; i < totals.Length; i++)
        {
            for (var c = 0; c < places.Length; c++)
            {
                if (binOf[i] == places[c].Value)
                {
                    values[c].Add(totals[i].SpendMinor);
                }
            }
        }

        var cuts = new long[places.Length];
        for (var c = 0; c < cuts.Length; c++)
        {
            values[c].Sort();
            cuts[c] = values[c][(int)places[c].Place - 1];
        }

        return cuts;
    }

    private struct Total
    {
        public long SpendMinor;
        public int Orders;
        public int LastDay;
    }
}
