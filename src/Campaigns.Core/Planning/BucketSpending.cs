namespace Campaigns.Core.Planning;

/// <summary>What one bucket's assignments use of its allowance. Without a ceiling everything fits.</summary>
internal sealed class BucketSpending(RunFrame frame, CeilingPlan ceiling, int bucket)
{
    private readonly CeilingAllowance most = frame.HasCeiling ? ceiling.Allowances[bucket] : default;
    private readonly long[] limited = new long[frame.Limited.Count];
    private CeilingAllowance spent;

    /// <summary>What an earlier attempt at the bucket decided counts as well.</summary>
    public void Resume(AssignmentRow row)
    {
        if (row.HeldOut || Array.Find(frame.Inputs.Campaign.Treatments, t => string.Equals(t.Id, row.Treatment, StringComparison.Ordinal)) is not { } treatment)
        {
            return;
        }

        spent = spent.Plus(frame.SpendOf(row.Segment, new ReachableTreatment(treatment, row.Channel)));
        if (frame.LimitedPlace(row.Treatment) is var place and >= 0)
        {
            limited[place]++;
        }
    }

    /// <summary>Counts the assignment if it fits; who is held out uses nothing.</summary>
    public bool TrySpend(string segment, Assignment assignment)
    {
        if (!frame.HasCeiling || assignment.HeldOut)
        {
            return true;
        }

        var after = spent.Plus(frame.SpendOf(segment, assignment));
        var place = frame.LimitedPlace(assignment.Drawn.Treatment.Id);
        if (!after.Within(most) || (place >= 0 && limited[place] == ceiling.Limited[place].ByBucket[bucket]))
        {
            return false;
        }

        spent = after;
        if (place >= 0)
        {
            limited[place]++;
        }

        return true;
    }
}
