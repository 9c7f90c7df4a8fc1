using System.Text.Json;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using Campaigns.Core.Tests.Dispatch;
using Campaigns.Core.Tracking;
using CsCheck;

namespace Campaigns.Core.Tests.Tracking;

/// <summary>Touches on a real store: whatever the order, the repeats and how they are put together, the same rows.</summary>
public class TouchStepTests
{
    private const int Customers = 6;

    private static readonly string[] Runs = ["run-a", "run-b"];

    [Fact]
    public void Any_order_any_number_and_any_batches_give_the_same_rows() => Gen.Select(Gen.Int[0, (Customers * 2) - 1], Gen.Int[0, 7], Gen.Int[0, 3])
        .Select(t => new Touch($"{Runs[t.Item1 % 2]}.{DispatchWorld.Key(t.Item1 / 2)}", (TouchKind)t.Item2, DispatchWorld.Start.AddHours(t.Item3)))
        .Array[1, 40]
        .Select(Gen.Int[0, 1_000_000], Gen.Int[1, 60])
        .Sample((touches, seed, size) =>
        {
            var many = touches.Concat(touches).Select((t, i) => (t, Order: StableHash.Of($"{seed}", $"{i}"))).OrderBy(t => t.Order).Select(t => t.t).ToList();
            return RowsAfterAsync(touches.Select(t => new[] { t })).GetAwaiter().GetResult() == RowsAfterAsync(many.Chunk(size)).GetAwaiter().GetResult();
        }, iter: 25);

    [Fact]
    public async Task Reports_of_many_messages_share_commits()
    {
        await using var world = await WorldAsync();
        var rows = new CountedRows(world.Rows);
        var touches = Enumerable.Range(0, Customers).SelectMany(c => Runs.Select(r => new Touch($"{r}.{DispatchWorld.Key(c)}", TouchKind.Delivered, DispatchWorld.Start))).ToList();

        Assert.Equal(new TouchResult(touches.Count, 0), await Step(world, rows).HandleAsync(touches, default));

        Assert.Equal(Runs.Length, rows.Commits); // One customer's two messages stand in two commits.
    }

    [Fact]
    public async Task A_record_that_somebody_changes_meanwhile_is_applied_alone_and_the_others_together()
    {
        await using var world = await WorldAsync();
        var rows = new CountedRows(world.Rows)
        {
            BeforeFirstCommit = async () => await world.Rows.UpdateAsync<AssignmentRow>(
                Tables.Customers, "b000", Tables.Assignment(Runs[0], DispatchWorld.Key(2)), r => r! with { ProviderId = "late" }, default),
        };

        await Step(world, rows).HandleAsync([.. Enumerable.Range(0, Customers).Select(c => new Touch($"{Runs[0]}.{DispatchWorld.Key(c)}", TouchKind.Delivered, DispatchWorld.Start))], default);

        for (var customer = 0; customer < Customers; customer++)
        {
            var row = (await world.Rows.FindAsync<AssignmentRow>(Tables.Customers, "b000", Tables.Assignment(Runs[0], DispatchWorld.Key(customer)), default))!.Value;
            Assert.Equal((SendState.Delivered, customer == 2 ? "late" : null), (row.State, row.ProviderId));
        }
    }

    [Fact]
    public async Task What_was_kept_is_applied_once_the_timer_comes_and_is_gone_then()
    {
        await using var world = await WorldAsync();
        var ids = 0;
        var spool = new TouchSpool(world.Blobs, Step(world, world.Rows), world.Clock, () => $"{ids++}");
        for (var customer = 0; customer < Customers; customer++)
        {
            await spool.KeepAsync([new Touch($"{Runs[1]}.{DispatchWorld.Key(customer)}", TouchKind.Clicked, DispatchWorld.Start)], default);
        }

        await spool.KeepAsync([], default);

        Assert.Equal(Customers, await spool.ApplyAsync((_, error) => throw error, default));
        Assert.Equal(0, await spool.ApplyAsync((_, error) => throw error, default));
        Assert.Equal(DispatchWorld.Start, (await world.Rows.FindAsync<AssignmentRow>(Tables.Customers, "b000", Tables.Assignment(Runs[1], DispatchWorld.Key(3)), default))!.Value.ClickedAt);
    }

