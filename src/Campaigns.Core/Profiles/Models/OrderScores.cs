namespace Campaigns.Core.Profiles.Models;

/// <summary>
/// P(active) and expected orders over one horizon for many customers: the same numbers as <see cref="IPurchaseModel"/> gives
/// one by one. In BG/NBD and MBG/NBD the orders of one who is active depend on x and T alone, which many customers share, so
/// they are remembered in a table of fixed size. Not for concurrent use: one for each thread.
/// </summary>
public sealed class OrderScores
{
    /// <summary>Pairs (x, T) remembered, 1.5 MiB; one that falls on another's place replaces it.</summary>
    private const int Places = 1 << 16;

    private readonly IPurchaseModel model;
    private readonly BetaGeometric? shape;
    private readonly (int RepeatOrders, double Age, double Orders)[] remembered;

    /// <param name="model">The fitted model.</param>
    /// <param name="horizon">How far to look, in the model's unit of time.</param>
    public OrderScores(IPurchaseModel model, double horizon)
    {
        (this.model, Horizon) = (model, horizon);
        shape = model switch { BgNbd bg => bg.Shape, MbgNbd mbg => mbg.Shape, _ => null };
        remembered = new (int, double, double)[shape is null ? 0 : Places];
        Array.Fill(remembered, (-1, 0, 0));
    }

    /// <summary>In the model's unit of time.</summary>
    public double Horizon { get; }

    /// <summary>Both numbers for one customer.</summary>
    public (double ProbabilityActive, double ExpectedOrders) Score(RepeatHistory history)
    {
        if (shape is not { } known)
        {
            return (model.ProbabilityActive(history), model.ExpectedOrders(history, Horizon));
        }

        var possible = history.Possible();
        var active = known.ProbabilityActive(possible);
        var hash = GroupedCounts.Hash(BitConverter.DoubleToUInt64Bits(possible.Age) + (uint)possible.RepeatOrders);
        ref var place = ref remembered[hash & (Places - 1)];
        if (place.RepeatOrders != possible.RepeatOrders || place.Age != possible.Age)
        {
            place = (possible.RepeatOrders, possible.Age, known.OrdersIfActive(possible.RepeatOrders, possible.Age, Horizon));
        }

        return (active, active * place.Orders);
    }

    /// <summary>Both numbers for each of many customers; the spans are of one length.</summary>
    public void Score(ReadOnlySpan<RepeatHistory> histories, Span<double> probabilityActive, Span<double> expectedOrders)
    {
        for (var i = 0; i < histories.Length; i++)
        {
            (probabilityActive[i], expectedOrders[i]) = Score(histories[i]);
        }
    }
}
