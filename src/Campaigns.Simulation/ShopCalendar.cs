namespace Campaigns.Simulation;

/// <summary>
/// What the shop's calendar does to everybody: seasons, the shop's own sales, the hours of the day. Days count from the
/// market's start (UTC). A sale is known in advance: its dates do not depend on the future's seed.
/// </summary>
internal sealed class ShopCalendar
{
    /// <summary>Seconds of a day.</summary>
    public const int SecondsPerDay = 86_400;

    private const int SalePeriodDays = 42;

    private static readonly double[] SaleShares = [0.10, 0.15, 0.20, 0.25];

    /// <summary>Purchases by weekday, Sunday first; mean 1.</summary>
    private static readonly double[] ByWeekday = [1.00, 1.10, 1.05, 1.05, 1.10, 0.95, 0.75];

    /// <summary>Purchases by UTC hour, in parts: nights are quiet, evenings busy.</summary>
    private static readonly int[] ByHour = [4, 2, 1, 1, 1, 3, 10, 20, 36, 48, 54, 56, 60, 54, 48, 48, 50, 56, 70, 86, 90, 70, 36, 14];

    private static readonly double[] HourStarts = CumulativeHours();

    private readonly ulong _seed;
    private readonly DateOnly _start;
    private readonly double[] _seasons;
    private readonly double[] _sales;

    /// <summary>The calendar, with the first <paramref name="days"/> worked out beforehand.</summary>
    public ShopCalendar(ulong seed, DateOnly start, int days)
    {
        (_seed, _start) = (seed, start);
        _seasons = new double[days];
        _sales = new double[days];
        for (var day = 0; day < days; day++)
        {
            (_seasons[day], _sales[day]) = (SeasonOf(day), SaleShareOf(day));
        }
    }

    /// <summary>Factor on everybody's rate: weekday × a yearly wave of ± 20 % that peaks in late November.</summary>
    public double Season(int day) => day < _seasons.Length ? _seasons[day] : SeasonOf(day);

    /// <summary>The shop's own discount on the day, as a share of the price; 0 on most. One sale of 5 to 8 days in every six weeks.</summary>
    public double SaleShare(int day) => day < _sales.Length ? _sales[day] : SaleShareOf(day);

    private double SeasonOf(int day)
    {
        var date = _start.AddDays(day);
        return ByWeekday[(int)date.DayOfWeek] * (1 + (0.20 * Math.Cos(2 * Math.PI * (date.DayOfYear - 330) / 365.25)));
    }

    private double SaleShareOf(int day)
    {
        var (period, within) = Math.DivRem(day, SalePeriodDays);
        var draws = new Draws(_seed, (ulong)period, purpose: Purpose.Sales);
        var length = 5 + draws.Below(4);
        var first = draws.Below(SalePeriodDays - length);
        return within >= first && within < first + length ? SaleShares[draws.Below(SaleShares.Length)] : 0;
    }

    /// <summary>The coupon code of the sale on this day.</summary>
    public string SaleCode(int day)
    {
        var date = _start.AddDays(day - (day % SalePeriodDays));
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"SALE{date:yyMM}");
    }

    /// <summary>The second of the day at which an order is placed.</summary>
    public static int SecondOfDay(ref Draws draws)
    {
        var at = Array.BinarySearch(HourStarts, draws.Uniform());
        var hour = Math.Clamp(at >= 0 ? at : ~at - 1, 0, 23);
        return (hour * 3600) + draws.Below(3600);
    }

    /// <summary>P(an order of the day falls before this second of the day): exact for <see cref="SecondOfDay"/>.</summary>
    public static double ShareBefore(long second)
    {
        if (second <= 0)
        {
            return 0;
        }

        if (second >= SecondsPerDay)
        {
            return 1;
        }

        var (hour, rest) = Math.DivRem((int)second, 3600);
        return HourStarts[hour] + ((HourStarts[hour + 1] - HourStarts[hour]) * (rest / 3600.0));
    }

    private static double[] CumulativeHours()
    {
        var total = (double)ByHour.Sum();
        var starts = new double[25];
        for (var hour = 0; hour < 24; hour++)
        {
            starts[hour + 1] = starts[hour] + (ByHour[hour] / total);
        }

        starts[24] = 1;
        return starts;
    }
}
