using System.Globalization;
using System.Text;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;
using Campaigns.Core.Tests.Profiles;
using CsCheck;

namespace Campaigns.Core.Tests.Ingest;

public class ImportLawTests
{
    private const string Header = "order_id,customer_id,ordered_at,sku,quantity,unit_price,discount_amount,updated_at\n";

    private sealed record Line(int Order, int Customer, int Day, string Sku, int Quantity, int Discount)
    {
        public string Csv(string updated = "") => string.Create(
            CultureInfo.InvariantCulture,
            $"o{Order},c{Customer},{OrderGen.Start.AddDays(Day):yyyy-MM-dd},{Sku},{Quantity},2.50,{Discount / 100m:0.00},{updated}\n");
    }

    /// <summary>Orders of one line each, with refunds among them.</summary>
    private static readonly Gen<Line[]> Orders =
        from count in Gen.Int[1, 40]
        from lines in (from customer in Gen.Int[0, 6]
                       from day in Gen.Int[0, 50]
                       from sku in Gen.OneOf("a", "b", "c")
                       from quantity in Gen.Frequency((4, Gen.Int[1, 4]), (1, Gen.Int[-3, -1]))
                       from discount in Gen.Int[0, 30]
                       select new Line(0, customer, day, sku, quantity, discount)).Array[count]
        select lines.Select((l, i) => l with { Order = i }).ToArray();

    [Fact]
    public async Task Any_order_of_arrival_any_batching_duplicates_and_any_number_of_buckets_give_the_same_histories() =>
        await Gen.Select(Orders, Gen.Int[0, 1000], Gen.Int[1, 15]).SampleAsync(async (lines, seed, batch) =>
        {
            await using var all = ImportRig.Create(buckets: 1);
            await all.ImportAsync(Header + string.Concat(lines.Select(l => l.Csv())));
            await using var parts = ImportRig.Create(buckets: 1 + (seed % 16), seed);
            foreach (var chunk in lines.Concat(lines.Take(seed % 5)).ToArray().Shuffled(seed).Chunk(batch))
            {
                var import = await parts.ImportAsync(Header + string.Concat(chunk.DistinctBy(l => l.Order).Select(l => l.Csv())));
                Assert.Equal(JobStatus.Done, import.Status);
            }

            Assert.Equal(await all.HistoriesAsync(), await parts.HistoriesAsync());
        }, iter: 25, threads: 1);

    [Theory]
    [InlineData(16)]
    [InlineData(256)]
    public async Task Summaries_and_histories_are_equal_for_any_number_of_buckets(int buckets)
    {
        var lines = Market(customers: 300, orders: 2_000);
        await using var one = ImportRig.Create(buckets: 1);
        await using var many = ImportRig.Create(buckets);

        var a = await one.ImportAsync(lines);
        var b = await many.ImportAsync(lines);

        Assert.Equal(Counts(a.Summary!), Counts(b.Summary!));
        Assert.Equal(2_000, a.Summary!.New);
        Assert.Equal(await one.HistoriesAsync(), await many.HistoriesAsync());
    }

    [Fact]
    public async Task The_same_file_again_changes_nothing()
    {
        var lines = Market(customers: 50, orders: 3_000);
        await using var rig = ImportRig.Create();
        await rig.ImportAsync(lines);
        var before = await rig.HistoriesAsync();

        var again = (await rig.ImportAsync(lines)).Summary!;

        Assert.Equal((0, 3_000, 0, 0), (again.New, again.Unchanged, again.Replaced, again.Ignored));
        Assert.Equal(before, await rig.HistoriesAsync());
    }

    [Fact]
    public async Task Other_content_replaces_an_order_only_if_it_is_newer()
    {
        await using var rig = ImportRig.Create();
        var line = new Line(1, 1, 0, "a", 1, 0);
        await rig.ImportAsync(Header + line.Csv("2026-01-02"));
        var older = (await rig.ImportAsync(Header + (line with { Quantity = 2 }).Csv("2026-01-01"))).Summary!;
        var newer = (await rig.ImportAsync(Header + (line with { Quantity = 3 }).Csv("2026-01-03"))).Summary!;

        Assert.Equal((1, 0), (older.Ignored, older.Replaced));
        Assert.Equal((0, 1), (newer.Ignored, newer.Replaced));
        Assert.Equal(750, Assert.Single(await rig.RowsAsync<PurchaseHistory>("h|")).SpendMinor);
    }