    [Fact]
    public async Task A_post_that_cannot_be_applied_is_given_up_and_holds_up_no_other()
    {
        await using var world = await WorldAsync();
        var ids = 0;
        var spool = new TouchSpool(world.Blobs, Step(world, world.Rows), world.Clock, () => $"{ids++}");
        var good = new Touch($"{Runs[0]}.{DispatchWorld.Key(0)}", TouchKind.Delivered, DispatchWorld.Start);
        var bad = new Touch("", TouchKind.Opened, DispatchWorld.Start, Phone: "+447700900123");
        await spool.KeepAsync([bad], default);
        await spool.KeepAsync([good], default);
        var givenUp = new List<Touch>();

        await spool.ApplyAsync(
            (touches, error) =>
            {
                Assert.IsType<InvalidDataException>(error);
                givenUp.AddRange(touches);
                return ValueTask.CompletedTask;
            },
            default);

        Assert.Equal([bad], givenUp);
        Assert.Equal(SendState.Delivered, (await world.Rows.FindAsync<AssignmentRow>(Tables.Customers, "b000", Tables.Assignment(Runs[0], DispatchWorld.Key(0)), default))!.Value.State);
        Assert.Equal(0, await spool.ApplyAsync((_, error) => throw error, default));
    }

    private static TouchStep Step(DispatchWorld world, IRowStore rows) => new(rows, world.Workspace, new NoOutcomes());

    private static async Task<string> RowsAfterAsync(IEnumerable<IReadOnlyList<Touch>> batches)
    {
        await using var world = await WorldAsync();
        foreach (var batch in batches)
        {
            await Step(world, world.Rows).HandleAsync(batch, default);
        }

        var all = new List<object>();
        for (var customer = 0; customer < Customers; customer++)
        {
            all.Add(await world.CustomerAsync(customer));
            foreach (var run in Runs)
            {
                all.Add((await world.Rows.FindAsync<AssignmentRow>(Tables.Customers, "b000", Tables.Assignment(run, DispatchWorld.Key(customer)), default))!.Value);
            }
        }

        return JsonSerializer.Serialize(all);
    }

    private static async Task<DispatchWorld> WorldAsync()
    {
        var world = await DispatchWorld.CreateAsync(Customers);
        for (var customer = 0; customer < Customers; customer++)
        {
            foreach (var run in Runs)
            {
                var row = DispatchWorld.Assignment($"{customer}", Channel.Email, DispatchWorld.Start) with { State = SendState.Accepted, SentAt = DispatchWorld.Start };
                await world.PutAsync(Tables.Customers, "b000", Tables.Assignment(run, DispatchWorld.Key(customer)), row);
            }
        }

        return world;
    }

    private sealed class NoOutcomes : IOutcomeFold
    {
        public Outcome Fold(AssignmentRow row, RunInputs inputs, IReadOnlyList<OrderRow> orders) => row.Outcome;
    }

    private sealed class CountedRows(IRowStore rows) : IRowStore
    {
        public int Commits { get; private set; }

        public Func<Task>? BeforeFirstCommit { get; init; }

        public ValueTask<Row?> GetAsync(string table, string partition, string key, CancellationToken cancellation) => rows.GetAsync(table, partition, key, cancellation);

        public ValueTask<RowPage> RangeAsync(string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation) =>
            rows.RangeAsync(table, partition, from, before, limit, continuation, cancellation);

        public async ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellation)
        {
            if (Commits++ == 0 && BeforeFirstCommit is { } before)
            {
                await before();
            }

            return await rows.CommitAsync(table, partition, operations, cancellation);
        }

        public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancellation) => rows.PartitionsAsync(table, cancellation);
    }
}
