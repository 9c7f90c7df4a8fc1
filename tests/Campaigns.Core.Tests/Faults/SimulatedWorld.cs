using Campaigns.Core.Dispatch;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;
using Campaigns.Core.Tests.Dispatch;
using Campaigns.Core.Tracking;
using Touch = Campaigns.Core.Tracking.Touch;

namespace Campaigns.Core.Tests.Faults;

/// <summary>
/// A run's sending under everything that can go wrong, all of it drawn from one seed: real storage on a temporary file, real
/// steps, and two processes between simulated ports. While one waits for a port, the other works, recipients unsubscribe and
/// events come in; so calls interleave without threads, and the same seed gives the same story.
/// </summary>
internal sealed partial class SimulatedWorld : IAsyncDisposable
{
    /// <summary>Faults end after so many moments, and then everything must come to its end.</summary>
    private const int Troubled = 150;

    /// <summary>Without faults nothing takes longer: the night, which text messages wait for to end, is some 350 of them.</summary>
    private const int Calm = 1000;

    /// <summary>Processes that wait for each other's calls.</summary>
    private const int MostNested = 3;

    private static readonly TimeSpan Visibility = TimeSpan.FromSeconds(30);

    private readonly Random chance;
    private readonly SimulatedTime time = new(DispatchWorld.Start);
    private readonly TempStore store;
    private readonly Bucketing bucketing;
    private readonly FaultRates rates;
    private readonly int customers;
    private readonly Dictionary<Channel, SimulatedProvider> providers;
    private readonly List<int> unsubscribing;
    private int moments;
    private int attempts;
    private int nested;

    public SimulatedWorld(int seed)
    {
        chance = new Random(seed);
        rates = FaultRates.Draw(chance);
        customers = chance.Next(3, 12);
        bucketing = new Bucketing(1 << chance.Next(0, 3));
        store = TempStore.Create(bucketing.Count, time, (ulong)seed);
        providers = new[] { Channel.Email, Channel.Sms }.ToDictionary(c => c, c => new SimulatedProvider(c, chance.Next(2) == 0, chance, FaultsLeft, time.GetUtcNow));
        unsubscribing = [.. Enumerable.Range(0, customers).Where(_ => chance.Next(4) == 0)];
    }

