using System.Text.Json;
using System.Text.Json.Serialization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Segments;

/// <summary>A real store with customers in it, and the recompute on it as the queue would run it.</summary>
internal sealed class SegmentShop : IAsyncDisposable
{
    private readonly TempStore temp;
    private readonly WorkspaceSettings settings;

    private SegmentShop(TempStore temp, WorkspaceSettings settings, int pairCustomers, int productCustomers)
    {
        this.temp = temp;
        this.settings = settings;
        Stages = [new SurveyStep { ProductCustomers = productCustomers }, new ClassifyStep(temp.Workspace) { PairCustomers = pairCustomers }];
        Runner = new JobRunner(temp.Rows, temp.Blobs, temp.Workspace, TimeProvider.System, Stages, TimeSpan.FromSeconds(30));
        Reader = new SegmentReader(temp.Rows, temp.Blobs, temp.Workspace);
        Schemes = new SchemeCatalog(temp.Rows, temp.Workspace, TimeProvider.System);
    }

    public IJobStage[] Stages { get; }

    public JobRunner Runner { get; }

    public SegmentReader Reader { get; }

    public SchemeCatalog Schemes { get; }

    public Workspace Workspace => temp.Workspace;

    public IRowStore Rows => temp.Rows;

    public IBlobStore Blobs => temp.Blobs;

    /// <summary>A store whose salt is fixed, so that the same shop has the same keys in every one.</summary>
    public static async Task<SegmentShop> OpenAsync(int buckets, bool discountsKnown = true, int pairCustomers = PairCounts.Wanted, int productCustomers = PairCounts.Wanted)
    {
        var opened = TempStore.Create(buckets);
        var fixedSalt = await opened.Workspace.ChangeAsync(s => s with { Salt = [1, 2, 3], DiscountsKnown = discountsKnown }, CancellationToken.None);
        return new SegmentShop(opened, fixedSalt, pairCustomers, productCustomers);
    }

    public CustomerKey KeyOf(string customer) => CustomerKey.Of(settings.Salt, customer);

    public string PartitionOf(string customer) => new Bucketing(settings.Buckets).PartitionOf(KeyOf(customer));

    /// <summary>Writes histories, with a customer row for each (contactable by e-mail where the id ends in an even digit).</summary>
    public async Task PutAsync(IEnumerable<PurchaseHistory> histories)
    {
        foreach (var partition in histories.GroupBy(h => PartitionOf(h.CustomerId), StringComparer.Ordinal))
        {
            foreach (var batch in partition.Chunk(RowLimits.OperationsPerCommit / 2))
            {
                var operations = batch.SelectMany(h => new RowOperation[]
                {
                    new RowOperation.Upsert(Tables.History(KeyOf(h.CustomerId)), RowCodec.Encode(h)),
                    new RowOperation.Upsert(Tables.Customer(KeyOf(h.CustomerId)), RowCodec.Encode(CustomerOf(h.CustomerId))),
                }).ToList();
                await Rows.CommitAsync(Tables.Customers, partition.Key, operations, CancellationToken.None);
            }
        }
    }

    public async Task NameAsync(string sku, string name) => await Rows.CommitAsync(
        Tables.Products,
        Tables.All,
        [new RowOperation.Upsert(Tables.Escape(sku), RowCodec.Encode(new ProductRow { Sku = sku, Name = name }))],
        CancellationToken.None);

    /// <summary>Runs a recompute to its end, with messages shuffled and repeated.</summary>
    public async Task<SegmentSnapshot> RecomputeAsync(DateTimeOffset asOf, string generation = "", int seed = 1)
    {
        var messages = await new Recompute(Runner, temp.Workspace, Schemes, Reader, TimeProvider.System).StartAsync(asOf, generation, CancellationToken.None);
        await new JobDriver(Runner, seed, parallel: 2).RunAsync(messages);
        var job = Recompute.JobId(asOf, generation);
        Assert.Equal(JobStatus.Done, (await Runner.FindAsync(job, CancellationToken.None))?.Status);
        var snapshot = await Reader.LatestAsync(CancellationToken.None);
        Assert.Equal(job, snapshot?.Report.Job);
        return snapshot!;
    }

    private static readonly JsonSerializerOptions Exact = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Every value that a recompute found, numbers to the last bit. Not the bytes: times hold padding in memory, which may differ.</summary>
    public async Task<string[]> ResultAsync(string job)
    {
        var survey = await JobRows.ResultAsync(Rows, Blobs, job, SurveyStep.Stage, CancellationToken.None);
        var report = await JobRows.ResultAsync(Rows, Blobs, job, ClassifyStep.Stage, CancellationToken.None);
        using var related = new MemoryStream();
        await using var blob = await Blobs.OpenAsync(RelatedProducts.BlobOf(job), CancellationToken.None);
        await blob!.CopyToAsync(related);
        return
        [
            JsonSerializer.Serialize(RowCodec.Decode<SegmentParameters>(survey!.Value), Exact),
            JsonSerializer.Serialize(RowCodec.Decode<SegmentReport>(report!.Value), Exact),
            JsonSerializer.Serialize(RowCodec.Decode<RelatedProducts>(related.ToArray()), Exact),
        ];
    }

    /// <summary>All membership rows by key, with their ETags.</summary>
    public async Task<SortedDictionary<string, Row>> MembershipsAsync()
    {
        var found = new SortedDictionary<string, Row>(StringComparer.Ordinal);
        for (var bucket = 0; bucket < settings.Buckets; bucket++)
        {
            await foreach (var row in Rows.ScanPrefixAsync(Tables.Customers, Bucketing.Partition(bucket), "m|"))
            {
                found.Add(row.Key, row);
            }
        }

        return found;
    }

    public async Task<MembershipRow?> MembershipAsync(string customer) =>
        (await Rows.FindAsync<MembershipRow>(Tables.Customers, PartitionOf(customer), Tables.Membership(KeyOf(customer)), CancellationToken.None))?.Value;

    public ValueTask DisposeAsync() => temp.DisposeAsync();

    private static CustomerRow CustomerOf(string id) => new()
    {
        CustomerId = id,
        CreatedAt = ShopGen.Start,
        Email = id + "@example.org",
        EmailConsent = new Consent((id[^1] - '0') % 2 == 0 ? true : null, "test", ShopGen.Start),
    };
}
