using System.Runtime.CompilerServices;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Offers.Codes;

/// <summary>A code that a customer has, and the orders that carry it.</summary>
public sealed record GivenCode(CodeOwner Owner, IReadOnlyList<CodeRedemption> Redemptions)
{
    /// <summary>Orders of customers whose code it is not.</summary>
    public IEnumerable<CodeRedemption> ByOthers => Redemptions.Where(r => !r.ByOwner);
}

/// <summary>Who has which code, and which orders carry one. Table codes: see <see cref="CodeKeys"/>.</summary>
public sealed class CodeOwners(IRowStore rows)
{
    /// <summary>Notes whose codes they are. Again: no change.</summary>
    public async ValueTask GiveAsync(string pool, IReadOnlyList<CodeOwner> owners, CancellationToken cancellation)
    {
        foreach (var chunk in owners.Chunk(RowLimits.OperationsPerCommit))
        {
            await rows.CommitAsync(
                Tables.Codes, pool, Array.ConvertAll(chunk, RowOperation (o) => new RowOperation.Upsert(CodeKeys.Owner(o.Code), RowCodec.Encode(o))), cancellation);
        }
    }

    /// <summary>Whose code it is, or null where nobody has it, or it is none of the pool's.</summary>
    public async ValueTask<CodeOwner?> FindAsync(string pool, string code, CancellationToken cancellation) =>
        (await rows.FindAsync<CodeOwner>(Tables.Codes, pool, CodeKeys.Owner(code), cancellation))?.Value;

    /// <summary>Notes an order that carries a code. Again: no change.</summary>
    public async ValueTask RedeemAsync(string pool, CodeRedemption redemption, CancellationToken cancellation) => await rows.CommitAsync(
        Tables.Codes, pool, [new RowOperation.Upsert(CodeKeys.Redemption(redemption.Code, redemption.Order), RowCodec.Encode(redemption))], cancellation);

    /// <summary>Forgets whose code it is and which orders carry it: for an erased customer. The code stays used.</summary>
    public async ValueTask ForgetAsync(string pool, string code, CancellationToken cancellation)
    {
        var operations = new List<RowOperation> { new RowOperation.Delete(CodeKeys.Owner(code)) };
        await foreach (var row in rows.ScanPrefixAsync(Tables.Codes, pool, CodeKeys.RedemptionsOf(code), cancellation))
        {
            operations.Add(new RowOperation.Delete(row.Key));
        }

        foreach (var chunk in operations.Chunk(RowLimits.OperationsPerCommit))
        {
            await rows.CommitAsync(Tables.Codes, pool, chunk, cancellation);
        }
    }

    /// <summary>All codes of the pool that customers have, by code, with their orders: two scans side by side, a page of each in memory.</summary>
    public async IAsyncEnumerable<GivenCode> ListAsync(string pool, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var redemptions = rows.ScanPrefixAsync(Tables.Codes, pool, CodeKeys.Redemptions, cancellation).GetAsyncEnumerator(cancellation);
        var more = await redemptions.MoveNextAsync();
        await foreach (var row in rows.ScanPrefixAsync(Tables.Codes, pool, CodeKeys.Owners, cancellation))
        {
            var orders = new List<CodeRedemption>();
            while (more && Compare(redemptions.Current.Key, row.Key) <= 0)
            {
                if (Compare(redemptions.Current.Key, row.Key) == 0)
                {
                    orders.Add(RowCodec.Decode<CodeRedemption>(redemptions.Current.Payload));
                }

                more = await redemptions.MoveNextAsync();
            }

            yield return new GivenCode(RowCodec.Decode<CodeOwner>(row.Payload), orders);
        }
    }

    private static int Compare(string redemption, string owner) => CodeKeys.CodeIn(redemption).CompareTo(CodeKeys.CodeIn(owner), StringComparison.Ordinal);
}
