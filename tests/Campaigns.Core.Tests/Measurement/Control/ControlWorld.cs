using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement.Control;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;
using Campaigns.Core.Tests.Planning;

namespace Campaigns.Core.Tests.Measurement.Control;

/// <summary>A store whose customers, orders and assignments are written by hand, and the jobs that measure the global control group.</summary>
internal sealed class ControlWorld : IAsyncDisposable
{
    public static readonly Quarter Second = new(2026, 2);
    public static readonly DateTimeOffset From = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Until = new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly TempStore store;
    private readonly int buckets;

    private ControlWorld(TempStore store, int buckets)
    {
        (this.store, this.buckets) = (store, buckets);
        Jobs = new JobRunner(store.Rows, store.Blobs, store.Workspace, TimeProvider.System, [new ControlCapStep(), new ControlCompareStep()], TimeSpan.FromSeconds(30));
        Measure = new ControlMeasure(store.Rows, Jobs, store.Workspace, TimeProvider.System);
    }

    public JobRunner Jobs { get; }

    public ControlMeasure Measure { get; }

    /// <summary>In UTC, with the share set in March: it holds from the second quarter on.</summary>
    public static async Task<ControlWorld> CreateAsync(int buckets = 4, double share = 0.2, double? margin = 0.5)
    {
        var world = new ControlWorld(TempStore.Create(buckets), buckets);
        await world.store.Workspace.ChangeAsync(
            s => ControlGroup.Set(s with { Salt = PlanWorld.Salt, TimeZone = "UTC", MarginShare = margin }, share, new DateTimeOffset(2026, 3, 5, 0, 0, 0, TimeSpan.Zero)), default);
        return world;
    }

    public static CustomerKey Key(string id) => CustomerKey.Of(PlanWorld.Salt, id);

    public static bool InGroup(string id, double share = 0.2) =>
        new ControlGroup(Second.Index, (int)(share * StableHash.Million)).Holds(Convert.ToHexStringLower(PlanWorld.Salt), Key(id));

    /// <summary>A customer with orders; <paramref name="createdAt"/> null = no customer row.</summary>
    public async Task AddAsync(string id, DateTimeOffset? createdAt, params OrderRow[] orders)
    {
        var operations = new List<RowOperation>();
        if (createdAt is { } at)
        {
            operations.Add(new RowOperation.Upsert(Tables.Customer(Key(id)), RowCodec.Encode(new CustomerRow { CustomerId = id, CreatedAt = at })));
        }

        if (orders.Length > 0)
        {
            operations.Add(new RowOperation.Upsert(Tables.History(Key(id)), RowCodec.Encode(new HistoryBuilder().Refold(id, orders))));
        }

        operations.AddRange(orders.Select(o => new RowOperation.Upsert(Tables.Order(Key(id), o.OrderId), RowCodec.Encode(o with { CustomerId = id }))));
        await CommitAsync(id, operations);
    }

    /// <summary>An order of a price in minor units; a negative quantity is a refund.</summary>
    public static OrderRow Order(string id, DateTimeOffset at, long priceMinor, int quantity = 1, long discountMinor = 0) => new()
    {
        OrderId = id,
        CustomerId = "",
        OrderedAt = at,
        RevisedAt = at,
        Event = OrderRow.OrderEvent,
        Lines = [new OrderLine("sku", quantity, priceMinor * Money.UnitPriceScale, discountMinor)],
    };

    /// <summary>A message of a send, with what it cost.</summary>
    public Task AssignAsync(string id, string run, DateTimeOffset at, long sendCostMicros, long benefitMinor = 0) => CommitAsync(id,
    [
        new RowOperation.Upsert(Tables.Assignment(run, Key(id)), RowCodec.Encode(OutcomesTests.Assigned(at: at) with
        {
            CustomerId = id,
            SendCostMicros = sendCostMicros,
            Outcome = default(Outcome) with { BenefitMinor = benefitMinor },
        })),
        new RowOperation.Upsert(Tables.RunOf(Key(id), run), RowCodec.Encode(new RunIndexRow { AssignedAt = at, WindowEnd = at.AddDays(30) })),
    ]);

    public async Task<ControlReport?> MeasureAsync(DateTimeOffset at, bool again = true, int? seed = null)
    {
        await new JobDriver(Jobs, seed).RunAsync(await Measure.StartAsync(at, again, default));
        return await Measure.FindAsync(Second, default);
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private async Task CommitAsync(string id, IReadOnlyList<RowOperation> operations) =>
        Assert.IsType<CommitResult.Committed>(await store.Rows.CommitAsync(Tables.Customers, new Bucketing(buckets).PartitionOf(Key(id)), operations, default));
}
