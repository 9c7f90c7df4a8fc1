using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Storage.Tests.Codes;

/// <summary>Runs that deal codes: nobody's code is anybody else's, whatever happens at the same time. On every adapter.</summary>
public abstract class CodedRunContract
{
    private const int Customers = 400;
    private const int Buckets = 4;

    protected abstract Task<(IRowStore Rows, IBlobStore Blobs)> OpenAsync();

    private async Task<CodedShop> ShopAsync(int codes, int customers = Customers)
    {
        var (rows, blobs) = await OpenAsync();
        var shop = new CodedShop(rows, blobs);
        await shop.OpenAsync(customers, Buckets);
        Assert.Equal(codes, (await shop.UploadAsync("spring", codes)).Added);
        return shop;
    }

    private static async Task<List<string>> CodesAsync(CodedShop shop, params JobHead[] heads)
    {
        var codes = new List<string>();
        foreach (var head in heads)
        {
            foreach (var (key, row) in await shop.RowsAsync(head.Job))
            {
                Assert.Equal(!row.HeldOut && row.Treatment != "plain", row.Code is not null);
                if (row.Code is { } code)
                {
                    codes.Add(code);
                    var owner = await shop.Owners.FindAsync("spring", code, CancellationToken.None);
                    Assert.Equal((key, row.CustomerId, head.Job), (owner?.Customer, owner?.CustomerId, owner?.Run));
                }
            }
        }

        Assert.NotEmpty(codes);
        Assert.Equal(codes.Count, codes.Distinct().Count());
        return codes;
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 6)]
    public async Task Two_runs_planned_at_once_from_one_pool_never_share_a_code(int seed, int parallel)
    {
        var shop = await ShopAsync(Customers);
        var (loyal, risk) = (await shop.CreateAsync(CodedShop.Campaign("a", SegmentNames.Loyal, "spring")), await shop.CreateAsync(CodedShop.Campaign("b", SegmentNames.AtRisk, "spring")));
        await shop.PlanAsync(seed, parallel, loyal, risk);
        var codes = await CodesAsync(shop, loyal, risk);

        // The pool's first codes, each once, and as many as it says are reserved.
        Assert.Equal(Enumerable.Range(0, codes.Count).Select(i => $"C{i:D5}"), codes.Order(StringComparer.Ordinal));
        Assert.Equal(codes.Count, (await shop.Pools.FindAsync("spring", CancellationToken.None))!.Reserved);
        var ranges = await shop.Pools.ReservationsAsync("spring", CancellationToken.None);
        Assert.Equal(4, ranges.Count);
        Assert.Equal(codes.Count, ranges.Sum(r => r.Count));
    }

    [Fact]
    public async Task A_run_that_is_killed_and_repeated_deals_the_same_codes()
    {
        var shop = await ShopAsync(Customers);
        var head = await shop.CreateAsync(CodedShop.Campaign("a", SegmentNames.Loyal, "spring"));
        await shop.PlanAsync(1, 3, head);
        var before = (await shop.RowsAsync(head.Job)).Select(r => (r.Key, r.Value.Code)).ToList();
        await shop.ForgetAsync(head);
        await shop.PlanAsync(2, 3, head);
        Assert.Equal(before, (await shop.RowsAsync(head.Job)).Select(r => (r.Key, r.Value.Code)));
        await CodesAsync(shop, head);
        Assert.Equal(before.Count(b => b.Code is not null), (await shop.Pools.FindAsync("spring", CancellationToken.None))!.Reserved);
    }

    [Fact]
    public async Task Many_at_work_on_one_part_deal_each_code_once()
    {
        var shop = await ShopAsync(Customers);
        var head = await shop.CreateAsync(CodedShop.Campaign("a", SegmentNames.Loyal, "spring"));
        var other = await shop.CreateAsync(CodedShop.Campaign("b", SegmentNames.AtRisk, "spring"));
        await shop.PlanAsync(1, 1, head, other);
        var planned = (await shop.RowsAsync(head.Job)).Select(r => (r.Key, r.Value.HeldOut)).ToList();
        var dealt = (await CodesAsync(shop, head, other)).Order(StringComparer.Ordinal).ToList();

        // The run anew, as if none of its parts had got to write anything, by three at once.
        await shop.UndoAsync(head.Job);
        var plans = await Task.WhenAll(Enumerable.Range(0, 3 * Buckets).Select(i => Task.Run(() => shop.AssignAsync(head, i % Buckets))));
        Assert.Equal(planned, (await shop.RowsAsync(head.Job)).Select(r => (r.Key, r.Value.HeldOut)));
        Assert.Equal(dealt, (await CodesAsync(shop, head, other)).Order(StringComparer.Ordinal));
        Assert.All(plans.Index().GroupBy(p => p.Index % Buckets), part => Assert.Single(part.Select(p => (p.Item.Treated, p.Item.HeldOut, p.Item.SkippedCustomers)).Distinct()));
    }

    [Fact]
    public async Task Files_that_overlap_and_come_at_once_add_each_code_once_and_again_nothing()
    {
        var shop = await ShopAsync(codes: 10, customers: 0);
        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => shop.UploadAsync("spring", 500, from: 250 * i))));
        Assert.All(results, r => Assert.Equal((500, 0, null), (r.Added + r.Unchanged, r.Rejected, r.Problem)));
        Assert.Equal(1_750, (await shop.Pools.FindAsync("spring", CancellationToken.None))!.Codes);
        var codes = await shop.Pools.CodesAsync("spring", 0, int.MaxValue, CancellationToken.None).ToListAsync();
        Assert.Equal(Enumerable.Range(0, 1_750).Select(i => $"C{i:D5}"), codes.Order(StringComparer.Ordinal));

        var again = await shop.UploadAsync("spring", 1_750);
        Assert.Equal((0, 1_750, 0), (again.Added, again.Unchanged, again.Rejected));
        var elsewhere = await shop.UploadAsync("autumn", 10);
        Assert.Equal((0, 10, "in another pool already"), (elsewhere.Added, elsewhere.Rejected, elsewhere.Rejects[0].Reason));
    }

    [Fact]
    public async Task Too_few_codes_refuse_the_run_before_anybody_is_assigned_and_say_how_many_are_missing()
    {
        var shop = await ShopAsync(codes: 20);
        var head = await shop.CreateAsync(CodedShop.Campaign("a", SegmentNames.Loyal, "spring"));
        await shop.PlanAsync(1, 2, head);
        var stands = await shop.Runner.FindAsync(head.Job, CancellationToken.None);
        Assert.Equal(JobStatus.Failed, stands!.Status);
        Assert.Matches(@"^The pool of codes 'spring' has 20 free codes, and this send needs \d+: upload \d+ more, then launch again\.$", stands.Problem);
        Assert.Equal(stands.Problem, (await shop.CampaignAsync("a")).LaunchProblem);
        Assert.Empty(await shop.RowsAsync(head.Job));
        Assert.Equal(20, (await shop.Pools.FindAsync("spring", CancellationToken.None))!.Free);
    }
}

public sealed class SqliteCodedRunTests : CodedRunContract, IAsyncDisposable
{
    private readonly TempStore store = TempStore.Create(4);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    protected override Task<(IRowStore Rows, IBlobStore Blobs)> OpenAsync() => Task.FromResult((store.Rows, store.Blobs));
}

/// <summary>Each test has an emulator of its own: they all use the same tables.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class AzureCodedRunTests : CodedRunContract, IAsyncDisposable
{
    private AzuriteServer? server;

    public async ValueTask DisposeAsync() => await (server?.DisposeAsync() ?? ValueTask.CompletedTask);

    protected override async Task<(IRowStore Rows, IBlobStore Blobs)> OpenAsync()
    {
        server = await AzuriteServer.StartAsync();
        var store = new Azure.AzureStore(new Azure.AzureStoreOptions { ConnectionString = server.ConnectionString });
        return (store.Rows, store.Blobs);
    }
}
