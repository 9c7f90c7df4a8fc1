using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Dispatch;

/// <summary>What may hold back a pass through a bucket's sending records. Asked before each batch; once held, the pass stays held.</summary>
internal sealed class DispatchHold(JobContext context, Workspace workspace)
{
    private readonly RunInputs inputs = context.Inputs<RunInputs>();
    private bool held;

    /// <summary>What the run has really cost has reached its budget.</summary>
    public bool BudgetSpent { get; private set; }

    /// <summary>The campaign's state; null where everything, or the campaign, is held.</summary>
    public async ValueTask<CampaignStatus?> StatusAsync(CancellationToken cancellation)
    {
        if (held)
        {
            return null;
        }

        var stopped = await workspace.IsStoppedAsync(cancellation);
        var campaign = await context.Rows.FindAsync<Campaign>(Tables.Campaigns, Tables.All, inputs.Campaign.Id, cancellation);
        var status = campaign?.Value.Status ?? CampaignStatus.Active;
        held = SendGate.HeldBy(stopped, status) is not null;
        BudgetSpent = inputs.BudgetMicros is { } budget && await RunSpend.FindAsync(context.Rows, context.Head.Job, cancellation) is { } spend && spend.Reaches(budget);
        return held ? null : status;
    }
}
