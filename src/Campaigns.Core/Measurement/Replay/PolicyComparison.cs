namespace Campaigns.Core.Measurement.Replay;

/// <summary>A policy against a simple one: the paired, cross-fitted doubly robust difference per row.</summary>
/// <param name="Against">The simple policy: <see cref="Nobody"/>, or a treatment for everyone.</param>
/// <param name="SimpleValue">The simple policy's value.</param>
/// <param name="Difference">What the policy brings more.</param>
/// <param name="Same">Both decide alike on every row: there is nothing to compare.</param>
public sealed record PolicyComparison(ReplayPolicy Against, PolicyValue SimpleValue, Estimate Difference, bool Same)
{
    /// <summary>The policy that leaves everyone alone.</summary>
    public const string Nobody = "nobody";

    /// <summary>The one-sided 95 % lower bound of the difference lies above 0.</summary>
    public bool IsCredible => !Same && SimpleValue.Refusal is null && Difference.LowerBound > 0;

    /// <summary>The policy against every simple one, in the order of the log's treatments. <paramref name="possible"/> as in <see cref="ReplayPolicy.ForEveryone"/>.</summary>
    public static IReadOnlyList<PolicyComparison> Of(LoggedDecisions log, OffPolicy estimator, ReplayPolicy policy, Func<int, int, bool>? possible = null) =>
        [.. Enumerable.Range(0, log.Treatments.Count).Select(treatment =>
        {
            var simple = ReplayPolicy.ForEveryone(log, treatment, possible);
            return new PolicyComparison(simple, estimator.Value(simple), estimator.Difference(policy, simple), policy.Everyone == treatment);
        })];
}
