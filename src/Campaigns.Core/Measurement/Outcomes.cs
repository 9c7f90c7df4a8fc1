using Campaigns.Core.Ingest;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Profiles;
using Campaigns.Core.Tracking;

namespace Campaigns.Core.Measurement;

/// <summary>
/// What a customer did in a run's outcome window: a pure function of the assignment, the run's frozen inputs and all of the
/// customer's orders. Both arms alike: every net order with AssignedAt ≤ time &lt; WindowEnd counts, whatever caused it.
/// A refund lowers the order that it cancels, even where the refund itself comes after the window.
/// </summary>
public sealed class Outcomes : IOutcomeFold
{
    /// <inheritdoc/>
    public Outcome Fold(AssignmentRow assignment, RunInputs run, IReadOnlyList<OrderRow> orders)
    {
        var (from, before) = (assignment.AssignedAt, run.WindowEnd);
        var priorFrom = from - (before - from);
        var offer = OfferOf(assignment, run);
        var (count, revenue, margin, discount, redeemed, benefit) = (0, 0L, 0L, 0L, 0L, 0L);
        var (creditedOrders, credited, prior, after) = (0, 0L, 0L, 0L);
        var afterUntil = before.AddDays(RunInputs.LateDays);
        foreach (var order in NetOrders.Of(Counted(orders, run.Campaign.ConversionEvent)).Orders)
        {
            if (order.At < from)
            {
                prior += order.At >= priorFrom ? order.AmountMinor : 0;
                continue;
            }

            if (order.At >= before)
            {
                after += order.At < afterUntil ? order.AmountMinor : 0;
                continue;
            }

            count++;
            revenue += order.AmountMinor;
            margin += MarginMinor(order, run.Margin);
            discount += order.DiscountMinor;
            if (offer is not null && TakesUp(order, offer, assignment))
            {
                redeemed += offer.BenefitCostMinor + (offer.Code is not null || offer.CodePool is not null || offer.IsDiscount ? order.DiscountMinor : 0);
                benefit += offer.BenefitCostMinor;
            }

            if (Credit.Credits(assignment, order.At))
            {
                creditedOrders++;
                credited += order.AmountMinor;
            }
        }

        return new Outcome(count, revenue, margin, discount, redeemed, creditedOrders, credited, prior, Events(orders, from, before), benefit, after);
    }

    /// <summary>What counts as an order: orders, or the events that the campaign names instead.</summary>
    private static IReadOnlyList<OrderRow> Counted(IReadOnlyList<OrderRow> orders, string? conversionEvent) => conversionEvent is null
        ? orders
        : [.. orders.Where(o => string.Equals(o.Event, conversionEvent, StringComparison.OrdinalIgnoreCase)).Select(o => o with { Event = OrderRow.OrderEvent })];

    private static Offer? OfferOf(AssignmentRow assignment, RunInputs run) =>
        Array.Find(run.Campaign.Treatments, t => string.Equals(t.Id, assignment.Treatment, StringComparison.Ordinal))?.Offer;

    /// <summary>
    /// The order takes the offer up: it carries the offer's code, in either arm (codes leak); where the offer has a pool of
    /// single-use codes, the customer's own, which nobody in the control group has. An offer without a code cannot be
    /// seen on an order; then every large enough order of a treated customer from the actual sending until the offer ends takes it up:
    /// rather too much cost than too little.
    /// </summary>
    private static bool TakesUp(NetOrder order, Offer offer, AssignmentRow assignment) =>
        offer.Code is not null || offer.CodePool is not null
            ? assignment.CodeOf(offer) is { } code && string.Equals(order.CouponCode, code, StringComparison.OrdinalIgnoreCase)
            : !assignment.HeldOut && assignment.WasSent && assignment.SentAt <= order.At && order.AmountMinor + order.DiscountMinor >= offer.LeastOrderMinor
                && (assignment.OfferEndsAt is not { } end || order.At <= end);

    /// <summary>Margin before discount, rounded line by line to whole minor units so that sums stay integers.</summary>
    internal static long MarginMinor(NetOrder order, MarginPolicy policy)
    {
        if (!policy.Known)
        {
            return 0;
        }

        var sum = 0L;
        foreach (ref readonly var line in order.Lines.AsSpan())
        {
            sum += (long)Math.Round(policy.BeforeDiscountMinor(line) ?? 0, MidpointRounding.AwayFromZero);
        }

        return sum;
    }

    private static int Events(IReadOnlyList<OrderRow> orders, DateTimeOffset from, DateTimeOffset before)
    {
        var count = 0;
        foreach (var row in orders)
        {
            count += row.OrderedAt >= from && row.OrderedAt < before && !string.Equals(row.Event, OrderRow.OrderEvent, StringComparison.Ordinal) ? 1 : 0;
        }

        return count;
    }
}
