using Campaigns.Core.Profiles.Models;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles.Models;

/// <summary>Models with sane and with odd parameters; histories in days with anything that a shop, or a mistake in one, can hold.</summary>
internal static class ModelGen
{
    public static readonly Gen<IPurchaseModel> Model =
        from kind in Gen.Int[0, 2]
        from p in Parameter(-4, 5).Array[4]
        from scale in Parameter(-2, 7).Array[2]
        select kind switch
        {
            0 => (IPurchaseModel)new BgNbd(p[0], scale[0], p[1], p[2]),
            1 => new MbgNbd(p[0], scale[0], p[1], p[2]),
            _ => new ParetoNbd(p[0], scale[0], p[1], scale[1]),
        };

    /// <summary>Repeat orders, recency and age in days; one in five extreme.</summary>
    public static readonly Gen<RepeatHistory> History =
        from extreme in Gen.Frequency((4, Gen.Const(false)), (1, Gen.Const(true)))
        from orders in extreme ? Gen.OneOf(Gen.Const(0), Gen.Int[1000, 20_000]) : Gen.Int[0, 40]
        from age in extreme ? Gen.OneOf(Gen.Const(0), Gen.Const(1), Gen.Int[1000, 40_000]) : Gen.Int[0, 1500]
        from recency in Gen.Int[0, age]
        select new RepeatHistory(orders, orders == 0 ? 0 : recency, age);

    public static readonly Gen<double> Horizon = Gen.OneOf(1.0, 7.0, 90.0, 365.0, 3650.0);

    /// <summary>Histories of a summary, in whole days.</summary>
    public static readonly Gen<(int X, int Recency, int Age)[]> Customers =
        (from x in Gen.Frequency((3, Gen.Const(0)), (3, Gen.Int[1, 4]), (1, Gen.Int[5, 300]))
         from age in Gen.Int[0, 30]
         from recency in Gen.Int[0, age]
         select (x, x == 0 ? 0 : recency, age)).Array[0, 60];

    public static RepeatSummary Summary(this IEnumerable<(int X, int Recency, int Age)> customers)
    {
        var summary = new RepeatSummary();
        foreach (var (x, recency, age) in customers)
        {
            summary.Add(x, recency, age);
        }

        return summary;
    }

    /// <summary>Between 2^low and 2^high.</summary>
    public static Gen<double> Parameter(int low, int high) => Gen.Double[low, high].Select(e => Math.Pow(2, e));
}