    [Fact]
    public async Task Parts_that_run_twice_end_in_the_same_state_with_the_same_counts()
    {
        var lines = Market(customers: 20, orders: 3_000); // About 150 orders each: more than one commit holds.
        await using var once = ImportRig.Create();
        var expected = await once.ImportAsync(lines);
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync(lines, new ImportRequest { Id = "x" });
        var head = (await rig.Runner.FindAsync("x", default))!;
        var ingest = rig.Stages[1];

        // Content and runs are gone once the import is complete; with the content there again, parsing makes the runs again, and all parts run once more.
        Assert.Null(await rig.Store.Blobs.OpenAsync(Imports.SourceBlob("x"), default));
        await using (var content = await rig.Store.Blobs.CreateAsync(Imports.SourceBlob("x"), default))
        {
            await content.Stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(lines));
            content.Complete();
        }

        var context = new JobContext(head, await rig.Store.Workspace.SettingsAsync(default), rig.Store.Rows, rig.Store.Blobs);
        await rig.Stages[0].RunAsync(context, 0, default);
        var summary = (await import.Parsed(rig)) with { };
        for (var part = 0; part < context.Bucketing.Count; part++)
        {
            summary = summary.Plus(RowCodec.Decode<ImportSummary>(((PartOutcome.Done)await ingest.RunAsync(context, part, default)).Summary));
        }

        Assert.Equal(Counts(expected.Summary!), Counts(summary));
        Assert.Equal(await once.HistoriesAsync(), await rig.HistoriesAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(40)]
    public async Task An_import_that_is_cut_off_in_the_middle_goes_on_to_the_same_totals(int commits)
    {
        var lines = Market(customers: 200, orders: 4_000);
        await using var once = ImportRig.Create(buckets: 2);
        var expected = await once.ImportAsync(lines);
        await using var rig = ImportRig.Create(buckets: 2);
        var started = await rig.Imports.StartAsync(new ImportRequest { Id = "cut" }, new MemoryStream(Encoding.UTF8.GetBytes(lines)), default);
        var rows = new CuttingRows(rig.Store.Rows, commits);
        var cut = new JobRunner(rows, rig.Store.Blobs, rig.Store.Workspace, TimeProvider.System, rig.Stages, TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<IOException>(() => new JobDriver(cut).RunAsync(started.Messages));

        await rig.Driver.RunAsync(started.Messages);
        await rig.Driver.WakeAsync();

        Assert.Equal(Counts(expected.Summary!), Counts((await rig.Imports.FindAsync("cut", default))!.Summary!));
        Assert.Equal(await once.HistoriesAsync(), await rig.HistoriesAsync());
    }

    private static string Market(int customers, int orders)
    {
        var chance = new Random(7);
        var text = new StringBuilder(Header);
        for (var i = 0; i < orders; i++)
        {
            var line = new Line(i, chance.Next(customers), chance.Next(300), "p" + chance.Next(40), chance.Next(8) == 0 ? -1 : chance.Next(1, 4), chance.Next(20));
            text.Append(line.Csv());
        }

        return text.ToString();
    }

    private static string Counts(ImportSummary s) => string.Create(
        CultureInfo.InvariantCulture,
        $"{s.Rows} {s.Rejected} {s.Orders} {s.Customers} {s.New} {s.Unchanged} {s.Replaced} {s.Ignored} {s.NewCustomers} {s.GrossMinor} {s.RefundMinor} {s.UnmatchedRefundMinor} {s.FirstOrderAt:O} {s.LastOrderAt:O}");

    /// <summary>A store that fails after some commits to customers, as a process that is killed.</summary>
    private sealed class CuttingRows(IRowStore inner, int commits) : IRowStore
    {
        private int left = commits;

        public ValueTask<Row?> GetAsync(string table, string partition, string key, CancellationToken cancellation) => inner.GetAsync(table, partition, key, cancellation);

        public ValueTask<RowPage> RangeAsync(string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation) =>
            inner.RangeAsync(table, partition, from, before, limit, continuation, cancellation);

        public ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellation) =>
            table == Tables.Customers && Interlocked.Decrement(ref left) < 0
                ? throw new IOException("cut off")
                : inner.CommitAsync(table, partition, operations, cancellation);

        public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancellation) => inner.PartitionsAsync(table, cancellation);
    }
}

internal static class ImportProgressExtensions
{
    /// <summary>What the parse of the import found.</summary>
    public static async Task<ImportSummary> Parsed(this ImportProgress import, ImportRig rig) =>
        RowCodec.Decode<ImportSummary>((await JobRows.ResultAsync(rig.Store.Rows, rig.Store.Blobs, import.Id, ParseStep.StageName, default))!.Value);
}
