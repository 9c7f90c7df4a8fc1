using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using Campaigns.Core.Tests.Dispatch;
using Campaigns.Core.Tracking;
using CsCheck;
using Touch = Campaigns.Core.Tracking.Touch;

namespace Campaigns.Core.Tests.Tracking;

public class TouchTests
{
    private static readonly string Send = new SendId(DispatchWorld.Run, DispatchWorld.Key(0)).ToString();

    private static readonly Gen<Touch[]> Touches = Gen.Select(Gen.Int[0, 7], Gen.Int[0, 20], Gen.Bool)
        .Select((kind, hour, machine) => new Touch(Send, (TouchKind)kind, DispatchWorld.Start.AddHours(hour), machine))
        .Array[0, 40];

    private static byte[] Fold(AssignmentRow row, IEnumerable<Touch> touches) => RowCodec.Encode(touches.Aggregate(row, TouchFold.Apply)).ToArray();

    [Fact]
    public void Neither_order_nor_repeats_matter() =>
        Gen.Select(Touches, Gen.Int[0, 7], Gen.Int[0, 1_000_000]).Sample((touches, state, seed) =>
        {
            var row = DispatchWorld.Assignment("0", Channel.Email, DispatchWorld.Start) with { State = (SendState)state };
            var chance = new Random(seed);
            var shuffled = touches.Concat(touches.Where(_ => chance.Next(2) == 0)).OrderBy(_ => chance.Next()).ToArray();
            Assert.Equal(Fold(row, touches), Fold(row, shuffled));
        });

    [Fact]
    public void A_state_never_goes_back() =>
        Touches.Sample(touches =>
        {
            var row = DispatchWorld.Assignment("0", Channel.Email, DispatchWorld.Start) with { State = SendState.Accepted };
            foreach (var touch in touches)
            {
                var next = TouchFold.Apply(row, touch);
                Assert.True(next.State >= row.State);
                row = next;
            }
        });

    [Fact]
    public void Machines_neither_open_nor_click()
    {
        var row = DispatchWorld.Assignment("0", Channel.Email, DispatchWorld.Start) with { State = SendState.Unknown };
        var opened = TouchFold.Apply(row, new Touch(Send, TouchKind.Opened, DispatchWorld.Start, Machine: true));
        Assert.Null(opened.OpenedAt);
        Assert.Equal(SendState.Accepted, opened.State);
        Assert.Empty(TouchFold.Apply(row, new Touch(Send, TouchKind.Clicked, DispatchWorld.Start, Machine: true)).Clicks);
    }

    [Fact]
    public void Touches_survive_the_queue()
    {
        var touch = new Touch(Send, TouchKind.Clicked, DispatchWorld.Start, true, "e1");
        var body = new Envelope { Content = Touch.ToContent(touch) }.ToJson();
        Assert.Equal([touch], Touch.Parse(Envelope.Parse(body).Content));
        Assert.Throws<InvalidDataException>(() => Touch.Parse(null));
        Assert.Throws<InvalidDataException>(() => Touch.Parse(Envelope.Parse("{\"campaigns\":1,\"content\":[{\"kind\":\"Nonsense\"}]}").Content));
    }

    [Fact]
    public void What_the_customer_keeps_of_messages_depends_on_neither_order_nor_repeats() =>
        Gen.Select(Gen.Select(Gen.Int[0, 60], Gen.Int[0, 7], Gen.Int[0, 20], Gen.Bool).Array[0, 120], Gen.Int[0, 1_000_000]).Sample((events, seed) =>
        {
            var chance = new Random(seed);
            var shuffled = events.Concat(events.Where(_ => chance.Next(2) == 0)).OrderBy(_ => chance.Next()).ToArray();
            var (one, other) = (KeptOf(events), KeptOf(shuffled));
            Assert.Equal(one, other);
            Assert.InRange(one.Length, 0, MessageHistory.Limit);
        });

