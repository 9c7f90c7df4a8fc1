using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using Campaigns.Core.Storage;

namespace Campaigns.Azure.Tables;

/// <summary>The row port on Azure Tables. Azurite is laxer than Azure: limits are refused here, never left to the server.</summary>
internal sealed class AzureRows(TableServiceClient service) : IRowStore
{
    private readonly Once<TableClient> tables = new(async name =>
    {
        RowLimits.CheckTable(name);
        var client = service.GetTableClient(name);
        await client.CreateIfNotExistsAsync(CancellationToken.None);
        return client;
    });

    public async ValueTask<Row?> GetAsync(string table, string partition, string key, CancellationToken cancellation)
    {
        RowLimits.CheckKey(partition);
        RowLimits.CheckKey(key);
        var client = await tables.GetAsync(table, cancellation);
        var found = await client.GetEntityIfExistsAsync<TableEntity>(partition, key, cancellationToken: cancellation);
        return found.HasValue ? RowEntity.Read(found.Value!) : null;
    }

    public async ValueTask<RowPage> RangeAsync(
        string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation)
    {
        RowLimits.CheckKey(partition);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, RowLimits.PageSize);
        var client = await tables.GetAsync(table, cancellation);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {before}");
        await foreach (var page in client.QueryAsync<TableEntity>(filter, limit, cancellationToken: cancellation).AsPages(continuation, limit))
        {
            // A page may be empty and yet carry a token: it goes through as it is.
            return new RowPage([.. page.Values.Select(RowEntity.Read)], string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken);
        }

        return new RowPage([], null);
    }

    public async ValueTask<CommitResult> CommitAsync(
        string table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellation)
    {
        RowLimits.Check(partition, operations);
        return await new TableCommit(await tables.GetAsync(table, cancellation), partition, operations).RunAsync(cancellation);
    }

    public async IAsyncEnumerable<string> PartitionsAsync(string table, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var client = await tables.GetAsync(table, cancellation);
        for (var last = await NextAsync(client, "", cancellation); last is not null; last = await NextAsync(client, last, cancellation))
        {
            yield return last;
        }
    }

    private static async ValueTask<string?> NextAsync(TableClient client, string last, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey gt {last}");
        await foreach (var entity in client.QueryAsync<TableEntity>(filter, 1, [nameof(TableEntity.PartitionKey)], cancellation))
        {
            return entity.PartitionKey;
        }

        return null;
    }
}
