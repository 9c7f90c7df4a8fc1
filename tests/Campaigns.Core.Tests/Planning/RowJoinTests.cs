using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;
using Campaigns.Testing;
using CsCheck;

namespace Campaigns.Core.Tests.Planning;

public class RowJoinTests
{
    /// <summary>Rows of one customer in twenty, or of all, and some that wanted customers do not have: every row that is wanted comes, and once.</summary>
    [Fact]
    public async Task Every_row_of_the_wanted_customers_comes_once_however_far_apart_they_stand()
    {
        await using var store = TempStore.Create(1, TimeProvider.System, 1);
        var keys = Enumerable.Range(0, 3_000).Select(i => CustomerKey.Of("salt"u8, $"{i}")).Order().ToList();
        foreach (var chunk in keys.SelectMany((k, i) => Enumerable.Range(0, (i % 3) + 1).Select(n => "o|" + k.Text + "|" + n)).Chunk(RowLimits.OperationsPerCommit))
        {
            await store.Rows.CommitAsync(Tables.Customers, "b000", [.. chunk.Select(k => new RowOperation.Insert(k, RowCodec.Encode(new PurchaseHistory { CustomerId = k })))], default);
        }

        var wanted = from share in Gen.OneOf(.002, .05, .3, 1.0) from seed in Gen.Int from clumped in Gen.Bool select Chosen(keys, share, seed, clumped);
        await wanted.SampleAsync(
            async some =>
            {
                var missing = CustomerKey.Of("salt"u8, "nobody");
                var asked = some.Append(missing).Order().ToList();
                var (found, read) = (new List<string>(), new CountedReads(store.Rows));
                await foreach (var row in RowJoin.RowsAsync(read, "b000", "o|", asked, default))
                {
                    found.Add(row.Key);
                }

                Assert.Equal(found.Count, found.Distinct().Count());
                var set = some.ToHashSet();
                Assert.Equal(some.Sum(k => (keys.IndexOf(k) % 3) + 1), found.Count(k => set.Contains(new CustomerKey(k[2..(2 + CustomerKey.Length)]))));
                // Never more reads than customers, but for the page that a customer's rows may straddle.
                Assert.InRange(read.Count, 1, (2 * asked.Count) + 1);
                if (some.Count == keys.Count)
                {
                    Assert.InRange(read.Count, 1, 7); // 6,000 rows in pages of 1,000.
                }
            },
            iter: 40);
    }

    private static List<CustomerKey> Chosen(List<CustomerKey> keys, double share, int seed, bool clumped)
    {
        var chance = new Random(seed);
        var from = clumped ? chance.Next(keys.Count / 2) : 0;
        return [.. keys.Skip(from).Take(clumped ? keys.Count / 3 : keys.Count).Where(_ => chance.NextDouble() < share)];
    }

    private sealed class CountedReads(IRowStore rows) : IRowStore
    {
        public int Count { get; private set; }

        public ValueTask<Row?> GetAsync(string table, string partition, string key, CancellationToken cancellation) => rows.GetAsync(table, partition, key, cancellation);

        public ValueTask<RowPage> RangeAsync(string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation)
        {
            Count++;
            return rows.RangeAsync(table, partition, from, before, limit, continuation, cancellation);
        }

        public ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellation) =>
            rows.CommitAsync(table, partition, operations, cancellation);

        public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancellation) => rows.PartitionsAsync(table, cancellation);
    }
}
