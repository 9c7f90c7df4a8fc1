using System.Runtime.CompilerServices;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Measurement.Replay;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Measurement;

/// <summary>A run of 40 customers in a real store, every fifth held out, and orders that land one by one with their folds.</summary>
internal sealed class StoredRun : IAsyncDisposable
{
    public const int Customers = 40;
    public const string Run = "run-1";
    public static readonly DateTimeOffset At = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    private readonly TempStore store;
    private readonly WorkspaceSettings settings;
    private readonly OutcomeFold fold;

    private StoredRun(TempStore store, WorkspaceSettings settings)
    {
        (this.store, this.settings) = (store, settings);
        Runs = new MeasuredRuns(new Runs(store.Rows, store.Blobs, store.Workspace));
        fold = new OutcomeFold(Runs, store.Workspace, new Outcomes());
        Recount = new Recount(store.Rows, Runs, store.Workspace, new Outcomes());
        Jobs = new JobRunner(
            store.Rows, store.Blobs, store.Workspace, TimeProvider.System, [new MeasureStep(Runs, Recount), new PublishStep(Runs, store.Workspace)], TimeSpan.FromSeconds(30));
    }

    public MeasuredRuns Runs { get; }

    public Recount Recount { get; }

    public JobRunner Jobs { get; }

    public ValueTask<RunSpend?> SpendAsync() => RunSpend.FindAsync(store.Rows, Run, default);

    public StoredDecisions Decisions => new(store.Rows, store.Workspace);

    public static async Task<StoredRun> CreateAsync(int buckets, long? budgetMicros = null)
    {
        var temporary = TempStore.Create(buckets);
        var run = new StoredRun(temporary, await temporary.Workspace.SettingsAsync(default));
        await temporary.Workspace.SetNowAsync(At, default);
        var inputs = OutcomesTests.Run(at: At) with { BudgetMicros = budgetMicros };
        var head = new JobHead { Job = Run, Kind = RunInputs.JobKind, AsOf = At, CreatedAt = At, Inputs = RowCodec.Encode(inputs).ToArray() };
        await temporary.Rows.CommitAsync(Tables.Work, Run, [new RowOperation.Insert(JobRows.Head, RowCodec.Encode(head))], default);
        await new Runs(temporary.Rows, temporary.Blobs, temporary.Workspace).RecordAsync(new FrozenRun(head, inputs), default);
        for (var i = 0; i < Customers; i++)
        {
            var row = OutcomesTests.Assigned(heldOut: i % 5 == 0, at: At) with { CustomerId = Id(i), Segment = i % 2 == 0 ? "at-risk" : "lost" };
            await temporary.Rows.CommitAsync(
                Tables.Customers,
                run.Partition(i),
                [
                    new RowOperation.Insert(Tables.Assignment(Run, run.Key(i)), RowCodec.Encode(row)),
                    new RowOperation.Insert(Tables.RunOf(run.Key(i), Run), ReadOnlyMemory<byte>.Empty),
                ],
                default);
        }

        return run;
    }

    public static string Id(int customer) => "customer " + customer;

    public CustomerKey Key(int customer) => CustomerKey.Of(settings.Salt, Id(customer));

    public Task SetNowAsync(DateTimeOffset now) => store.Workspace.SetNowAsync(now, default).AsTask();

    /// <summary>An order lands as ingest does it: the order and what its folds give, in one commit.</summary>
    /// <param name="customer">Customer.</param>
    /// <param name="order">Order.</param>
    /// <param name="outcomes">False leaves the outcome as it is, as for an order that lands while the run is being planned.</param>
    public async Task LandAsync(int customer, OrderRow order, bool outcomes = true)
    {
        var change = new StoredChange(store.Rows, Partition(customer), Key(customer), Id(customer), order with { CustomerId = Id(customer) });
        var operations = new List<RowOperation> { new RowOperation.Insert(Tables.Order(Key(customer), order.OrderId), RowCodec.Encode(change.Changed[0])) };
        ICustomerFold[] folds = outcomes ? [new HistoryFold(), fold] : [new HistoryFold()];
        foreach (var each in folds)
        {
            await each.BeginAsync(default);
            operations.AddRange(await each.FoldAsync(change, default));
        }

        Assert.IsType<CommitResult.Committed>(await store.Rows.CommitAsync(Tables.Customers, Partition(customer), operations, default));
    }

    public async Task<Outcome> OutcomeAsync(int customer) =>
        (await store.Rows.FindAsync<AssignmentRow>(Tables.Customers, Partition(customer), Tables.Assignment(Run, Key(customer)), default))!.Value.Outcome;

    public async Task<KpiReport> MeasureAsync(DateTimeOffset asOf, int? seed = null)
    {
        var measure = new Measure(store.Rows, Jobs, Runs, store.Workspace, TimeProvider.System);
        await new JobDriver(Jobs, seed).RunAsync(await measure.StartAsync(asOf, "", default));
        return (await new Kpis(store.Rows, store.Blobs, store.Workspace).LatestAsync(default))!;
    }

    public async Task<RecountReport> RecountAsync() => (await Recount.RunAsync(Run, default))!;

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private string Partition(int customer) => new Bucketing(settings.Buckets).PartitionOf(Key(customer));

    private sealed class StoredChange(IRowStore rows, string partition, CustomerKey key, string id, OrderRow order) : CustomerChange
    {
        public override string Partition => partition;

        public override CustomerKey Key => key;

        public override string CustomerId => id;

        public override CustomerRow? Customer => null;

        public override IReadOnlyList<OrderRow> Changed { get; } = [order];

        public override bool Replaces => false;

        public override async ValueTask<IReadOnlyList<OrderRow>> AllOrdersAsync(CancellationToken cancellation)
        {
            var all = new List<OrderRow>(Changed);
            await foreach (var row in RowsAsync(Tables.Orders(key), cancellation))
            {
                all.Add(RowCodec.Decode<OrderRow>(row.Payload));
            }

            all.Sort(NetOrders.Compare);
            return all;
        }

        public override ValueTask<Row?> RowAsync(string rowKey, CancellationToken cancellation) =>
            rows.GetAsync(Tables.Customers, partition, rowKey, cancellation);

        public override async IAsyncEnumerable<Row> RowsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
        {
            await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, partition, prefix, cancellation))
            {
                yield return row;
            }
        }
    }
}
