using Azure.Core;
using Azure.Core.Pipeline;
using Campaigns.Azure;
using Campaigns.Core.Storage;

namespace Campaigns.Storage.Tests;

/// <summary>The SDK sends again what it got no answer for. What was done by the first attempt must not look like somebody else's.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class LostAnswerTests(Azurite azurite) : IAsyncLifetime
{
    private readonly LosingTransport transport = new();
    private readonly string table = "t" + Guid.NewGuid().ToString("N");
    private IRowStore? rows;

    public async ValueTask InitializeAsync()
    {
        rows = new AzureStore(new AzureStoreOptions { ConnectionString = await azurite.ConnectionStringAsync(), Transport = transport }).Rows;
        await CommitAsync(new RowOperation.Insert("present", new byte[] { 1 }), new RowOperation.Insert("doomed", new byte[] { 1 }));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task An_insert_of_ours_is_committed_with_the_etags_that_stand()
    {
        transport.LoseNext = true;
        var committed = Assert.IsType<CommitResult.Committed>(await CommitAsync(new RowOperation.Insert("a", new byte[] { 1 }), new RowOperation.Insert("b", new byte[] { 1 })));
        Assert.False(transport.LoseNext);
        Assert.Equal((await GetAsync("a"))!.ETag, committed.ETags[0]);
        Assert.Equal((await GetAsync("b"))!.ETag, committed.ETags[1]);
    }

    [Fact]
    public async Task A_replace_and_a_delete_of_ours_are_committed()
    {
        var present = (await GetAsync("present"))!.ETag;
        var doomed = (await GetAsync("doomed"))!.ETag;
        transport.LoseNext = true;
        var committed = Assert.IsType<CommitResult.Committed>(await CommitAsync(
            new RowOperation.Delete("doomed", doomed), new RowOperation.Replace("present", new byte[] { 2 }, present)));
        Assert.Null(committed.ETags[0]);
        Assert.IsType<CommitResult.Committed>(await CommitAsync(new RowOperation.Replace("present", new byte[] { 3 }, committed.ETags[1]!)));
    }

    [Fact]
    public async Task A_delete_of_ours_alone_is_committed()
    {
        var doomed = (await GetAsync("doomed"))!.ETag;
        transport.LoseNext = true;
        Assert.IsType<CommitResult.Committed>(await CommitAsync(new RowOperation.Delete("doomed", doomed)));
    }

    [Fact]
    public async Task A_real_conflict_stays_one_when_its_answer_is_lost()
    {
        transport.LoseNext = true;
        var conflict = Assert.IsType<CommitResult.Conflict>(await CommitAsync(new RowOperation.Upsert("a", new byte[] { 1 }), new RowOperation.Insert("present", new byte[] { 9 })));
        Assert.Equal(1, conflict.Index);
        Assert.Null(await GetAsync("a"));
    }

    private ValueTask<CommitResult> CommitAsync(params RowOperation[] operations) => rows!.CommitAsync(table, "p", operations, CancellationToken.None);

    private ValueTask<Row?> GetAsync(string key) => rows!.GetAsync(table, "p", key, CancellationToken.None);

    /// <summary>Sends a transaction and then says that the connection broke.</summary>
    private sealed class LosingTransport : HttpPipelineTransport
    {
        private readonly HttpClientTransport inner = new();

        public bool LoseNext { get; set; }

        public override Request CreateRequest() => inner.CreateRequest();

        public override void Process(HttpMessage message) => inner.Process(message);

        public override async ValueTask ProcessAsync(HttpMessage message)
        {
            await inner.ProcessAsync(message);
            if (LoseNext && message.Request.Uri.Path.EndsWith("$batch", StringComparison.Ordinal))
            {
                LoseNext = false;
                throw new IOException("The answer was lost.");
            }
        }
    }
}
