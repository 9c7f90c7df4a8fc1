using Campaigns.Core.Ingest;

namespace Campaigns.Core.Planning;

/// <summary>
/// Works out what a customer did in a run's outcome window: a pure function of the assignment, the run's frozen inputs and
/// all of the customer's orders. Owned here because tracking and ingest both must recompute it when a touch or an order
/// lands; measurement implements it.
/// </summary>
public interface IOutcomeFold
{
    /// <summary>The outcome. <paramref name="orders"/> are all of the customer's, by time and then id.</summary>
    Outcome Fold(AssignmentRow assignment, RunInputs run, IReadOnlyList<OrderRow> orders);
}
