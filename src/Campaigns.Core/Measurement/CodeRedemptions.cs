using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers.Codes;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Measurement;

/// <summary>
/// Notes which orders carry a single-use code, whoever ordered: a code that somebody else redeems has leaked. Only coupons of
/// orders that are new or changed are looked at, and only in the pools of runs that still take orders: one read per coupon
/// and pool. What it notes follows from the order alone, so that repeats change nothing.
/// </summary>
public sealed class CodeRedemptions(IRowStore rows, MeasuredRuns runs, Workspace workspace) : ICustomerFold
{
    private readonly CodeOwners owners = new(rows);

    /// <summary>Pools in use, each with the time of the first run that still takes orders.</summary>
    private Dictionary<string, DateTimeOffset> open = [];

    /// <summary>Reads which pools are in use: one range read over the campaigns' runs, and the business time.</summary>
    public async ValueTask BeginAsync(CancellationToken cancellation)
    {
        var now = await workspace.NowAsync(cancellation);
        var found = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        await foreach (var run in runs.ListAsync(cancellation))
        {
            foreach (var pool in run.Inputs.Campaign.Treatments.Select(t => t.Offer.CodePool).OfType<string>().Where(_ => run.TakesOrders(now)))
            {
                found[pool] = found.TryGetValue(pool, out var first) && first < run.At ? first : run.At;
            }
        }

        open = found;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RowOperation>> FoldAsync(CustomerChange change, CancellationToken cancellation)
    {
        var pools = open;
        if (pools.Count > 0)
        {
            foreach (var order in change.Changed.Where(o => o.CouponCode is { Length: > 0 and <= CodePool.MaxCodeLength }))
            {
                foreach (var pool in pools.Where(p => order.OrderedAt >= p.Value).Select(p => p.Key))
                {
                    await NoteAsync(pool, order, change, cancellation);
                }
            }
        }

        return [];
    }

    private async ValueTask NoteAsync(string pool, OrderRow order, CustomerChange change, CancellationToken cancellation)
    {
        if (await owners.FindAsync(pool, order.CouponCode!, cancellation) is { } owner)
        {
            var redemption = new CodeRedemption
            {
                Code = owner.Code,
                Order = order.OrderId,
                Customer = change.Key.Text,
                CustomerId = change.CustomerId,
                At = order.OrderedAt,
                ByOwner = string.Equals(owner.Customer, change.Key.Text, StringComparison.Ordinal),
            };
            await owners.RedeemAsync(pool, redemption, cancellation);
        }
    }
}
