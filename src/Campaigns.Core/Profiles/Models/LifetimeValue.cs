namespace Campaigns.Core.Profiles.Models;

/// <summary>Customer lifetime value: the spend to come within a horizon, discounted to today.</summary>
public static class LifetimeValue
{
    private static readonly (double[] Nodes, double[] Weights) Rule = GaussLegendre.Of(8);

    /// <summary>
    /// Expected spend × discounted expected orders (Fader, Hardie and Lee 2005, "RFM and CLV"), ≥ 0, in the unit of the spend
    /// model. Orders are discounted from the moment they fall, continuously.
    /// </summary>
    /// <param name="model">Orders to come; time in its unit.</param>
    /// <param name="spendModel">Spend per order.</param>
    /// <param name="history">The customer, in the model's unit.</param>
    /// <param name="orders">Orders behind the mean spend, as in <see cref="GammaGamma.ExpectedSpend"/>.</param>
    /// <param name="meanSpend">Their mean.</param>
    /// <param name="horizon">How far to look, in the model's unit.</param>
    /// <param name="daysPerUnit">Days in the model's unit.</param>
    /// <param name="discountRatePerYear">0.1: what comes in a year is worth 1/1.1 today. Above −1.</param>
    public static double Of(
        IPurchaseModel model, GammaGamma spendModel, RepeatHistory history, int orders, double meanSpend, double horizon, double daysPerUnit, double discountRatePerYear) =>
        spendModel.ExpectedSpend(orders, meanSpend) * DiscountedOrders(model, history, horizon, daysPerUnit, discountRatePerYear);

    /// <summary>
    /// ∫ e^−δt dE(t) = e^−δh E(h) + δ ∫ e^−δt E(t) dt with δ = ln(1 + rate) per unit and E the expected orders; the integral by
    /// Gauss–Legendre, since E is smooth and concave.
    /// </summary>
    public static double DiscountedOrders(IPurchaseModel model, RepeatHistory history, double horizon, double daysPerUnit, double discountRatePerYear)
    {
        if (!(horizon > 0))
        {
            return 0;
        }

        var force = Math.Log(1 + discountRatePerYear) * daysPerUnit / 365.25;
        var value = Math.Exp(-force * horizon) * model.ExpectedOrders(history, horizon);
        if (force == 0)
        {
            return value;
        }

        var half = horizon / 2;
        for (var i = 0; i < Rule.Nodes.Length; i++)
        {
            var at = half * (1 + Rule.Nodes[i]);
            value += Rule.Weights[i] * half * force * Math.Exp(-force * at) * model.ExpectedOrders(history, at);
        }

        return value;
    }
}
