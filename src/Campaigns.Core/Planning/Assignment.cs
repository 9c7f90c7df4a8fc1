using System.Globalization;
using System.Text;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Planning;

/// <summary>
/// What a customer drew: one of the variants that reach it, or nothing. Pure: the same salt, run and customer draw the
/// same on every machine, whoever else takes part, so that it can be repeated and explained later.
/// </summary>
/// <param name="Candidates">Nothing first (""), then the variants in the campaign's order; parts per million that sum to 10⁶.</param>
/// <param name="Draw">0 … 999,999.</param>
/// <param name="HeldOut">Drew nothing.</param>
/// <param name="Drawn">The variant drawn; for the control group the one that it would have drawn.</param>
public sealed record Assignment(Candidate[] Candidates, int Draw, bool HeldOut, ReachableTreatment Drawn)
{
    /// <summary>
    /// One uniform draw in 0 … 999,999: below the share of nothing the customer is held out; above, the variants follow with
    /// their shares. A held-out customer's place within the share of nothing names the variant that it would have had, in
    /// the variants' own proportions, so that both arms hold the same mix of variants.
    /// </summary>
    /// <param name="treatments">Variants that reach the customer; at least one.</param>
    /// <param name="holdoutPartsPerMillion">0 … 500,000.</param>
    /// <param name="salt">The workspace's salt in hexadecimal.</param>
    /// <param name="run">Run: every run draws afresh.</param>
    /// <param name="customer">Customer.</param>
    public static Assignment Decide(
        IReadOnlyList<ReachableTreatment> treatments, int holdoutPartsPerMillion, string salt, string run, CustomerKey customer) =>
        Decide(treatments, Probabilities(treatments, holdoutPartsPerMillion), salt, run, customer);

    /// <summary>The same with given probabilities: nothing first, then the treatments; nothing below 10⁶.</summary>
    public static Assignment Decide(IReadOnlyList<ReachableTreatment> treatments, Candidate[] candidates, string salt, string run, CustomerKey customer)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(candidates.Length, treatments.Count + 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(candidates[0].PartsPerMillion, StableHash.Million);
        var draw = StableHash.PartsPerMillion(salt, run, customer.Text);
        var nothing = candidates[0].PartsPerMillion;
        var heldOut = draw < nothing;
        // Both ways the place lies in 0 … (10⁶ − nothing) − 1, uniform.
        var place = heldOut ? (int)((long)draw * (StableHash.Million - nothing) / nothing) : draw - nothing;
        var index = 1;
        while (place >= candidates[index].PartsPerMillion)
        {
            place -= candidates[index].PartsPerMillion;
            index++;
        }

        return new Assignment(candidates, draw, heldOut, treatments[index - 1]);
    }

    /// <summary>
    /// Nothing gets the holdout share; the rest is split equally. What does not divide goes to the first variants, one part per
    /// million each, so that a holdout of 0 holds nobody out.
    /// </summary>
    public static Candidate[] Probabilities(IReadOnlyList<ReachableTreatment> treatments, int holdoutPartsPerMillion)
    {
        ArgumentOutOfRangeException.ThrowIfZero(treatments.Count);
        ArgumentOutOfRangeException.ThrowIfNegative(holdoutPartsPerMillion);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(holdoutPartsPerMillion, StableHash.Million / 2);
        var (each, rest) = Math.DivRem(StableHash.Million - holdoutPartsPerMillion, treatments.Count);
        var candidates = new Candidate[treatments.Count + 1];
        candidates[0] = new Candidate("", holdoutPartsPerMillion);
        for (var i = 0; i < treatments.Count; i++)
        {
            candidates[i + 1] = new Candidate(treatments[i].Treatment.Id, each + (i < rest ? 1 : 0));
        }

        return candidates;
    }

    /// <summary>The decision in words: "drew 734,112 of 1,000,000: nothing 200,000, winback 800,000 → winback, by e-mail because …".</summary>
    public static string Explain(AssignmentRow row)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"drew {row.Draw:N0} of {StableHash.Million:N0}: ");
        text.AppendJoin(", ", row.Candidates.Select(c =>
            string.Create(CultureInfo.InvariantCulture, $"{(c.Treatment.Length == 0 ? "nothing" : c.Treatment)} {c.PartsPerMillion:N0}")));
        var channel = row.Channel == Channel.Email ? "e-mail" : "SMS";
        text.Append(row.HeldOut
            ? $" → nothing (control group; it would have been {row.Treatment}, by {channel})"
            : $" → {row.Treatment}, by {channel} because that was the first of its channels open for the customer");
        return text.ToString();
    }
}
