using Campaigns.Core.Dispatch;
using Campaigns.Core.Planning;

namespace Campaigns.Core.Privacy;

/// <summary>What is left of a sending record: what it counts for, and nobody's.</summary>
internal static class ErasedRecord
{
    /// <summary>A claim is under way: the message may be going out at this moment.</summary>
    public static bool MustWait(AssignmentRow row) => row.State == SendState.Claimed;

    /// <summary>
    /// The record without the customer: its arm, segment, state and outcome stay, so that the run's figures stay whole. What was
    /// not sent yet is not sent.
    /// </summary>
    public static AssignmentRow Of(AssignmentRow row)
    {
        var settled = row.State is SendState.Decided or SendState.Deferred ? SendLedger.Skip(row, SendReasons.Erased) : row;
        return settled with { CustomerId = "", Attempt = null, ProviderId = null, Code = null, Products = [], Sent = null };
    }
}
