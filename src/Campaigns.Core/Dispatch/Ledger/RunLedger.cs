using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Decisions;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Dispatch.Ledger;

/// <summary>
/// Reads a run's sending records: counted by state and reason, and listed. Counting reads every record, so it costs what the
/// run is large; memory holds a page of each bucket.
/// </summary>
public sealed class RunLedger(IRowStore rows, IBlobStore blobs, Workspace workspace, Runs runs)
{
    /// <summary>Records per page at most.</summary>
    public const int MaxPage = 1_000;

    /// <summary>Records counted while a page is waited for: under a second embedded, some seconds where the store is distributed.</summary>
    public const int MaxCounted = 200_000;

    /// <summary>Records looked at for one page: some seconds where the store is distributed. A page may be short, and still have a next.</summary>
    public const int MaxLookedAt = 100_000;

    /// <summary>All of the run's audience, counted; null where there is no such run.</summary>
    public ValueTask<LedgerTotals?> CountAsync(string run, CancellationToken cancellation) => CountAsync(run, long.MaxValue, cancellation);

    /// <summary>The same for pages: a run of more than <see cref="MaxCounted"/> records is told of as it stood when sending ended, and counts no record before.</summary>
    public ValueTask<LedgerTotals?> CountQuicklyAsync(string run, CancellationToken cancellation) => CountAsync(run, MaxCounted, cancellation);

    private async ValueTask<LedgerTotals?> CountAsync(string run, long most, CancellationToken cancellation)
    {
        if (await runs.FindAsync(run, cancellation) is not { } found)
        {
            return null;
        }

        // The plan is read first: records never leave, so that what is counted later holds all of the plan's.
        var plan = await JobRows.ResultAsync(rows, blobs, run, AssignStep.StageName, cancellation) is { } planned ? RowCodec.Decode<RunPlan>(planned) : null;
        IReadOnlyList<LedgerCount> records = plan is not null && plan.Treated + plan.HeldOut <= most ? await CountRecordsAsync(run, cancellation)
            : plan is not null && await JobRows.ResultAsync(rows, blobs, run, DispatchStep.StageName, cancellation) is { } sent ? LedgerTotals.AtTheEnd(RowCodec.Decode<RunDispatch>(sent))
            : [];
        return new LedgerTotals(
            run, found.Inputs.Campaign.Id, found.Inputs.Campaign.Name, found.Head.AsOf, plan?.AudienceCustomers, plan?.SkippedByReason() ?? new Dictionary<string, long>(), records);
    }

    private async ValueTask<IReadOnlyList<LedgerCount>> CountRecordsAsync(string run, CancellationToken cancellation)
    {
        var tally = new LedgerTally();
        await foreach (var entry in RunRows.InOrderAsync(rows, await BucketsAsync(cancellation), run, "", "~", cancellation))
        {
            tally.Add(entry.Row);
        }

        return tally.Counts();
    }

    /// <summary>Some records in the customers' order.</summary>
    /// <param name="run">Run.</param>
    /// <param name="filter">Which.</param>
    /// <param name="from">A page's <see cref="LedgerPage.Next"/>; "" = from the first.</param>
    /// <param name="limit">1 … <see cref="MaxPage"/>.</param>
    /// <param name="cancellation">Cancellation.</param>
    public async ValueTask<LedgerPage> ListAsync(string run, LedgerFilter filter, string from, int limit, CancellationToken cancellation)
    {
        var page = new List<LedgerEntry>();
        var looked = 0;
        await foreach (var (customer, row) in RunRows.InOrderAsync(rows, await BucketsAsync(cancellation), run, from, "~", cancellation))
        {
            if (looked++ == MaxLookedAt || (page.Count == Math.Clamp(limit, 1, MaxPage) && filter.Fits(row)))
            {
                return new LedgerPage(page, customer.Text);
            }

            if (filter.Fits(row))
            {
                page.Add(LedgerEntry.Of(customer, row));
            }
        }

        return new LedgerPage(page, null);
    }

    private async ValueTask<int> BucketsAsync(CancellationToken cancellation) => (await workspace.SettingsAsync(cancellation)).Buckets;
}
