using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Offers;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;
using Campaigns.Simulation.Offers;
using Campaigns.Sqlite;

namespace Campaigns.Cli.Simulate;

/// <summary>What became of markets that went through the real steps.</summary>
/// <param name="Markets">Markets.</param>
/// <param name="Customers">Customers per round.</param>
/// <param name="Rounds">Rounds.</param>
/// <param name="Decisions">Decisions compared.</param>
/// <param name="Different">Of these, decided otherwise than by the pure core: none, or something is broken.</param>
internal sealed record StoredTrial(int Markets, int Customers, int Rounds, long Decisions, long Different);

/// <summary>
/// A market through the real steps and a real store (launch, assignment, outcomes, measurement, evidence, next launch), beside
/// the pure core with what it learnt in memory: both must decide the same about every customer.
/// </summary>
internal sealed class StoredMarket : IAsyncDisposable
{
    /// <summary>Markets that go this way: each costs a hundred times the pure one.</summary>
    public const int Markets = 3;

    /// <summary>Customers per round: enough that the policy moves.</summary>
    public const int Customers = 1_000;

    /// <summary>Rounds: the first teaches, the others learn.</summary>
    public const int Rounds = 4;

    private const int Buckets = 16;
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    private static readonly string[] Segments = [.. SegmentNames.ByPriority.Take(OfferMarket.Segments)];

    private readonly OfferMarket market;
    private readonly ulong seed;
    private readonly byte[] salt;
    private readonly string folder = Directory.CreateTempSubdirectory("campaigns-simulate-").FullName;
    private readonly SqliteStore store;
    private readonly Workspace workspace;
    private readonly Runs runs;
    private readonly JobRunner jobs;
    private readonly Measure measure;
    private readonly LaunchStep launch;
    private readonly CampaignCatalog catalog;

    private StoredMarket(ulong seed, bool effects)
    {
        (this.seed, market) = (seed, new OfferMarket(seed, effects));
        salt = [.. Enumerable.Range(0, 16).Select(i => (byte)RandomStream.Mix(seed + (ulong)i))];
        store = new SqliteStore(new SqliteStoreOptions { Path = Path.Combine(folder, "store.db"), SurvivesPowerCut = false }, TimeProvider.System);
        workspace = new Workspace(store.Rows, TimeProvider.System);
        runs = new Runs(store.Rows, store.Blobs, workspace);
        var measured = new MeasuredRuns(runs);
        jobs = new JobRunner(
            store.Rows, store.Blobs, workspace, TimeProvider.System,
            [new WeighStep(), new CountStep(), new AssignStep(), new MeasureStep(measured, new Recount(store.Rows, measured, workspace, new Outcomes())), new PublishStep(measured, workspace)], TimeSpan.FromMinutes(5));
        measure = new Measure(store.Rows, jobs, measured, workspace, TimeProvider.System);
        catalog = new CampaignCatalog(store.Rows, workspace, _ => [], new SchemeCatalog(store.Rows, workspace, TimeProvider.System));
        launch = new LaunchStep(store.Rows, workspace, jobs, catalog, runs, TimeProvider.System);
    }

