using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Offers.Codes;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Storage.Tests.Codes;

/// <summary>Customers of two segments, and campaigns that give each recipient a code of its own, planned by the real steps.</summary>
internal sealed class CodedShop
{
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    private readonly IRowStore rows;
    private readonly IBlobStore blobs;
    private readonly Workspace workspace;
    private byte[] salt = [];
    private int buckets;

    public CodedShop(IRowStore rows, IBlobStore blobs)
    {
        (this.rows, this.blobs, workspace) = (rows, blobs, new Workspace(rows, TimeProvider.System));
        Runner = new JobRunner(rows, blobs, workspace, TimeProvider.System, [new WeighStep(), new CountStep(), new AssignStep()], TimeSpan.FromSeconds(30));
        (Pools, Owners) = (new CodePools(rows), new CodeOwners(rows));
    }

    public JobRunner Runner { get; }

    public CodePools Pools { get; }

    public CodeOwners Owners { get; }

    private static CancellationToken None => CancellationToken.None;

    public async Task OpenAsync(int count, int bucketCount)
    {
        buckets = bucketCount;
        await workspace.OpenAsync(buckets, None);
        await workspace.SetNowAsync(Start, None);
        salt = (await workspace.SettingsAsync(None)).Salt;
        for (var i = 0; i < count; i++)
        {
            var key = CustomerKey.Of(salt, "c" + i);
            var customer = new CustomerRow { CustomerId = "c" + i, CreatedAt = Start, Email = $"c{i}@example.com", EmailConsent = new Consent(true, "test", Start) };
            var segment = SegmentOf(i);
            var membership = new MembershipRow { Primary = segment, Present = [new Membership(segment, Start.AddDays(-30))] };
            await rows.CommitAsync(
                Tables.Customers,
                PartitionOf(key),
                [new RowOperation.Upsert(Tables.Customer(key), RowCodec.Encode(customer)), new RowOperation.Upsert(Tables.Membership(key), RowCodec.Encode(membership))],
                None);
        }
    }

    public static string SegmentOf(int customer) => customer % 2 == 0 ? SegmentNames.Loyal : SegmentNames.AtRisk;

    public async Task<CodeUploadResult> UploadAsync(string pool, int count, string prefix = "C", int from = 0)
    {
        using var file = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(from, count).Select(i => $"{prefix}{i:D5}"))));
        return await new CodeUpload(rows).AddAsync(pool, file, Start, None);
    }

    public static Campaign Campaign(string id, string segment, string pool) => new()
    {
        Id = id,
        Name = id,
        Segments = [segment],
        Status = CampaignStatus.Active,
        Treatments = [Variant("first", pool), Variant("second", pool), Variant("plain", null)],
    };

    public async Task<JobHead> CreateAsync(Campaign campaign)
    {
        await rows.CommitAsync(Tables.Campaigns, Tables.All, [new RowOperation.Upsert(campaign.Id, RowCodec.Encode(campaign))], None);
        var inputs = new RunInputs
        {
            Campaign = campaign,
            Occurrence = 0,
            SegmentsJob = "recompute",
            HoldoutPartsPerMillion = 200_000,
            Margin = new MarginPolicy(),
            WindowEnd = Start.AddDays(30),
        };
        return new JobHead { Job = Core.Planning.Campaign.RunId(campaign.Id, 0), Kind = RunInputs.JobKind, AsOf = Start, CreatedAt = Start, Inputs = RowCodec.Encode(inputs).ToArray() };
    }

    /// <summary>Plans runs, all of them at once.</summary>
    public async Task PlanAsync(int? seed, int parallel, params JobHead[] heads)
    {
        var messages = new List<Outgoing>();
        foreach (var head in heads)
        {
            messages.AddRange(await Runner.CreateAsync(head, None));
        }

        await new JobDriver(Runner, seed, parallel).RunAsync(messages);
    }

    /// <summary>Works on a part of stage "assign" of which others may be working at the same time.</summary>
    public async Task<RunPlan> AssignAsync(JobHead head, int part)
    {
        var context = new JobContext(head, await workspace.SettingsAsync(None), rows, blobs);
        var done = Assert.IsType<PartOutcome.Done>(await new AssignStep().RunAsync(context, part, None));
        return RowCodec.Decode<RunPlan>(done.Summary);
    }

    public async Task<SortedDictionary<string, AssignmentRow>> RowsAsync(string run)
    {
        var found = new SortedDictionary<string, AssignmentRow>(StringComparer.Ordinal);
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            await foreach (var row in rows.ScanPrefixAsync(Tables.Customers, Bucketing.Partition(bucket), Tables.Assignments(run)))
            {
                found.Add(row.Key[Tables.Assignments(run).Length..], RowCodec.Decode<AssignmentRow>(row.Payload));
            }
        }

        return found;
    }

    public async Task<Campaign> CampaignAsync(string id) => (await rows.FindAsync<Campaign>(Tables.Campaigns, Tables.All, id, None))!.Value;

    /// <summary>As after a crash: what stage "assign" said of itself is gone, and of a part also what it had done last.</summary>
    public async Task ForgetAsync(JobHead head)
    {
        var gone = Enumerable.Range(0, buckets).Select(p => (RowOperation)new RowOperation.Delete(JobRows.Part(AssignStep.StageName, p))).ToList();
        gone.Add(new RowOperation.Delete(JobRows.Result(AssignStep.StageName)));
        gone.Add(new RowOperation.Upsert(JobRows.Head, RowCodec.Encode(head)));
        await rows.CommitAsync(Tables.Work, head.Job, gone, None);
    }

    /// <summary>As if no part of stage "assign" had written anything.</summary>
    public async Task UndoAsync(string run)
    {
        foreach (var key in (await RowsAsync(run)).Keys.Select(k => new CustomerKey(k)))
        {
            await rows.CommitAsync(Tables.Customers, PartitionOf(key), [new RowOperation.Delete(Tables.Assignment(run, key)), new RowOperation.Delete(Tables.RunOf(key, run))], None);
        }

        for (var bucket = 0; bucket < buckets; bucket++)
        {
            await rows.CommitAsync(Tables.Customers, Bucketing.Partition(bucket), [new RowOperation.Delete(Tables.CodesDealt(run))], None);
        }
    }

    private string PartitionOf(CustomerKey key) => new Bucketing(buckets).PartitionOf(key);

    private static Treatment Variant(string id, string? pool) => new()
    {
        Id = id,
        Offer = new Offer { Id = "o-" + id, Name = id, Kind = OfferKind.TimeLimitedDiscount, DiscountShare = 0.1, ValidHours = 48, Code = pool is null ? "SHARED" : null, CodePool = pool },
        Channels = [Channel.Email],
        Template = new MessageTemplate { Subject = "Hello", Html = "<p>{{offer.code}}</p>" },
    };
}
