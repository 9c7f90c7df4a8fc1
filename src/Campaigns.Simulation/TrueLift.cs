using Campaigns.Core.Primitives;

namespace Campaigns.Simulation;

/// <summary>How profit is reckoned: margin after all discounts − benefit costs − send cost.</summary>
/// <param name="EmailMicros">Cost of an e-mail in micro-units (10⁻⁶) of the major unit.</param>
/// <param name="SmsMicros">Cost of an SMS in micro-units.</param>
/// <param name="MarginShare">Margin as a share of the list value, in [0, 1]; null = from the unit costs. Where orders carry unit costs, those go first, as on import.</param>
public sealed record ProfitTerms(long EmailMicros, long SmsMicros, double? MarginShare = null)
{
    /// <summary>Send cost of one message on the channel, minor units of the currency.</summary>
    internal double SendMinor(Channel channel, string currency) =>
        (channel == Channel.Email ? EmailMicros : SmsMicros) / Money.MicrosPerMinor(currency);
}

/// <summary>A customer assigned in a run, treated or held out.</summary>
/// <param name="CustomerIndex">Customer.</param>
/// <param name="Treatment">What was sent, or for the held-out what would have been; with <see cref="TreatmentSpec.SentAt"/> null where nothing would.</param>
/// <param name="Others">Messages of other runs that the customer gets either way, or null.</param>
public sealed record AssignedCustomer(int CustomerIndex, TreatmentSpec Treatment, IReadOnlyList<TreatmentSpec>? Others = null);

/// <summary>
/// The true effect of a run: means over all customers assigned, treated and held out, of the expectation under assignment
/// minus under nothing, given each customer's latent state at the window's begin. Per customer; money in minor units.
/// </summary>
/// <param name="Customers">Customers assigned.</param>
/// <param name="Orders">Further orders per customer.</param>
/// <param name="RevenueMinor">Revenue after discounts.</param>
/// <param name="MarginBeforeDiscountMinor">Margin before discounts.</param>
/// <param name="DiscountMinor">All discounts.</param>
/// <param name="BenefitMinor">Benefit costs.</param>
/// <param name="SendMinor">Send cost.</param>
public sealed record TrueLift(
    int Customers, double Orders, double RevenueMinor, double MarginBeforeDiscountMinor, double DiscountMinor, double BenefitMinor, double SendMinor)
{
    /// <summary>Profit per customer: margin − discounts − benefit costs − send cost.</summary>
    public double ProfitMinor => MarginBeforeDiscountMinor - DiscountMinor - BenefitMinor - SendMinor;

    /// <summary>Profit per 1,000 customers assigned: the primary figure of measurement.</summary>
    public double ProfitPerThousandMinor => 1000 * ProfitMinor;
}

/// <summary>The true lift of a run.</summary>
public sealed partial class Market
{
    /// <summary>
    /// The true lift over these customers in [from, to). <paramref name="from"/> is the assignment, <paramref name="to"/> the
    /// end of the outcome window, as measurement counts them. All zero where nobody is assigned.
    /// </summary>
    public TrueLift TrueLift(IEnumerable<AssignedCustomer> assigned, DateTimeOffset from, DateTimeOffset to, ProfitTerms terms)
    {
        var (customers, sum, send) = (0, default(ExpectedOutcome), 0.0);
        foreach (var customer in assigned)
        {
            customers++;
            var others = customer.Others ?? NoTreatments;
            if (customer.Treatment.SentAt is not null)
            {
                sum += ExpectedOutcomeUnder(customer.CustomerIndex, [.. others, customer.Treatment], from, to)
                    - ExpectedOutcomeUnder(customer.CustomerIndex, others, from, to);
                send += terms.SendMinor(customer.Treatment.Channel, Options.Currency);
            }
        }

        var mean = customers == 0 ? default : sum * (1.0 / customers);
        return new TrueLift(
            customers, mean.Orders, mean.RevenueMinor, mean.MarginBeforeDiscountMinor(Options.UnitCosts ? null : terms.MarginShare),
            mean.DiscountMinor, mean.BenefitMinor, customers == 0 ? 0 : send / customers);
    }
}
