using MemoryPack;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>Which score ranks this workspace's customers by risk, and on what evidence.</summary>
[MemoryPackable]
public sealed partial record RiskChoice
{
    /// <summary>The score that stands until another is shown to rank better.</summary>
    public const string DaysSinceLastOrder = "days-since-last-order";

    /// <summary>The score in force: the name of a candidate.</summary>
    public string Chosen { get; init; } = DaysSinceLastOrder;

    /// <summary>Every candidate, the chosen and the rejected.</summary>
    public CandidateEvidence[] Candidates { get; init; } = [];

    /// <summary>The split that the choice was made on; null where history is too short for one.</summary>
    public RiskSplitSize? Inner { get; init; }

    /// <summary>The later split that played no part in the choice: what AUCs are reported from.</summary>
    public RiskSplitSize? Outer { get; init; }

    /// <summary>Why nothing could be chosen, in a sentence, or "".</summary>
    public string Why { get; init; } = "";

    /// <summary>Models that rank best but were passed over, a sentence each: their fits ran into the bounds of their parameters, so that what they say of single customers is not held by the data.</summary>
    public string[] PassedOver { get; init => field = value ?? []; } = [];
}

/// <summary>A candidate's evidence. AUC: the probability that who ordered ranks above who did not, ties counting half.</summary>
/// <param name="Name">"days-since-last-order", "silence-over-rhythm", "frequency-recency", or a model's: "bg-nbd.active", "bg-nbd.order", "bg-nbd.orders".</param>
/// <param name="InnerAuc">On the inner split, in [0, 1]; null where it could not be computed.</param>
/// <param name="OuterAuc">On the outer split, in [0, 1].</param>
/// <param name="GainLowerBound">Lower 2.5 % bound of its gain in inner AUC over days since last order (paired bootstrap); null for that one itself.</param>
/// <param name="Why">Why it could not be computed, in a sentence, or "".</param>
[MemoryPackable]
public sealed partial record CandidateEvidence(string Name, double? InnerAuc, double? OuterAuc, double? GainLowerBound, string Why);

/// <summary>A split of time: histories up to a day, and who ordered in the days after.</summary>
/// <param name="Cutoff">The last day (UTC) that histories count.</param>
/// <param name="HorizonDays">Days after it in which an order counts.</param>
/// <param name="Customers">Customers sampled who had ordered by then.</param>
/// <param name="Ordered">Of these, those with an order in those days.</param>
[MemoryPackable]
public sealed partial record RiskSplitSize(DateTimeOffset Cutoff, int HorizonDays, int Customers, int Ordered);

/// <summary>
/// Predicted over actual, and what makes probabilities right: logit p′ = a + b · logit p (Platt 1999), fitted on the inner
/// split, reported on the outer one.
/// </summary>
/// <param name="Model">The model whose probability it is.</param>
/// <param name="Intercept">a.</param>
/// <param name="Slope">b &gt; 0: recalibration never changes the ranking.</param>
/// <param name="ActualBuyers">Customers of the outer split who ordered.</param>
/// <param name="PredictedBuyers">The sum of raw probabilities.</param>
/// <param name="RecalibratedBuyers">The sum of recalibrated ones.</param>
/// <param name="ActualOrders">Order days after the outer cut-off.</param>
/// <param name="PredictedOrders">The sum of expected orders; null where the source is no purchase model.</param>
[MemoryPackable]
public sealed partial record Calibration(
    string Model, double Intercept, double Slope, long ActualBuyers, double PredictedBuyers, double RecalibratedBuyers, long ActualOrders, double? PredictedOrders)
{
    /// <summary>Predicted buyers over actual ones; null where nobody ordered.</summary>
    [MemoryPackIgnore]
    public double? PredictedOverActual => ActualBuyers == 0 ? null : PredictedBuyers / ActualBuyers;

    /// <summary>Recalibrated buyers over actual ones; null where nobody ordered.</summary>
    [MemoryPackIgnore]
    public double? RecalibratedOverActual => ActualBuyers == 0 ? null : RecalibratedBuyers / ActualBuyers;

    /// <summary>The recalibrated probability.</summary>
    public double Recalibrate(double probability) => Logistic.Sigmoid(Intercept + (Slope * Logistic.Logit(probability)));
}
