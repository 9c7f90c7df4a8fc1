using System.Globalization;
using System.Text;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Decisions;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Measurement.Replay;

/// <summary>
/// A run's decisions as a file that <see cref="DecisionFile"/> reads. In the customers' order, so that rows fall into the same
/// folds however customers are spread over buckets; memory holds a page of each bucket.
/// <code>
/// treatment    what was drawn; none for no message
/// propensity   its probability, in millionths
/// reward       what the customer brought so far, major units: profit, or revenue where margins are unknown, of spending up to the cap
/// segment      at the decision
/// eligible     the variants that could be drawn, joined by |
/// channel      of the variant drawn, or of the one that the control group would have got
/// instead      for the control group, the variant that it would have got
/// draw         0 … 999,999
/// candidates   every probability in parts per million: none=200000|gift=800000
/// customer     the customer's key: a hash, no personal data
/// </code>
/// </summary>
public sealed class DecisionCsv(IRowStore rows, IBlobStore blobs, Workspace workspace, MeasuredRuns runs)
{
    private const string Heading = "treatment,propensity,reward,segment,eligible,channel,instead,draw,candidates,customer\r\n";

    /// <summary>Characters gathered before they are written: some hundred rows.</summary>
    private const int ChunkLength = 32 * 1024;

    /// <summary>The run's decisions in chunks of text, heading first; null where there is no such run.</summary>
    public async ValueTask<IAsyncEnumerable<string>?> OfAsync(string run, CancellationToken cancellation) =>
        await runs.FindAsync(run, cancellation) is { } found ? ChunksAsync(found, cancellation) : null;

    private async IAsyncEnumerable<string> ChunksAsync(MeasuredRun run, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var settings = await workspace.SettingsAsync(cancellation);
        var microsPerMinor = Money.MicrosPerMajor / Money.MinorPerMajor(settings.Currency);
        var plan = await JobRows.ResultAsync(rows, blobs, run.Run, AssignStep.StageName, cancellation);
        var cap = plan is { } planned ? RowCodec.Decode<RunPlan>(planned).SpendCapMinor : null;
        var text = new StringBuilder(Heading, ChunkLength + 1_024);
        await foreach (var (customer, row) in RunRows.InOrderAsync(rows, settings.Buckets, run.Run, "", "~", cancellation))
        {
            Append(text, customer, row, LoggedReward.Micros(row, microsPerMinor, cap, run.Inputs.Margin.Known));
            if (text.Length >= ChunkLength)
            {
                yield return text.ToString();
                text.Clear();
            }
        }

        yield return text.ToString();
    }

    private static void Append(StringBuilder text, CustomerKey customer, AssignmentRow row, Int128 rewardMicros)
    {
        var candidates = string.Join('|', row.Candidates.Select(c => string.Create(CultureInfo.InvariantCulture, $"{(c.Treatment.Length == 0 ? ReplayLimits.None : LoggedReward.Name(c.Treatment))}={c.PartsPerMillion}")));
        text.Append(row.HeldOut ? ReplayLimits.None : Quote(LoggedReward.Name(row.Treatment))).Append(',')
            .Append(((decimal)LoggedReward.PartsPerMillion(row) / StableHash.Million).ToString("0.######", CultureInfo.InvariantCulture)).Append(',')
            .Append(((decimal)rewardMicros / Money.MicrosPerMajor).ToString("0.######", CultureInfo.InvariantCulture)).Append(',')
            .Append(Quote(row.Segment)).Append(',')
            .Append(Quote(LoggedReward.Reach(row.Eligible))).Append(',')
            .Append(row.Channel == Channel.Email ? "email" : "sms").Append(',')
            .Append(row.HeldOut ? Quote(LoggedReward.Name(row.Treatment)) : "").Append(',')
            .Append(row.Draw.ToString(CultureInfo.InvariantCulture)).Append(',')
            .Append(Quote(candidates)).Append(',')
            .Append(customer.Text).Append("\r\n");
    }

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\";\t\r\n") < 0 ? text : "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
