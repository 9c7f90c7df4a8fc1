namespace Campaigns.Core.Profiles.Models;

/// <summary>
/// What the purchase models know of a customer, in one unit of time that the caller chooses (days, weeks) and that the
/// model was fitted in.
/// </summary>
/// <param name="RepeatOrders">x: days with an order after the first such day, ≥ 0. Orders of one day count once.</param>
/// <param name="Recency">t_x: from the first to the last order day, 0 … <paramref name="Age"/>; 0 where x is 0.</param>
/// <param name="Age">T: from the first order day to the time that the history is looked at, ≥ 0.</param>
public readonly record struct RepeatHistory(int RepeatOrders, double Recency, double Age)
{
    /// <summary>The same with days in, units of <paramref name="daysPerUnit"/> days out (7 for weeks).</summary>
    public static RepeatHistory FromDays(int repeatOrders, double recencyDays, double ageDays, double daysPerUnit) =>
        new(repeatOrders, recencyDays / daysPerUnit, ageDays / daysPerUnit);

    /// <summary>The nearest history that can be: clocks differ and imports have mistakes, and no model answers NaN for that.</summary>
    internal RepeatHistory Possible()
    {
        var age = double.IsFinite(Age) && Age > 0 ? Age : 0;
        var orders = Math.Max(0, RepeatOrders);
        return new RepeatHistory(orders, orders > 0 && Recency > 0 ? Math.Min(Recency, age) : 0, age);
    }
}

/// <summary>
/// A fitted model of repeat purchases: customers order at a rate of their own until they leave for good, unseen. Time is in
/// the unit that the model was fitted in. Answers are finite and in their range for every history.
/// </summary>
public interface IPurchaseModel
{
    /// <summary>As reports call it: "bg-nbd", "mbg-nbd", "pareto-nbd".</summary>
    string Name { get; }

    /// <summary>Probability in [0, 1] that the customer has not left for good.</summary>
    double ProbabilityActive(RepeatHistory history);

    /// <summary>Expected order days in the next <paramref name="horizon"/> units, ≥ 0; whether active or not is averaged over.</summary>
    double ExpectedOrders(RepeatHistory history, double horizon);

    /// <summary>Probability in [0, 1] of at least one order in the next <paramref name="horizon"/> units.</summary>
    double ProbabilityOfOrder(RepeatHistory history, double horizon);

    /// <summary>The logarithm of the history's probability density under the model.</summary>
    double LogLikelihood(RepeatHistory history);
}

/// <summary>A model with what its fit says of itself.</summary>
/// <param name="Model">The model at the maximum of the likelihood.</param>
/// <param name="LogLikelihood">The sum over all customers; scaled up where the fit saw a sample.</param>
/// <param name="Customers">Customers summed up.</param>
/// <param name="Converged">
/// The gradient vanished. False where parameters ran into their bounds, which says that the data do not hold them: customers
/// all alike (r and α grow without end), nobody who ever leaves, too few histories.
/// </param>
/// <param name="Iterations">Newton steps.</param>
public sealed record Fitted<T>(T Model, double LogLikelihood, long Customers, bool Converged, int Iterations);
