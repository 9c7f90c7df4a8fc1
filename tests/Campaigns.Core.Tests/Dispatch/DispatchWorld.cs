using Campaigns.Core.Dispatch;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;
using Campaigns.Core.Tracking;

namespace Campaigns.Core.Tests.Dispatch;

/// <summary>System time that moves when told to; business time of the store follows it.</summary>
internal sealed class TestClock(DateTimeOffset start) : TimeProvider
{
    private DateTimeOffset now = start;

    public override DateTimeOffset GetUtcNow() => now;

    public void Advance(TimeSpan by) => now += by;

    /// <summary>Whoever waits makes time pass.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            Advance(dueTime);
            ThreadPool.QueueUserWorkItem(_ => callback(state));
        }

        return new Rung();
    }

    private sealed class Rung : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}

/// <summary>One bucket with a run in it, real storage, and a channel that remembers its calls.</summary>
internal sealed class DispatchWorld : IAsyncDisposable
{
    public const string Run = "run-0123456789abcdef";
    public static readonly DateTimeOffset Start = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);
    public static readonly WorkspaceSettings Settings = new() { Salt = [1, 2, 3, 4], Buckets = 1, PostalAddress = "1 High Street, Exeter", ShopUrl = "https://shop.example/" };
    private readonly TempStore store;
    private int attempts;

    private DispatchWorld(TempStore store, TestClock clock) => (this.store, Clock) = (store, clock);

    public TestClock Clock { get; }

    /// <summary>The run's budget, or null.</summary>
    public long? BudgetMicros { get; init; }

    /// <summary>The run's brakes, or null.</summary>
    public SendBrakes? Brakes { get; set; }

    public IRowStore Rows => store.Rows;

    public IBlobStore Blobs => store.Blobs;

    public Workspace Workspace => store.Workspace;

    public static CustomerRow Customer(string id, string? zone = null) => new()
    {
        CustomerId = id,
        CreatedAt = Start.AddYears(-1),
        Email = $"customer{id}@shop.example",
        Phone = "+447700900123",
        FirstName = "Ada",
        TimeZone = zone,
        EmailConsent = new Consent(true, "checkout", Start.AddYears(-1)),
        SmsConsent = new Consent(true, "checkout", Start.AddYears(-1)),
    };

    public static AssignmentRow Assignment(string id, Channel channel, DateTimeOffset at, bool heldOut = false) => new()
    {
        CustomerId = id,
        Campaign = "loyal-spring",
        Segment = "loyal",
        Treatment = "gift",
        Offer = "gift",
        Channel = channel,
        HeldOut = heldOut,
        Draw = 500_000,
        Candidates = [new Candidate("", 200_000), new Candidate("gift", 800_000)],
        AssignedAt = at,
        State = heldOut ? SendState.HeldOut : SendState.Decided,
    };

    public static RunInputs Inputs(DateTimeOffset at) => new()
    {
        Campaign = new Campaign
        {
            Id = "loyal-spring",
            Name = "Spring",
            Segments = ["loyal"],
            Status = CampaignStatus.Active,
            Treatments =
            [
                new Treatment
                {
                    Id = "gift",
                    Offer = new Offer { Id = "gift", Name = "48 hours", Kind = OfferKind.TimeLimitedDiscount, DiscountShare = 0.15, ValidHours = 48, Code = "SPRING" },
                    Template = new MessageTemplate { Subject = "For {{firstName}}", Html = "<p>Until {{offer.endsAt}}: <a href=\"{{shopUrl}}\">shop</a></p>", Sms = "{{offer.discountPercent}} % off" },
                },
            ],
        },
        Occurrence = 0,
        SegmentsJob = "recompute-1",
        HoldoutPartsPerMillion = 200_000,
        Margin = new MarginPolicy(),
        WindowEnd = at.AddDays(30),
        EmailCostMicros = 1_000,
        SmsCostMicros = 40_000,
    };

    /// <summary>A run over <paramref name="customers"/>: every fifth held out, every third by SMS.</summary>
    public static async Task<DispatchWorld> CreateAsync(int customers, long? budgetMicros = null)
    {
        var clock = new TestClock(Start);
        var world = new DispatchWorld(TempStore.Create(1, clock), clock) { BudgetMicros = budgetMicros };
        await world.Workspace.ChangeAsync(s => s with { PostalAddress = Settings.PostalAddress, ShopUrl = Settings.ShopUrl }, default);
        await world.PutAsync(Tables.Campaigns, Tables.All, "loyal-spring", Inputs(Start).Campaign);
        for (var i = 0; i < customers; i++)
        {
            var id = i.ToString();
            await world.PutAsync(Tables.Customers, "b000", Tables.Customer(Key(i)), Customer(id));
            await world.PutAsync(Tables.Customers, "b000", Tables.Assignment(Run, Key(i)), Assignment(id, i % 3 == 2 ? Channel.Sms : Channel.Email, Start, heldOut: i % 5 == 4));
        }

        return world;
    }

    public static CustomerKey Key(int customer) => CustomerKey.Of([7], customer.ToString());

    public async Task PutAsync<T>(string table, string partition, string key, T value)
        where T : IStoredRow, MemoryPack.IMemoryPackable<T> =>
        await Rows.CommitAsync(table, partition, [new RowOperation.Upsert(key, RowCodec.Encode(value))], default);

    public async Task<AssignmentRow> RecordAsync(int customer) =>
        (await Rows.FindAsync<AssignmentRow>(Tables.Customers, "b000", Tables.Assignment(Run, Key(customer)), default))!.Value;

    public async Task<CustomerRow> CustomerAsync(int customer) =>
        (await Rows.FindAsync<CustomerRow>(Tables.Customers, "b000", Tables.Customer(Key(customer)), default))!.Value;

    public async Task<PartOutcome> PassAsync(IRowStore rows, params IMessageChannel[] channels)
    {
        var workspace = new Workspace(rows, Clock);
        var step = new DispatchStep(workspace, channels, new NoRecommendations(), new MessageRenderer(), SignedLinks.Of, Clock, () => $"attempt-{++attempts}", TimeSpan.FromMinutes(2));
        var head = new JobHead { Job = Run, Kind = RunInputs.JobKind, AsOf = Start, CreatedAt = Start, Inputs = RowCodec.Encode(Inputs(Start) with { BudgetMicros = BudgetMicros, Brakes = Brakes }).ToArray() };
        return await step.RunAsync(new JobContext(head, await workspace.SettingsAsync(default), rows, Blobs), 0, default);
    }

    /// <summary>Passes until nothing is left, with time going on in between.</summary>
    public async Task<RunDispatch> FinishAsync(params IMessageChannel[] channels)
    {
        for (var pass = 0; pass < 100; pass++)
        {
            if (await PassAsync(Rows, channels) is PartOutcome.Done done)
            {
                return RowCodec.Decode<RunDispatch>(done.Summary);
            }

            Clock.Advance(TimeSpan.FromMinutes(3));
        }

        throw new InvalidOperationException("The run never ends.");
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private sealed class NoRecommendations : IRecommendations
    {
        public ValueTask<IReadOnlyList<RecommendedProduct>> RecommendAsync(CustomerKey customer, PurchaseHistory history, CancellationToken cancellation) => new([]);
    }
}

