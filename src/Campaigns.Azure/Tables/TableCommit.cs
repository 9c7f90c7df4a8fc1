using System.Globalization;
using System.Security.Cryptography;
using Azure;
using Azure.Data.Tables;
using Campaigns.Core.Storage;

namespace Campaigns.Azure.Tables;

/// <summary>
/// One commit as a transaction. The SDK sends a request again when its answer is lost; the second answer then reports
/// our own write as a conflict. Each written entity carries the commit's id, so that such a conflict is told from a real one.
/// </summary>
internal sealed class TableCommit(TableClient client, string partition, IReadOnlyList<RowOperation> operations)
{
    /// <summary>Bytes of chance in a commit's id: never the same twice.</summary>
    private const int WriteIdBytes = 12;

    /// <summary>An ETag that no row has: given for a row of ours that somebody else has changed since.</summary>
    private const string StaleETag = "W/\"datetime'1601-01-01T00%3A00%3A00.0000000Z'\"";

    /// <summary>Prefix that tells the ids of this process's commits from those of all others.</summary>
    private static readonly string Process = RandomNumberGenerator.GetHexString(WriteIdBytes * 2, lowercase: true);

    private static long commits;

    private readonly string writeId = Process + Interlocked.Increment(ref commits).ToString("x", CultureInfo.InvariantCulture);

    public async ValueTask<CommitResult> RunAsync(CancellationToken cancellation)
    {
        // Places of the operations that are still to be sent.
        var open = Enumerable.Range(0, operations.Count).ToList();
        var etags = new string?[operations.Count];
        while (open.Count > 0)
        {
            using var scope = AttemptCount.Begin(out var attempts);
            try
            {
                var answers = await client.SubmitTransactionAsync(open.Select(i => Action(operations[i])), cancellation);
                for (var i = 0; i < open.Count; i++)
                {
                    etags[open[i]] = operations[open[i]] is RowOperation.Delete ? null : answers.Value[i].Headers.ETag?.ToString();
                }

                return new CommitResult.Committed(etags);
            }
            catch (RequestFailedException failure) when (failure.Status is 404 or 409 or 412)
            {
                var index = open[(failure as TableTransactionFailedException)?.FailedTransactionActionIndex ?? 0];
                if (attempts.Count > 1 && await IsOursAsync(etags, cancellation))
                {
                    return new CommitResult.Committed(etags);
                }

                if (!IsConflict(failure))
                {
                    throw;
                }

                if (failure.Status != 404 || operations[index] is not RowOperation.Delete { ETag: null })
                {
                    return new CommitResult.Conflict(index);
                }

                // Nothing to delete: to Azure an error, to the port none.
                open.Remove(index);
            }
        }

        return new CommitResult.Committed(etags);
    }

    private TableTransactionAction Action(RowOperation operation) => operation switch
    {
        RowOperation.Insert insert => new(TableTransactionActionType.Add, RowEntity.Of(partition, insert.Key, insert.Payload, writeId)),
        RowOperation.Upsert upsert => new(TableTransactionActionType.UpsertReplace, RowEntity.Of(partition, upsert.Key, upsert.Payload, writeId)),
        RowOperation.Replace replace => new(TableTransactionActionType.UpdateReplace, RowEntity.Of(partition, replace.Key, replace.Payload, writeId), new ETag(replace.ETag)),
        RowOperation.Delete delete => new(TableTransactionActionType.Delete, RowEntity.Name(partition, delete.Key), delete.ETag is null ? ETag.All : new ETag(delete.ETag)),
        _ => throw new NotSupportedException($"Unknown row operation {operation.GetType().Name}."),
    };

    /// <summary>Other errors share the status: a table that is being deleted, say. Those are no conflicts.</summary>
    private static bool IsConflict(RequestFailedException failure) => failure.Status == 412
        || failure.ErrorCode is "EntityAlreadyExists" or "ResourceNotFound" or "EntityNotFound";

    /// <summary>
    /// Whether an earlier attempt of ours did the commit: one row with its id proves all of it. Where there are only deletes
    /// nothing carries the id, and what we wanted gone being gone is as good.
    /// </summary>
    private async ValueTask<bool> IsOursAsync(string?[] etags, CancellationToken cancellation)
    {
        var ours = false;
        var gone = true;
        for (var i = 0; i < operations.Count; i++)
        {
            var found = await client.GetEntityIfExistsAsync<TableEntity>(partition, operations[i].Key, [RowEntity.WriteId], cancellation);
            gone &= operations[i] is RowOperation.Delete && !found.HasValue;
            var own = found.HasValue && string.Equals(found.Value!.GetString(RowEntity.WriteId), writeId, StringComparison.Ordinal);
            ours |= own;
            etags[i] = operations[i] is RowOperation.Delete ? null : own ? found.Value!.ETag.ToString() : StaleETag;
        }

        return ours || gone;
    }
}
