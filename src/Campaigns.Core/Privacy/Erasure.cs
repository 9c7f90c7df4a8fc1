using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Privacy;

/// <summary>Starts the erasure of a customer.</summary>
public sealed class Erasure(IRowStore rows, Workspace workspace, JobRunner jobs, TimeProvider time)
{
    /// <summary>Reason under which the addresses of erased customers stand on the do-not-contact list: an import that brings one back is ignored.</summary>
    public const string Suppression = AddressBook.Erased;

    /// <summary>
    /// Marks the customer as erased, so that nothing writes it again, and creates the job that removes what is there; gives the
    /// job's id and its first messages. Again: the same job. Null where nothing is known under the id.
    /// </summary>
    public async ValueTask<(string Job, IReadOnlyList<Outgoing> Messages)?> StartAsync(string customerId, CancellationToken cancellation)
    {
        if (customerId.Length is 0 or > CustomerKey.MaxIdLength)
        {
            return null;
        }

        var settings = await workspace.SettingsAsync(cancellation);
        var key = CustomerKey.Of(settings.Salt, customerId);
        var partition = new Bucketing(settings.Buckets).PartitionOf(key);
        var job = "erase-" + StableHash.Id(key.Text);
        var mark = await rows.GetAsync(Tables.Customers, partition, Tables.Erased(key), cancellation);
        if (mark is null
            && await rows.GetAsync(Tables.Customers, partition, Tables.Customer(key), cancellation) is null
            && await rows.GetAsync(Tables.Customers, partition, Tables.History(key), cancellation) is null)
        {
            return null;
        }

        var now = await workspace.NowAsync(cancellation);
        await rows.CommitAsync(Tables.Customers, partition, [new RowOperation.Insert(Tables.Erased(key), RowCodec.Encode(new ErasedRow { At = now }))], cancellation);
        // Created after the mark stands: imports that begin later see it.
        var head = new JobHead
        {
            Job = job,
            Kind = ErasureInputs.JobKind,
            AsOf = now,
            CreatedAt = time.GetUtcNow(),
            Inputs = RowCodec.Encode(new ErasureInputs { Customer = key.Text }).ToArray(),
        };
        return (job, await jobs.CreateAsync(head, cancellation));
    }
}
