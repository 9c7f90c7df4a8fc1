using System.Runtime.CompilerServices;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Offers.Codes;

/// <summary>Codes that a variant of a run needs.</summary>
public sealed record CodeNeed(string Pool, string Treatment, int Count);

/// <summary>What became of reserving a run's codes.</summary>
public abstract record CodeGrant
{
    private CodeGrant()
    {
    }

    /// <summary>The codes are the run's: a range for each need, in their order.</summary>
    public sealed record Granted(IReadOnlyList<CodeReservation> Ranges) : CodeGrant;

    /// <summary>Nothing is reserved; what is missing, and what to do.</summary>
    public sealed record TooFew(string Reason) : CodeGrant;
}

/// <summary>The pools of single-use codes: what is there, what belongs to which run. Table codes: see <see cref="CodeKeys"/>.</summary>
public sealed class CodePools(IRowStore rows)
{
    /// <summary>Tries to reserve while others upload or reserve.</summary>
    private const int MaxAttempts = 50;

    /// <summary>All pools by id.</summary>
    public async ValueTask<IReadOnlyList<CodePool>> ListAsync(CancellationToken cancellation)
    {
        var pools = new List<CodePool>();
        await foreach (var row in rows.ScanPrefixAsync(Tables.Codes, Tables.All, CodeKeys.Pools, cancellation))
        {
            pools.Add(RowCodec.Decode<CodePool>(row.Payload));
        }

        return pools;
    }

    /// <summary>The pool, or null.</summary>
    public async ValueTask<CodePool?> FindAsync(string pool, CancellationToken cancellation) =>
        CodePool.IsId(pool) ? (await rows.FindAsync<CodePool>(Tables.Codes, Tables.All, CodeKeys.Pool(pool), cancellation))?.Value : null;

