using System.Text.Json;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Planning;

/// <summary>A store with hand-written customers and the real steps of planning on it. The salt is fixed, so that draws repeat.</summary>
internal sealed class PlanWorld : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    public static readonly byte[] Salt = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
    private readonly int buckets;

    private PlanWorld(TempStore store, int buckets)
    {
        (Store, this.buckets) = (store, buckets);
        Runner = new JobRunner(store.Rows, store.Blobs, store.Workspace, TimeProvider.System, [new WeighStep(), new CountStep(), new AssignStep()], TimeSpan.FromSeconds(30));
        Schemes = new SchemeCatalog(store.Rows, store.Workspace, TimeProvider.System);
        Catalog = new CampaignCatalog(store.Rows, store.Workspace, NoTemplateProblems, Schemes);
        Runs = new Runs(store.Rows, store.Blobs, store.Workspace);
        Launch = new LaunchStep(store.Rows, store.Workspace, Runner, Catalog, Runs, TimeProvider.System);
    }

    public TempStore Store { get; }

    public JobRunner Runner { get; }

    public SchemeCatalog Schemes { get; }

    public CampaignCatalog Catalog { get; }

    public Runs Runs { get; }

    public LaunchStep Launch { get; }

    public static CancellationToken None => CancellationToken.None;

    public static IReadOnlyList<string> NoTemplateProblems(MessageTemplate template) => [];

    public static async Task<PlanWorld> CreateAsync(int buckets = 16, bool segmented = true)
    {
        var world = new PlanWorld(TempStore.Create(buckets), buckets);
        await world.Store.Workspace.ChangeAsync(s => s with { Salt = Salt, HoldoutShare = 0.2 }, None);
        await world.Store.Workspace.SetNowAsync(Start, None);
        if (segmented)
        {
            await world.SegmentedAsync(Start.AddDays(-1));
        }

        return world;
    }

    public async Task SegmentedAsync(DateTimeOffset at) => await Store.Workspace.SetLatestAsync(
        "segments", new JobHead { Job = "recompute-" + at.Ticks, Kind = "recompute", AsOf = at, CreatedAt = at }, None);

    public CustomerKey Key(string id) => CustomerKey.Of(Salt, id);

    public string Partition(string id) => new Bucketing(buckets).PartitionOf(Key(id));

    /// <summary>A customer who may be written to by e-mail, unless <paramref name="change"/> says otherwise; null = no customer row.</summary>
    public async Task AddAsync(string id, string segment, Func<CustomerRow, CustomerRow?>? change = null, PurchaseHistory? history = null)
    {
        var yes = new Consent(true, "test", Start);
        var row = new CustomerRow { CustomerId = id, CreatedAt = Start, Email = id + "@example.com", EmailConsent = yes };
        var membership = new MembershipRow { Primary = segment, Present = [new Membership(segment, Start.AddDays(-30))] };
        var operations = new List<RowOperation> { new RowOperation.Upsert(Tables.Membership(Key(id)), RowCodec.Encode(membership)) };
        if ((change is null ? row : change(row)) is { } customer)
        {
            operations.Add(new RowOperation.Upsert(Tables.Customer(Key(id)), RowCodec.Encode(customer)));
        }

        if (history is not null)
        {
            operations.Add(new RowOperation.Upsert(Tables.History(Key(id)), RowCodec.Encode(history)));
        }

        await Store.Rows.CommitAsync(Tables.Customers, Partition(id), operations, None);
    }

    /// <summary>Customers c0 … of every kind: both segments, both channels, and each gate.</summary>
    public async Task AddMixAsync(int count)
    {
        var yes = new Consent(true, "test", Start);
        for (var i = 0; i < count; i++)
        {
            var n = i;
            await AddAsync("c" + i, i % 3 == 0 ? SegmentNames.Loyal : i % 3 == 1 ? SegmentNames.AtRisk : SegmentNames.Regular, c => (n % 10) switch
            {
                0 => null,
                1 => c with { EmailConsent = Consent.Unknown },
                2 => c with { EmailSuppression = "unsubscribed" },
                3 or 4 => c with { Email = null, Phone = "+447700900" + n.ToString("000"), SmsConsent = yes },
                5 => c with { RecentSends = [new RecentSend(Channel.Email, "other", "run-other", Start.AddHours(-2))] },
                _ => c,
            });
        }
    }

    /// <summary>Two variants, one of them by e-mail only, for loyal and at-risk customers.</summary>
    public static Campaign TwoVariants(string id = "spring") => new()
    {
        Id = id,
        Name = "Spring",
        Segments = [SegmentNames.Loyal, SegmentNames.AtRisk],
        Treatments = [Variant("gift", Channel.Email, Channel.Sms), Variant("picks", Channel.Email)],
    };

    public static Treatment Variant(string id, params Channel[] channels) => new()
    {
        Id = id,
        Offer = new Offer { Id = "o-" + id, Name = id, Kind = OfferKind.Recommendation },
        Channels = channels,
        Template = new MessageTemplate { Subject = "Hello", Html = "<p>Hello</p>", Sms = "Hello" },
    };

    /// <summary>Saves, launches and plans a campaign; its run.</summary>
    public async Task<string> PlanAsync(Campaign campaign, int? seed = null, int parallel = 1)
    {
        if (await Catalog.FindAsync(campaign.Id, None) is null)
        {
            Assert.IsType<SaveResult.Saved>(await Catalog.SaveAsync(campaign, null, None));
        }

        var launched = Assert.IsType<LaunchResult.Launched>(await Launch.LaunchNowAsync(campaign.Id, null, None));
        await new JobDriver(Runner, seed, parallel).RunAsync(launched.Messages);
        Assert.Equal(JobStatus.Done, (await Runner.FindAsync(launched.Run, None))!.Status);
        return launched.Run;
    }

    public async Task<RunPlan> PlanOfAsync(string run) =>
        RowCodec.Decode<RunPlan>((await JobRows.ResultAsync(Store.Rows, Store.Blobs, run, AssignStep.StageName, None))!.Value);

    /// <summary>All assignments of a run by customer key, as text and decoded; not as bytes, see RowCodec.</summary>
    public async Task<SortedDictionary<string, (string Text, AssignmentRow Row)>> RowsAsync(string run)
    {
        var found = new SortedDictionary<string, (string, AssignmentRow)>(StringComparer.Ordinal);
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            await foreach (var row in Store.Rows.ScanPrefixAsync(Tables.Customers, Bucketing.Partition(bucket), Tables.Assignments(run)))
            {
                var assignment = RowCodec.Decode<AssignmentRow>(row.Payload);
                found.Add(row.Key[Tables.Assignments(run).Length..], (JsonSerializer.Serialize(assignment), assignment));
            }
        }

        return found;
    }

    /// <summary>Rows and plan of a run as one text: equal texts, equal runs.</summary>
    public async Task<string> TextAsync(string run) =>
        string.Join('\n', (await RowsAsync(run)).Select(r => r.Key + " " + r.Value.Text)) + "\n" + Convert.ToHexString(RowCodec.Encode(await PlanOfAsync(run)).Span);

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