/// <summary>Throws at one call of a sequence, before it takes effect or after: a process killed at that moment.</summary>
internal sealed class Killer(int at, bool after)
{
    public int Calls { get; private set; }

    public async ValueTask<T> Around<T>(Func<ValueTask<T>> call)
    {
        var mine = ++Calls == at;
        if (mine && !after)
        {
            throw new KilledException();
        }

        var result = await call();
        return mine ? throw new KilledException() : result;
    }
}

internal sealed class KilledException : Exception;

/// <summary>A row store under a killer.</summary>
internal sealed class MortalRows(IRowStore rows, Killer killer) : IRowStore
{
    public ValueTask<Row?> GetAsync(string table, string partition, string key, CancellationToken cancellation) =>
        killer.Around(() => rows.GetAsync(table, partition, key, cancellation));

    public ValueTask<RowPage> RangeAsync(string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation) =>
        killer.Around(() => rows.RangeAsync(table, partition, from, before, Math.Min(limit, 3), continuation, cancellation));

    public ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellation) =>
        killer.Around(() => rows.CommitAsync(table, partition, operations, cancellation));

    public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancellation) => rows.PartitionsAsync(table, cancellation);
}

/// <summary>A channel that remembers which messages it may have taken, and fails the test where one comes again.</summary>
internal sealed class RememberingChannel(Channel channel, bool canTell, int seed, Killer? killer = null) : IMessageChannel
{
    private int calls;

    public HashSet<SendId> MaybeTaken { get; private init; } = [];

    public List<OutgoingMessage> Messages { get; private init; } = [];

    public Func<OutgoingMessage, SendResult>? Answer { get; init; }

    public Func<Task>? BeforeCall { get; init; }

    public string Name => "remembering";

    public Channel Channel => channel;

    public int BatchSize => 3;

    /// <summary>The same provider, asked by a process that lives.</summary>
    public RememberingChannel Alive() => new(channel, canTell, seed) { MaybeTaken = MaybeTaken, Messages = Messages, calls = calls };

    public ValueTask<IReadOnlyList<SendResult>> SendAsync(IReadOnlyList<OutgoingMessage> batch, CancellationToken cancellation) =>
        (killer ?? new Killer(0, false)).Around(async () =>
        {
            if (BeforeCall is { } before)
            {
                await before();
            }

            calls++;
            return (IReadOnlyList<SendResult>)[.. batch.Select(Take)];
        });

    public ValueTask<FindResult> FindAsync(SendId id, CancellationToken cancellation) =>
        (killer ?? new Killer(0, false)).Around(() => new ValueTask<FindResult>(
            !canTell ? FindResult.CannotTell : MaybeTaken.Contains(id) ? FindResult.Accepted : FindResult.NeverReceived));

    private SendResult Take(OutgoingMessage message)
    {
        Assert.DoesNotContain(message.Id, MaybeTaken);
        var result = Answer?.Invoke(message) ?? (seed == 0 ? 9 : StableHash.PartsPerMillion($"{seed}", $"{calls}", message.Id.ToString()) % 10) switch
        {
            0 => new SendResult.NotSent("busy", TimeSpan.FromMinutes(1)),
            1 => new SendResult.Unknown("lost"),
            2 => new SendResult.Rejected("bad address"),
            _ => new SendResult.Accepted("id-" + message.Id),
        };
        if (result is SendResult.Accepted or SendResult.Unknown)
        {
            MaybeTaken.Add(message.Id);
            Messages.Add(message);
        }

        return result;
    }
}
