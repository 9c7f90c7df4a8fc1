using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Brakes;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Dispatch;

/// <summary>What may hold back a pass through a bucket's sending records. Asked before each batch; once held, the pass stays held.</summary>
internal sealed class DispatchHold(JobContext context, Workspace workspace)
{
    /// <summary>How often business time is looked at again while the first message of the run is awaited.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(5);

    private readonly RunInputs inputs = context.Inputs<RunInputs>();
    private readonly string run = context.Head.Job;
    private RunBrakes brakes = new();
    private long? messages;
    private bool held;

    /// <summary>What the run has really cost has reached its budget.</summary>
    public bool BudgetSpent { get; private set; }

    /// <summary>Somebody cancelled the run: what is not sent is skipped.</summary>
    public bool Cancelled => brakes.IsCancelled;

    /// <summary>When the run may begin, where that is still to come; else null. Must be asked first.</summary>
    public async ValueTask<DateTimeOffset?> OpensAtAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        brakes = await RunBrakes.FindAsync(context.Rows, run, cancellation);
        if (inputs.Brakes is null || brakes.IsCancelled)
        {
            return null;
        }

        if (inputs.Brakes.FirstShare < 1 && await JobRows.ResultAsync(context.Rows, context.Blobs, run, AssignStep.StageName, cancellation) is { } plan)
        {
            messages = RowCodec.Decode<RunPlan>(plan).Treated;
        }

        var opens = RunBrakes.OpensAt(inputs.Brakes, context.Head.AsOf);
        return opens > now ? opens : null;
    }

    /// <summary>The campaign's state; null where everything, the campaign or the run is held.</summary>
    public async ValueTask<CampaignStatus?> StatusAsync(CancellationToken cancellation)
    {
        if (held)
        {
            return null;
        }

        var stopped = await workspace.IsStoppedAsync(cancellation);
        var campaign = await context.Rows.FindAsync<Campaign>(Tables.Campaigns, Tables.All, inputs.Campaign.Id, cancellation);
        var status = campaign?.Value.Status ?? CampaignStatus.Active;
        brakes = await RunBrakes.FindAsync(context.Rows, run, cancellation);
        held = SendGate.HeldBy(stopped, status, brakes) is not null;
        BudgetSpent = inputs.BudgetMicros is { } budget && await RunSpend.FindAsync(context.Rows, run, cancellation) is { } spend && spend.Reaches(budget);
        return held ? null : status;
    }

    /// <summary>When a customer outside the first share may be looked at again; null where the message may go out now.</summary>
    public DateTimeOffset? HeldBackUntil(CustomerKey customer, DateTimeOffset now)
    {
        if (inputs.Brakes is null || brakes.IsCancelled)
        {
            return null;
        }

        var rest = brakes.RestAt(inputs.Brakes, context.Head.AsOf, messages);
        return rest <= now || RunBrakes.IsFirst(inputs.Brakes, context.Settings.Salt, run, customer) ? null
            : rest ?? (now >= RunBrakes.OpensAt(inputs.Brakes, context.Head.AsOf) + RunBrakes.Patience ? null : now + LookAgain);
    }

    /// <summary>A message of the run was claimed or skipped: the first share has begun.</summary>
    public async ValueTask BegunAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        if (brakes.FirstBegunAt is null && brakes.RestAt(inputs.Brakes, context.Head.AsOf, messages) is null)
        {
            brakes = await RunBrakes.ChangeAsync(context.Rows, run, b => b.FirstBegunAt is null ? b with { FirstBegunAt = now } : null, cancellation);
        }
    }

    /// <summary>Counts calls of a provider that fail in a row, over all instances. A provider that asks to wait has not failed.</summary>
    public async ValueTask AnsweredAsync(IMessageChannel channel, IReadOnlyList<SendResult> results, DateTimeOffset now, CancellationToken cancellation)
    {
        var why = results.Select(r => r switch { SendResult.Unknown u => u.Reason, SendResult.NotSent { RetryAfter: null } n => n.Reason, _ => null }).ToList();
        if (why.TrueForAll(w => w is not null))
        {
            brakes = await RunBrakes.ChangeAsync(context.Rows, run, b => b.Failed(inputs.Brakes, channel.Name, why[0]!, now), cancellation);
        }
        else if (brakes.ErrorsInARow > 0 && results.Any(r => r is SendResult.Accepted))
        {
            brakes = await RunBrakes.ChangeAsync(context.Rows, run, b => b.ErrorsInARow == 0 ? null : b with { ErrorsInARow = 0 }, cancellation);
        }
    }
}