    /// <summary>Plays the first markets both ways.</summary>
    public static async Task<StoredTrial> RunAsync(bool effects, Action<double> progress, CancellationToken cancellation)
    {
        var (decisions, different) = (0L, 0L);
        for (var number = 1; number <= Markets; number++)
        {
            await using var stored = new StoredMarket((ulong)number, effects);
            var (all, other) = await stored.PlayAsync(cancellation);
            (decisions, different) = (decisions + all, different + other);
            progress(number / (double)Markets);
        }

        return new StoredTrial(Markets, Customers, Rounds, decisions, different);
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task<(long Decisions, long Different)> PlayAsync(CancellationToken cancellation)
    {
        await workspace.OpenAsync(Buckets, cancellation);
        var terms = market.Economics;
        await workspace.ChangeAsync(
            s => s with { Brakes = SendBrakes.Off, Salt = salt, MarginShare = terms[0].MarginShare, HoldoutShare = 0.1, EmailCostMicros = (long)(terms.Average(t => t.SendCostMinor) * 10_000) }, cancellation);
        await AddCustomersAsync(cancellation);
        await catalog.SaveAsync(Campaign(), null, cancellation);
        var (decisions, different, evidence) = (0L, 0L, new List<RunEvidence>());
        for (var round = 0; round < Rounds; round++)
        {
            var now = Start.AddDays(round * 31);
            await workspace.SetNowAsync(now, cancellation);
            await workspace.SetLatestAsync("segments", new JobHead { Job = "recompute-" + round, Kind = "recompute", AsOf = now, CreatedAt = now }, cancellation);
            var launched = await launch.LaunchNowAsync("market", null, cancellation) as LaunchResult.Launched ?? throw new InvalidOperationException("The market's campaign was not launched.");
            await DriveAsync(launched.Messages, cancellation);
            var inputs = (await runs.FindAsync(launched.Run, cancellation))!.Inputs;
            var pure = RunPolicy.Of(inputs with { Policy = null }, evidence, 10_000);
            var learnt = new MarketEvidence(launched.Run, round);
            for (var bucket = 0; bucket < Buckets; bucket++)
            {
                await foreach (var row in store.Rows.ScanPrefixAsync(Tables.Customers, Bucketing.Partition(bucket), Tables.Assignments(launched.Run), cancellation))
                {
                    var decided = RowCodec.Decode<AssignmentRow>(row.Payload);
                    var key = new CustomerKey(row.Key[Tables.Assignments(launched.Run).Length..]);
                    decisions++;
                    different += Same(decided, Decide(inputs, pure, launched.Run, key, decided.Segment)) ? 0 : 1;
                    await SendAndBuyAsync(bucket, row, decided, inputs, round, learnt, cancellation);
                }
            }

            evidence.Add(learnt.ToEvidence());
            await DriveAsync(await measure.StartAsync(now.AddDays(30), "", cancellation), cancellation);
        }

        return (decisions, different + (((long)Rounds * Customers) - decisions));
    }

    private static bool Same(AssignmentRow row, Assignment pure) =>
        row.Candidates.AsSpan().SequenceEqual(pure.Candidates) && (row.Draw, row.HeldOut, row.Treatment) == (pure.Draw, pure.HeldOut, pure.Drawn.Treatment.Id);

    /// <summary>The decision of the pure core: the table, or all alike, and the hash.</summary>
    private Assignment Decide(RunInputs inputs, PolicyTable? policy, string run, CustomerKey key, string segment)
    {
        var reach = inputs.Campaign.Treatments.Select(t => new ReachableTreatment(t, Channel.Email)).ToList();
        var candidates = policy?.Find(segment, string.Join('|', inputs.Campaign.Treatments.Select(t => t.Id))) is { } cell
            ? [new Candidate("", cell.NothingPartsPerMillion), .. cell.Arms.Select(a => new Candidate(a.Treatment, a.PartsPerMillion))]
            : Assignment.Probabilities(reach, inputs.HoldoutPartsPerMillion);
        return Assignment.Decide(reach, candidates, Convert.ToHexStringLower(salt), run, key);
    }

    /// <summary>In the place of dispatch and of the customer: the message went out at its planned cost, and what was bought is in the outcome.</summary>
    private async Task SendAndBuyAsync(int bucket, Row row, AssignmentRow decided, RunInputs inputs, int round, MarketEvidence learnt, CancellationToken cancellation)
    {
        var arm = decided.HeldOut ? -1 : Array.FindIndex(market.Economics, e => string.Equals(e.Treatment, decided.Treatment, StringComparison.Ordinal));
        var chance = new RandomStream(seed, StableHash.Of(decided.CustomerId, row.Key));
        var spend = market.Spend(Array.IndexOf(Segments, decided.Segment), arm, round, ref chance);
        var discount = arm < 0 ? 0 : (long)Math.Round(spend * market.Economics[arm].DiscountShare);
        var after = arm < 0 ? decided : decided with { State = SendState.Accepted, SentAt = decided.AssignedAt, SendCostMicros = inputs.EmailCostMicros };
        if (spend > 0)
        {
            after = after with
            {
                Outcome = decided.Outcome with
                {
                    Orders = 1,
                    RevenueMinor = spend - discount,
                    DiscountMinor = discount,
                    RedeemedMinor = discount,
                    MarginBeforeDiscountMinor = (long)Math.Round(spend * market.Economics[0].MarginShare),
                },
            };
        }

        learnt.Add(after, spend, discount);
        await store.Rows.CommitAsync(Tables.Customers, Bucketing.Partition(bucket), [new RowOperation.Replace(row.Key, RowCodec.Encode(after), row.ETag)], cancellation);
    }

    private async Task AddCustomersAsync(CancellationToken cancellation)
    {
        var consent = new Consent(true, "simulated", Start);
        var bucketing = new Bucketing(Buckets);
        for (var i = 0; i < Customers; i++)
        {
            var (id, segment) = ("customer-" + i, Segments[i % Segments.Length]);
            var key = CustomerKey.Of(salt, id);
            await store.Rows.CommitAsync(
                Tables.Customers,
                bucketing.PartitionOf(key),
                [
                    new RowOperation.Insert(Tables.Customer(key), RowCodec.Encode(new CustomerRow { CustomerId = id, CreatedAt = Start, Email = id + "@example.com", EmailConsent = consent })),
                    new RowOperation.Insert(Tables.Membership(key), RowCodec.Encode(new MembershipRow { Primary = segment, Present = [new Membership(segment, Start.AddDays(-1))] })),
                ],
                cancellation);
        }
    }

    private Campaign Campaign() => new()
    {
        Id = "market",
        Name = "Market",
        Segments = Segments,
        OutcomeWindowDays = 30,
        ReentryPauseDays = 0,
        RepeatDays = 31,
        Treatments = [.. market.Economics.Select(e => new Treatment
        {
            Id = e.Treatment,
            Channels = [Channel.Email],
            Template = new MessageTemplate { Subject = "An offer", Html = "<p>An offer</p>" },
            Offer = e.DiscountShare > 0
                ? new Offer { Id = e.Treatment, Name = e.Treatment, Kind = OfferKind.TimeLimitedDiscount, DiscountShare = e.DiscountShare, ValidHours = 48, Code = e.Treatment }
                : new Offer { Id = e.Treatment, Name = e.Treatment, Kind = OfferKind.Recommendation },
        })],
    };

    /// <summary>Plays the queue until nothing is left.</summary>
    private async Task DriveAsync(IEnumerable<Outgoing> messages, CancellationToken cancellation)
    {
        var waiting = new Queue<Outgoing>(messages);
        while (waiting.TryDequeue(out var message))
        {
            foreach (var next in await jobs.HandleAsync(Envelope.Parse(message.Body).Work!, cancellation))
            {
                waiting.Enqueue(next);
            }
        }
    }

    /// <summary>What a round taught, kept in memory.</summary>
    private sealed class MarketEvidence(string run, int round)
    {
        private readonly Dictionary<(string Segment, string Arm), (ArmTotals Totals, long Discount, long SendMicros)> arms = [];
        private readonly Dictionary<string, string> eligible = new(StringComparer.Ordinal);

        public void Add(AssignmentRow row, long spend, long discount)
        {
            eligible[row.Segment] = row.Eligible;
            var key = (row.Segment, row.HeldOut ? "" : row.Treatment);
            var (totals, given, sent) = arms.GetValueOrDefault(key);
            arms[key] = (totals.With(spend), given + discount, sent + row.SendCostMicros);
        }

        public RunEvidence ToEvidence() => new()
        {
            Run = run,
            Occurrence = round,
            Cells = [.. eligible.Select(e => new CellEvidence(
                e.Key, e.Value, arms.GetValueOrDefault((e.Key, "")).Totals,
                [.. arms.Where(a => a.Key.Segment == e.Key && a.Key.Arm.Length > 0).Select(a => new ArmEvidence(a.Key.Arm, a.Value.Totals, a.Value.Discount, SendMicros: a.Value.SendMicros))]))],
        };
    }
}