    [Fact]
    public async Task A_click_is_kept_with_the_customer_once_however_often_it_is_told()
    {
        await using var world = await WithRunAsync();
        var step = new TouchStep(world.Rows, world.Workspace, new CountingFold());
        var (delivered, click) = (new Touch(Send, TouchKind.Delivered, DispatchWorld.Start.AddHours(1)), new Touch(Send, TouchKind.Clicked, DispatchWorld.Start.AddHours(2)));
        await step.HandleAsync([click], default);
        await step.HandleAsync([delivered, click], default);
        await step.HandleAsync([delivered], default);
        var kept = Assert.Single((await world.CustomerAsync(0)).Messages);
        Assert.Equal((MessageHistory.Seconds(delivered.At), 0L, MessageHistory.Seconds(click.At)), (kept.DeliveredAt, kept.OpenedAt, kept.ClickedAt));
    }

    /// <summary>What is kept after touches of many runs, each applied to its own sending record.</summary>
    private static MessageHistory[] KeptOf((int Run, int Kind, int Hour, bool Machine)[] events)
    {
        var records = new Dictionary<int, AssignmentRow>();
        var customer = DispatchWorld.Customer("0");
        foreach (var (run, kind, hour, machine) in events)
        {
            var sent = DispatchWorld.Start.AddDays(run);
            var row = records.GetValueOrDefault(run) ?? DispatchWorld.Assignment("0", Channel.Email, sent) with { State = SendState.Accepted, SentAt = sent };
            records[run] = TouchFold.Apply(row, new Touch("", (TouchKind)kind, sent.AddHours(hour), machine));
            customer = MessageFold.Apply(customer, "run-" + run, records[run]) ?? customer;
        }

        return customer.Messages;
    }

    [Fact]
    public async Task A_click_changes_the_record_and_its_outcome_and_an_unsubscribe_reaches_the_customer()
    {
        await using var world = await WithRunAsync();
        await world.PutAsync(Tables.Customers, "b000", Tables.Order(DispatchWorld.Key(0), "o1"), new OrderRow { OrderId = "o1", CustomerId = "0", OrderedAt = DispatchWorld.Start, RevisedAt = DispatchWorld.Start });
        var step = new TouchStep(world.Rows, world.Workspace, new CountingFold());
        var click = new Touch(Send, TouchKind.Clicked, DispatchWorld.Start.AddHours(1));
        var unsubscribe = new Touch(Send, TouchKind.Unsubscribed, DispatchWorld.Start.AddHours(2));
        Assert.Equal(new TouchResult(2, 1), await step.HandleAsync([click, unsubscribe, click with { Send = "run-x." + DispatchWorld.Key(1) }], default));
        var record = await world.RecordAsync(0);
        Assert.Equal((click.At, unsubscribe.At, 1), (record.ClickedAt, record.UnsubscribedAt, record.Outcome.Orders));
        Assert.Equal("unsubscribed", (await world.CustomerAsync(0)).EmailSuppression);
        Assert.Equal("unsubscribed", (await new AddressBook(world.Rows, world.Workspace).SuppressionAsync("customer0@shop.example", default))!.Reason);
    }

    /// <summary>One customer with a sending record, and the run's job, from which a touch learns what counts.</summary>
    private static async Task<DispatchWorld> WithRunAsync()
    {
        var world = await DispatchWorld.CreateAsync(1);
        await world.PutAsync(Tables.Work, DispatchWorld.Run, JobRows.Head, new JobHead
        {
            Job = DispatchWorld.Run,
            Kind = RunInputs.JobKind,
            AsOf = DispatchWorld.Start,
            CreatedAt = DispatchWorld.Start,
            Inputs = RowCodec.Encode(DispatchWorld.Inputs(DispatchWorld.Start)).ToArray(),
        });
        return world;
    }

    private sealed class CountingFold : IOutcomeFold
    {
        public Outcome Fold(AssignmentRow assignment, RunInputs run, IReadOnlyList<OrderRow> orders) => new() { Orders = orders.Count };
    }
}
