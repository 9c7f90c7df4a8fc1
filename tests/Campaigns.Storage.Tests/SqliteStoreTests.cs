using Campaigns.Core.Storage;
using Campaigns.Sqlite;

namespace Campaigns.Storage.Tests;

/// <summary>What only the embedded store promises: one file, several stores and processes, any of which may be killed.</summary>
public sealed class SqliteStoreTests
{
    private const string Variable = "CAMPAIGNS_TEST_STORE";

    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public async Task Two_stores_on_one_file_see_each_other_and_never_give_the_same_etag()
    {
        await using var first = TempStore.Create();
        await using var second = new SqliteStore(new SqliteStoreOptions { Path = first.Path, SurvivesPowerCut = false }, TimeProvider.System);
        var etags = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            var rows = i % 2 == 0 ? first.Rows : second.Rows;
            var committed = (CommitResult.Committed)await rows.CommitAsync("shared", $"p{i % 3}", [new RowOperation.Insert($"k{i}", new byte[] { 1 }), new RowOperation.Upsert("all", new byte[] { 1 })], Never);
            Assert.NotNull(await (i % 2 == 0 ? second.Rows : first.Rows).GetAsync("shared", $"p{i % 3}", $"k{i}", Never));
            return committed.ETags;
        })));
        Assert.Equal(400, etags.SelectMany(e => e).Distinct().Count());

        await first.Queues.SendAsync("shared", "x", TimeSpan.Zero, Never);
        Assert.Single(await second.Queues.ReceiveAsync("shared", 1, TimeSpan.FromMinutes(1), Never));
        Assert.Empty(await first.Queues.ReceiveAsync("shared", 1, TimeSpan.FromMinutes(1), Never));
    }

    [Fact]
    public async Task What_was_acknowledged_survives_a_kill_and_nothing_half_done_does()
    {
        using var folder = new Folder();
        var file = Path.Combine(folder.Name, "store.db");
        var log = file + ".log";
        await using (var own = new SqliteStore(new SqliteStoreOptions { Path = file }, TimeProvider.System))
        {
            await using (var child = ChildProcess.Start(
                Environment.ProcessPath!,
                [.. Self(), "-method", $"{typeof(SqliteStoreTests).FullName}.{nameof(Writes_until_it_is_killed)}", "-explicit", "only"],
                environment: new Dictionary<string, string?> { [Variable] = file }))
            {
                // Both processes write until the child has done its share, and then it dies in the middle of the next.
                var commit = 0;
                await child.WaitUntilAsync(
                    async () =>
                    {
                        await CommitAsync(own.Rows, "own", commit++);
                        return File.Exists(log) && new FileInfo(log).Length > 2_000;
                    },
                    TimeSpan.FromSeconds(60));
            }

            await CheckAsync(own, await File.ReadAllLinesAsync(log));
        }

        await using var reopened = new SqliteStore(new SqliteStoreOptions { Path = file }, TimeProvider.System);
        await CheckAsync(reopened, await File.ReadAllLinesAsync(log));
        var fresh = (CommitResult.Committed)await reopened.Rows.CommitAsync("kill", "fresh", [new RowOperation.Insert("a", new byte[] { 1 })], Never);
        Assert.DoesNotContain(fresh.ETags[0], (await RowsAsync(reopened.Rows)).Select(r => r.ETag));
    }

    /// <summary>Runs only in the child process of the test above.</summary>
    [Fact(Explicit = true)]
    public async Task Writes_until_it_is_killed()
    {
        var file = Environment.GetEnvironmentVariable(Variable)!;
        await using var store = new SqliteStore(new SqliteStoreOptions { Path = file }, TimeProvider.System);
        await using var blob = await store.Blobs.CreateAsync("never-whole", Never);
        using var log = new FileStream(file + ".log", FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var commit = 0; ; commit++)
            {
                await CommitAsync(store.Rows, $"w{writer}", commit);
                lock (log)
                {
                    log.Write(System.Text.Encoding.ASCII.GetBytes($"w{writer}|{commit:000000}\n"));
                }

                if (writer == 0)
                {
                    await blob.Stream.WriteAsync(new byte[100_000]);
                }
            }
        })));
    }

    [Fact]
    public async Task A_file_that_is_no_store_is_refused_with_a_sentence()
    {
        using var folder = new Folder();
        var file = Path.Combine(folder.Name, "notes.txt");
        await File.WriteAllTextAsync(file, new string('x', 5_000));
        Assert.Contains("no Campaigns store", Assert.Throws<IOException>(() => new SqliteStore(new SqliteStoreOptions { Path = file }, TimeProvider.System)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        var store = TempStore.Create();
        await store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.Rows.GetAsync("table", "p", "k", Never));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.Rows.CommitAsync("table", "p", [new RowOperation.Delete("k")], Never));
    }

    [Fact]
    public async Task Leftovers_of_a_dead_blob_writer_are_swept_when_the_store_is_opened_hours_later()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var store = TempStore.Create(time: time);
        var writer = await store.Blobs.CreateAsync("a", Never);
        await writer.Stream.WriteAsync(new byte[3 << 20]);
        time.Advance(TimeSpan.FromHours(1));
        await using (new SqliteStore(new SqliteStoreOptions { Path = store.Path, SurvivesPowerCut = false }, time))
        {
            // An hour is no reason to take a writer for dead.
            await writer.Stream.WriteAsync(new byte[1 << 20]);
        }

        time.Advance(TimeSpan.FromHours(7));
        await using (new SqliteStore(new SqliteStoreOptions { Path = store.Path, SurvivesPowerCut = false }, time))
        {
            writer.Complete();
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.DisposeAsync());
            Assert.Null(await store.Blobs.OpenAsync("a", Never));
        }
    }

    private static async Task CommitAsync(IRowStore rows, string writer, int commit) =>
        Assert.IsType<CommitResult.Committed>(await rows.CommitAsync(
            "kill", "p", [.. Enumerable.Range(0, 3).Select(i => new RowOperation.Insert($"{writer}|{commit:000000}|{i}", new byte[300]))], Never));

    private static async Task CheckAsync(SqliteStore store, string[] acknowledged)
    {
        var rows = await RowsAsync(store.Rows);
        var commits = rows.GroupBy(r => r.Key[..^2], StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        // The last line may be cut.
        Assert.All(acknowledged.Where(line => line.Length == 9), line => Assert.Equal(3, commits.GetValueOrDefault(line)));
        Assert.All(commits.Values, count => Assert.Equal(3, count));
        Assert.Equal(rows.Count, rows.DistinctBy(r => r.ETag).Count());
        Assert.Null(await store.Blobs.OpenAsync("never-whole", Never));
    }

    private static async Task<List<Row>> RowsAsync(IRowStore store)
    {
        var rows = new List<Row>();
        await foreach (var row in store.ScanPrefixAsync("kill", "p", "w"))
        {
            rows.Add(row);
        }

        await foreach (var row in store.ScanPrefixAsync("kill", "p", "o"))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>This test program, as another process runs it: by its own executable, or by dotnet.</summary>
    private static string[] Self() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? ["exec", typeof(SqliteStoreTests).Assembly.Location] : [];

    private sealed class Folder : IDisposable
    {
        public string Name { get; } = Directory.CreateTempSubdirectory("campaigns-test-").FullName;

        public void Dispose() => Directory.Delete(Name, recursive: true);
    }
}