    /// <summary>Tells the story and checks what must hold at its end.</summary>
    public async Task RunAsync()
    {
        await PrepareAsync();
        while (moments < Troubled + Calm && !(moments > Troubled && await IsOverAsync()))
        {
            await MomentAsync();
        }

        Assert.True(await IsOverAsync(), $"After {moments} moments something is still left to do: {await LeftAsync()}");
        await CheckAsync();
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private static SendId IdOf(int customer) => new(DispatchWorld.Run, DispatchWorld.Key(customer));

    /// <summary>From the first moment on: what is prepared is there.</summary>
    private bool FaultsLeft() => moments is > 0 and <= Troubled;

    private async Task PrepareAsync()
    {
        await store.Workspace.ChangeAsync(s => s with { PostalAddress = "1 High Street, Exeter", ShopUrl = "https://shop.example/" }, default);
        await PutAsync(Tables.Campaigns, Tables.All, "loyal-spring", DispatchWorld.Inputs(DispatchWorld.Start).Campaign);
        for (var i = 0; i < customers; i++)
        {
            var customer = DispatchWorld.Customer($"{i}") with { Phone = $"+4477009001{i:00}" };
            await new AddressBook(store.Rows, store.Workspace).AddAsync([(customer.Email!, DispatchWorld.Key(i)), (customer.Phone, DispatchWorld.Key(i))], default);
            await PutAsync(Tables.Customers, PartitionOf(i), Tables.Customer(DispatchWorld.Key(i)), customer);
            await PutAsync(Tables.Customers, PartitionOf(i), Tables.Assignment(DispatchWorld.Run, DispatchWorld.Key(i)), DispatchWorld.Assignment($"{i}", ChannelOf(i), DispatchWorld.Start, HeldOut(i)));
        }

        var head = new JobHead
        {
            Job = DispatchWorld.Run,
            Kind = RunInputs.JobKind,
            AsOf = DispatchWorld.Start,
            CreatedAt = DispatchWorld.Start,
            Inputs = RowCodec.Encode(DispatchWorld.Inputs(DispatchWorld.Start)).ToArray(),
        };
        // Its first messages are lost: the timer must find it.
        await new SimulatedApp(this).Runner.CreateAsync(head, default);
    }

    private static bool HeldOut(int customer) => customer % 5 == 4;

    private static Channel ChannelOf(int customer) => customer % 3 == 2 ? Channel.Sms : Channel.Email;

    private string PartitionOf(int customer) => bucketing.PartitionOf(DispatchWorld.Key(customer));

    private async Task PutAsync<T>(string table, string partition, string key, T value)
        where T : IStoredRow, MemoryPack.IMemoryPackable<T> =>
        await store.Rows.CommitAsync(table, partition, [new RowOperation.Upsert(key, RowCodec.Encode(value))], default);

    private async Task<bool> IsOverAsync() =>
        await new SimulatedApp(this).Runner.FindAsync(DispatchWorld.Run, default) is { Status: JobStatus.Done }
        && unsubscribing.Count == 0
        && providers.Values.All(p => p.Events.Count == 0)
        && await store.Queues.CountAsync("touch", default) == 0;

    /// <summary>Time passes and somebody does something.</summary>
    private async Task MomentAsync()
    {
        moments++;
        time.Advance(chance.Next(10) == 0 ? TimeSpan.FromMinutes(chance.Next(1, 60)) : TimeSpan.FromSeconds(chance.Next(1, 20)));
        try
        {
            var app = new SimulatedApp(this);
            await (chance.Next(8) switch
            {
                0 or 1 => app.WakeAsync(),
                2 => UnsubscribeAsync(app),
                3 or 4 => ReportAsync(app),
                5 => app.HandleAsync("touch"),
                _ => app.HandleAsync("dispatch"),
            });
        }
        catch (ProcessDiedException)
        {
            // Another takes over.
        }
        catch (Exception error) when (error is IOException or StoreFailedException)
        {
            // The message comes again, the timer rings again, the recipient presses again.
        }
    }

    /// <summary>What goes on while a process waits for a port: enough, sometimes, for its leases and claims to run out.</summary>
    private async Task MeanwhileAsync(bool mayStall)
    {
        if (nested >= MostNested)
        {
            return;
        }

        nested++;
        try
        {
            if (mayStall && chance.Next(3) == 0)
            {
                time.Advance(TimeSpan.FromMinutes(chance.Next(1, 10)));
            }

            if (mayStall)
            {
                await MomentAsync();
            }
        }
        finally
        {
            nested--;
        }
    }

    /// <summary>A recipient opts out. Once that is done, only a claim that is already there may still lead to a call.</summary>
    private async Task UnsubscribeAsync(SimulatedApp app)
    {
        if (unsubscribing.Count == 0)
        {
            return;
        }

        var customer = unsubscribing[chance.Next(unsubscribing.Count)];
        var (channel, row) = (ChannelOf(customer), DispatchWorld.Customer($"{customer}"));
        await new AddressBook(app.Rows, app.Workspace).SuppressAsync(
            channel, channel == Channel.Email ? row.Email! : $"+4477009001{customer:00}", "unsubscribed", time.GetUtcNow(), default);
        unsubscribing.Remove(customer);
        if ((await RecordAsync(customer)).State != SendState.Claimed)
        {
            providers[channel].Forbidden.Add(IdOf(customer));
        }
    }

    /// <summary>A provider reports some of its events, in any order. It keeps them until it hears that they were taken.</summary>
    private async Task ReportAsync(SimulatedApp app)
    {
        var provider = providers[chance.Next(2) == 0 ? Channel.Email : Channel.Sms];
        Touch[] some = [.. provider.Events.OrderBy(_ => chance.Next()).Take(4)];
        if (some.Length == 0)
        {
            return;
        }

        await app.Queues.SendAsync("touch", new Envelope { Content = Touch.ToContent(some) }.ToJson(), TimeSpan.FromSeconds(chance.Next(0, 90)), default);
        foreach (var told in some)
        {
            provider.Events.Remove(told);
        }
    }

    /// <summary>For the message of a story that does not end.</summary>
    private async Task<string> LeftAsync()
    {
        var job = await new SimulatedApp(this).Runner.FindAsync(DispatchWorld.Run, default);
        var records = await Task.WhenAll(Enumerable.Range(0, customers).Select(RecordAsync));
        return $"job {job?.Status}, {await store.Queues.CountAsync("dispatch", default)} wake-ups and {await store.Queues.CountAsync("touch", default)} events queued, {unsubscribing.Count} to opt out, "
            + $"{providers.Values.Sum(p => p.Events.Count)} events to report, at {time.GetUtcNow():u} {string.Join(", ", records.Select((r, i) => $"{IdOf(i).Customer} in {PartitionOf(i)} {r.State} {r.Reason} due {r.DueAt:u} claimed until {r.ClaimedUntil:u}"))}";
    }

    private async Task<AssignmentRow> RecordAsync(int customer) =>
        (await store.Rows.FindAsync<AssignmentRow>(Tables.Customers, PartitionOf(customer), Tables.Assignment(DispatchWorld.Run, DispatchWorld.Key(customer)), default))!.Value;

    /// <summary>A process of the app: the real steps over its own ports.</summary>
    private sealed class SimulatedApp
    {
        private readonly SimulatedWorld world;
        private readonly TouchStep touches;

        public SimulatedApp(SimulatedWorld world)
        {
            this.world = world;
            var process = new SimulatedProcess(world.chance, world.rates, world.FaultsLeft, world.MeanwhileAsync);
            Rows = new SimulatedRows(world.store.Rows, process, world.chance);
            Queues = new SimulatedQueues(world.store.Queues, process);
            Workspace = new Workspace(Rows, world.time);
            var dispatch = new DispatchStep(
                Workspace,
                world.providers.Values.Select(p => new SimulatedChannel(p, process)),
                new NoRecommendations(),
                new MessageRenderer(),
                SignedLinks.Of,
                world.time,
                () => $"attempt-{++world.attempts}",
                TimeSpan.FromMinutes(3));
            Runner = new JobRunner(Rows, world.store.Blobs, Workspace, world.time, [dispatch], TimeSpan.FromSeconds(30));
            touches = new TouchStep(Rows, Workspace, new Outcomes());
        }

        public IRowStore Rows { get; }

        public IQueueStore Queues { get; }

        public Workspace Workspace { get; }

        public JobRunner Runner { get; }

        /// <summary>The timer rings.</summary>
        public async Task WakeAsync()
        {
            await foreach (var due in Runner.WakeAsync(Queues.CountAsync, default))
            {
                await Queues.SendAsync(due.Queue, due.Body, TimeSpan.Zero, default);
            }
        }

        /// <summary>Takes a message, if there is one, handles it, sends what follows, and only then deletes it.</summary>
        public async Task HandleAsync(string queue)
        {
            foreach (var message in await Queues.ReceiveAsync(queue, 1, Visibility, default))
            {
                var envelope = Envelope.Parse(message.Body);
                if (envelope.Work is { } work)
                {
                    foreach (var next in await Runner.HandleAsync(work, default))
                    {
                        await Queues.SendAsync(next.Queue, next.Body, TimeSpan.Zero, default);
                    }
                }
                else
                {
                    await touches.HandleAsync(Touch.Parse(envelope.Content), default);
                }

                await Queues.DeleteAsync(queue, message.Id, message.Receipt, default);
            }
        }
    }

    private sealed class NoRecommendations : IRecommendations
    {
        public ValueTask<IReadOnlyList<RecommendedProduct>> RecommendAsync(CustomerKey customer, PurchaseHistory history, CancellationToken cancellation) => new([]);
    }
}
