using System.Globalization;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>What a workspace decides about its models and scores. Every default says why; every limit can be changed.</summary>
[MemoryPackable]
public sealed partial record ModelSettings : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>A decade: further ahead no purchase model says anything.</summary>
    public const int MaxHorizonDays = 3_650;

    /// <summary>N of "orders within N days", 1 … <see cref="MaxHorizonDays"/>. A quarter: what a campaign can still change.</summary>
    public int HorizonDays { get; init; } = 90;

    /// <summary>
    /// Models are fitted on the orders up to the end of this day (UTC) and checked against those after it. Null: fitted on all
    /// orders, checked on the last <see cref="HorizonDays"/> by models fitted without them.
    /// </summary>
    public DateTimeOffset? CalibrationEnd { get; init; }

    /// <summary>Days in the models' time unit: 7 (weeks, as in the literature) or 1. Changes how the parameters read, not the scores.</summary>
    public double DaysPerUnit { get; init; } = 7;

    /// <summary>Customers with an order below which no model is fitted: with fewer, the parameters' standard errors exceed a tenth of them.</summary>
    public int LeastCustomers { get; init; } = 500;

    /// <summary>History needed, in horizons: one to learn from and one to check against.</summary>
    public double LeastHistoryHorizons { get; init; } = 2;

    /// <summary>Order days that at least one customer must have: with two, how often and how long cannot be told apart.</summary>
    public int LeastOrderDays { get; init; } = 3;

    /// <summary>Days of history below which memberships are preliminary whatever was fitted: less than a season.</summary>
    public int SettledDays { get; init; } = 90;

    /// <summary>Gaps between orders without which the industry's days of silence stand in: below, a percentile rests on one or two.</summary>
    public int LeastGaps { get; init; } = 20;

    /// <summary>Industry, for the days of silence until the shop's own are known.</summary>
    public Industry Industry { get; init; }

    /// <summary>Yearly discount rate of customer lifetime value, ≥ 0: 10 %, usual in the literature.</summary>
    public double DiscountRatePerYear { get; init; } = 0.10;

    /// <summary>Days ahead that customer lifetime value counts: three years, beyond which the discounted rest is small and unsure.</summary>
    public int LifetimeDays { get; init; } = 1_095;

    /// <summary>Discounts were seen in the orders. False: the price paid against the product's usual price stands in.</summary>
    public bool DiscountsKnown { get; init; } = true;

    /// <summary>Price-sensitive is who buys at a discount this many times as often as the shop's mean customer, …</summary>
    public double PriceSensitiveRatio { get; init; } = 1.5;

    /// <summary>… at least this share of the time …</summary>
    public double LeastPriceSensitiveShare { get; init; } = 0.5;

    /// <summary>… and where nearly all is discounted, nearly always.</summary>
    public double MostPriceSensitiveShare { get; init; } = 0.95;

    /// <summary>Minor units in the unit that spend is modelled in: 100 for pounds and dollars, 1 for yen.</summary>
    public double MinorPerUnit { get; init; } = 100;

    /// <summary>Bins, window, fixed cuts and map of RFM.</summary>
    public RfmSettings Rfm { get; init => field = value ?? new(); } = new();

    /// <summary>What is wrong with the settings, a sentence each; empty where they can be used.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>(Rfm.Faults());
        Check(HorizonDays is >= 1 and <= MaxHorizonDays, $"The horizon is {HorizonDays} days; choose 1 to {MaxHorizonDays}.");
        Check(DaysPerUnit > 0 && double.IsFinite(DaysPerUnit), $"A time unit has {DaysPerUnit} days; choose 7 (weeks) or 1 (days).");
        Check(MinorPerUnit >= 1 && double.IsFinite(MinorPerUnit), $"A currency unit has {MinorPerUnit} minor units; choose 1 or more.");
        Check(LeastCustomers >= 1, $"Models need at least {LeastCustomers} customers; choose 1 or more.");
        Check(LeastHistoryHorizons > 0 && double.IsFinite(LeastHistoryHorizons), $"Models need {LeastHistoryHorizons} horizons of history; choose more than 0.");
        Check(LeastOrderDays >= 2, $"Models need a customer with {LeastOrderDays} order days; choose 2 or more.");
        Check(DiscountRatePerYear >= 0 && double.IsFinite(DiscountRatePerYear), $"The discount rate is {DiscountRatePerYear} a year; choose 0 or more.");
        Check(LifetimeDays is >= 1 and <= MaxHorizonDays, $"Lifetime value counts {LifetimeDays} days; choose 1 to {MaxHorizonDays}.");
        Check(LeastPriceSensitiveShare >= 0 && LeastPriceSensitiveShare <= MostPriceSensitiveShare && MostPriceSensitiveShare <= 1, $"Price-sensitive begins between {LeastPriceSensitiveShare} and {MostPriceSensitiveShare}; choose shares of 0 to 1, the lower one first.");
        return faults;

        void Check(bool right, FormattableString sentence)
        {
            if (!right)
            {
                faults.Add(sentence.ToString(CultureInfo.InvariantCulture));
            }
        }
    }
}

/// <summary>Industries with starting values of their own.</summary>
public enum Industry
{
    /// <summary>Not said: the churn horizon and twice it.</summary>
    General = 0,

    /// <summary>Food, cosmetics, supplies.</summary>
    Consumables = 1,

    /// <summary>Clothes and shoes.</summary>
    Fashion = 2,

    /// <summary>Electronics and appliances.</summary>
    Electronics = 3,

    /// <summary>Cars.</summary>
    Cars = 4,

    /// <summary>Banks: transactions instead of orders.</summary>
    Banks = 5,
}

/// <summary>Days of silence from which a customer is at risk (for banks: inactive) and lost.</summary>
/// <param name="AtRiskDays">At risk above this.</param>
/// <param name="LostDays">Lost above this; null where silence alone loses nobody.</param>
[MemoryPackable]
public readonly partial record struct SilenceLimits(int AtRiskDays, int? LostDays)
{
    /// <summary>
    /// Starting values until the shop's own gaps are known: two to four usual replacement cycles of the industry's goods. A bank's
    /// account is closed, not lost by silence. <see cref="Industry.General"/> takes the churn horizon and twice it.
    /// </summary>
    public static SilenceLimits Of(Industry industry, int churnDays) => industry switch
    {
        Industry.Consumables => new SilenceLimits(60, 120),
        Industry.Fashion => new SilenceLimits(120, 270),
        Industry.Electronics => new SilenceLimits(365, 730),
        Industry.Cars => new SilenceLimits(3 * 365, 5 * 365),
        Industry.Banks => new SilenceLimits(90, null),
        _ => new SilenceLimits(churnDays, 2 * churnDays),
    };
}