    /// <summary>What of the pool belongs to runs, in the order of the codes.</summary>
    public async ValueTask<IReadOnlyList<CodeReservation>> ReservationsAsync(string pool, CancellationToken cancellation)
    {
        var found = new List<CodeReservation>();
        await foreach (var row in rows.ScanPrefixAsync(Tables.Codes, Tables.All, CodeKeys.Reservations(pool), cancellation))
        {
            found.Add(RowCodec.Decode<CodeReservation>(row.Payload));
        }

        return [.. found.OrderBy(r => r.First).ThenBy(r => r.Run, StringComparer.Ordinal).ThenBy(r => r.Treatment, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Reserves the codes of a run, all of its needs or none, in one commit: two runs never get the same code. Again for the
    /// same run it gives the same ranges. A need of 0 gets an empty range.
    /// </summary>
    public async ValueTask<CodeGrant> ReserveAsync(string campaign, string run, IReadOnlyList<CodeNeed> needs, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await GrantedAsync(run, needs, cancellation) is { } granted)
            {
                return granted;
            }

            var pools = new Dictionary<string, Stored<CodePool>>(StringComparer.Ordinal);
            foreach (var pool in needs.Select(n => n.Pool).Distinct(StringComparer.Ordinal))
            {
                if (await rows.FindAsync<CodePool>(Tables.Codes, Tables.All, CodeKeys.Pool(pool), cancellation) is { } found)
                {
                    pools.Add(pool, found);
                }
            }

            if (Shortage(needs, pools.GetValueOrDefault) is { } reason)
            {
                return new CodeGrant.TooFew(reason);
            }

            var (ranges, operations) = Deal(campaign, run, needs, pools);
            if (await rows.CommitAsync(Tables.Codes, Tables.All, operations, cancellation) is CommitResult.Committed)
            {
                return new CodeGrant.Granted(ranges);
            }
        }

        throw new IOException($"The pools of run {run} were changed by others {MaxAttempts} times in a row; try again.");
    }

    /// <summary>What is missing for the needs, in a sentence with what to do; null where there is enough.</summary>
    public async ValueTask<string?> ShortageAsync(IReadOnlyList<CodeNeed> needs, CancellationToken cancellation)
    {
        if (needs.Count == 0)
        {
            return null;
        }

        var pools = (await ListAsync(cancellation)).ToDictionary(p => p.Id, p => new Stored<CodePool>("", "", p), StringComparer.Ordinal);
        return Shortage(needs, pools.GetValueOrDefault);
    }

    /// <summary>Which of the pools has nothing to give, in a sentence with what to do; null where each has a free code.</summary>
    public async ValueTask<string?> EmptyAsync(IEnumerable<string> pools, CancellationToken cancellation)
    {
        foreach (var pool in pools.Distinct(StringComparer.Ordinal))
        {
            if (await FindAsync(pool, cancellation) is not { } found)
            {
                return NoPool(pool);
            }

            if (found.Free == 0)
            {
                return $"The pool of codes '{pool}' has no free code left: upload more, then launch again.";
            }
        }

        return null;
    }

    /// <summary>Codes of the pool from a position on, at most <paramref name="count"/>; fewer where the pool ends.</summary>
    public async IAsyncEnumerable<string> CodesAsync(string pool, int first, int count, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var end = (long)first + count;
        // The page with the first one begins at most a page before it.
        var from = CodeKeys.Page(pool, Math.Max(0, first - CodePage.Size + 1));
        await foreach (var row in rows.ScanAsync(Tables.Codes, Tables.All, from, CodeKeys.Page(pool, (int)Math.Min(end, int.MaxValue)), cancellation))
        {
            var page = RowCodec.Decode<CodePage>(row.Payload);
            for (var i = Math.Max(0, first - page.First); i < page.Codes.Length && page.First + i < end; i++)
            {
                yield return page.Codes[i];
            }
        }
    }

    private static string NoPool(string pool) => $"There is no pool of codes '{pool}': upload codes to it, or choose another in the offer.";

    private async ValueTask<CodeGrant.Granted?> GrantedAsync(string run, IReadOnlyList<CodeNeed> needs, CancellationToken cancellation)
    {
        var ranges = new List<CodeReservation>();
        foreach (var need in needs)
        {
            if (await rows.FindAsync<CodeReservation>(Tables.Codes, Tables.All, CodeKeys.Reservation(need.Pool, run, need.Treatment), cancellation) is not { } found)
            {
                return null; // All or none: one commit wrote them.
            }

            ranges.Add(found.Value);
        }

        return new CodeGrant.Granted(ranges);
    }

    private static string? Shortage(IReadOnlyList<CodeNeed> needs, Func<string, Stored<CodePool>?> find)
    {
        foreach (var pool in needs.GroupBy(n => n.Pool, StringComparer.Ordinal))
        {
            var (needed, free) = (pool.Sum(n => (long)n.Count), find(pool.Key)?.Value.Free);
            if (free is null)
            {
                return NoPool(pool.Key);
            }

            if (needed > free)
            {
                return FormattableString.Invariant(
                    $"The pool of codes '{pool.Key}' has {free:N0} free codes, and this send needs {needed:N0}: upload {needed - free:N0} more, then launch again.");
            }
        }

        return null;
    }

    private static (List<CodeReservation> Ranges, List<RowOperation> Operations) Deal(
        string campaign, string run, IReadOnlyList<CodeNeed> needs, Dictionary<string, Stored<CodePool>> pools)
    {
        var ranges = new List<CodeReservation>();
        var operations = new List<RowOperation>();
        foreach (var need in needs)
        {
            var pool = pools[need.Pool];
            var range = new CodeReservation { Pool = need.Pool, Campaign = campaign, Run = run, Treatment = need.Treatment, First = pool.Value.Reserved, Count = need.Count };
            ranges.Add(range);
            operations.Add(new RowOperation.Insert(CodeKeys.Reservation(need.Pool, run, need.Treatment), RowCodec.Encode(range)));
            pools[need.Pool] = pool with { Value = pool.Value with { Reserved = pool.Value.Reserved + need.Count } };
        }

        operations.AddRange(pools.Values.Select(p => new RowOperation.Replace(p.Key, RowCodec.Encode(p.Value), p.ETag)));
        return (ranges, operations);
    }
}
