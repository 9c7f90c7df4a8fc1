using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Brakes;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using Campaigns.Core.Tracking;
using CsCheck;

namespace Campaigns.Core.Tests.Dispatch;

public class BrakeTests
{
    private static readonly SendBrakes Staged = new() { FirstShare = 0.2 };

    private static RememberingChannel Email(Func<OutgoingMessage, SendResult>? answer = null, Func<Task>? before = null) =>
        new(Channel.Email, true, 0) { Answer = answer, BeforeCall = before };

    private static RememberingChannel Sms() => new(Channel.Sms, true, 0);

    [Fact]
    public async Task A_run_waits_after_launch_and_what_is_cancelled_in_that_time_is_never_sent()
    {
        await using var world = await DispatchWorld.CreateAsync(10);
        world.Brakes = SendBrakes.Off with { LaunchWaitMinutes = 10 };
        var email = Email();
        Assert.Equal(DispatchWorld.Start.AddMinutes(10), Assert.IsType<PartOutcome.Later>(await world.PassAsync(world.Rows, email, Sms())).DueAt);
        await RunBrakes.ChangeAsync(world.Rows, DispatchWorld.Run, b => b with { CancelledAt = DispatchWorld.Start }, default);
        var totals = await world.FinishAsync(email, Sms());
        Assert.Empty(email.Messages);
        Assert.Equal(8, totals.Skipped[SendReasons.SendCancelled]);
        Assert.True(totals.AddsUp);
    }

    [Fact]
    public async Task The_first_share_goes_out_first_and_the_rest_half_an_hour_later_each_once()
    {
        await using var world = await DispatchWorld.CreateAsync(100);
        world.Brakes = Staged;
        var (email, sms) = (Email(), Sms());
        world.Clock.Advance(TimeSpan.FromMinutes(10));
        await world.PassAsync(world.Rows, email, sms);
        var first = email.Messages.Count + sms.Messages.Count;
        Assert.InRange(first, 5, 30);
        world.Clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(DispatchWorld.Start.AddMinutes(40), Assert.IsType<PartOutcome.Later>(await world.PassAsync(world.Rows, email, sms)).DueAt);
        Assert.Equal(first, email.Messages.Count + sms.Messages.Count);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<PartOutcome.Done>(await world.PassAsync(world.Rows, email, sms));
        Assert.Equal(80, email.Messages.Count + sms.Messages.Count);
    }

    [Fact]
    public async Task The_rest_waits_for_the_first_messages_however_late_they_are()
    {
        await using var world = await DispatchWorld.CreateAsync(100);
        world.Brakes = Staged;
        var (email, sms) = (Email(), Sms());
        await world.Workspace.ChangeAsync(s => s with { Stopped = true }, default);
        world.Clock.Advance(TimeSpan.FromHours(2));
        await world.PassAsync(world.Rows, email, sms);
        await world.Workspace.ChangeAsync(s => s with { Stopped = false }, default);
        await world.PassAsync(world.Rows, email, sms);
        Assert.InRange(email.Messages.Count + sms.Messages.Count, 5, 30);
        Assert.Equal(world.Clock.GetUtcNow(), (await RunBrakes.FindAsync(world.Rows, DispatchWorld.Run, default)).FirstBegunAt);
    }

    [Fact]
    public void Who_goes_first_is_about_the_share_and_knows_nothing_of_the_other_draws() => Gen.Int[0, 1_000_000].Sample(
        seed =>
        {
            var customers = Enumerable.Range(0, 2_000).Select(i => CustomerKey.Of([1], $"{seed}-{i}")).ToList();
            var first = customers.Count(c => RunBrakes.IsFirst(Staged, [1, 2], "run-1", c));
            Assert.InRange(first, 300, 500); // 400 ± 5.6 standard errors.
            Assert.InRange(customers.Count(c => RunBrakes.IsFirst(Staged, [1, 2], "run-1", c) && RunBrakes.IsFirst(Staged, [1, 2], "run-2", c)), 30, 135);
        },
        iter: 20);

    [Fact]
    public async Task Provider_errors_in_a_row_pause_the_run_and_it_goes_on_when_somebody_says_so()
    {
        await using var world = await DispatchWorld.CreateAsync(10);
        world.Brakes = SendBrakes.Off with { ProviderErrors = 3 };
        var broken = true;
        var email = Email(_ => broken ? new SendResult.NotSent("the key is not valid") : new SendResult.Accepted(null));
        for (var pass = 0; pass < 5; pass++)
        {
            await world.PassAsync(world.Rows, email);
            world.Clock.Advance(TimeSpan.FromMinutes(6));
        }

        var brakes = await RunBrakes.FindAsync(world.Rows, DispatchWorld.Run, default);
        Assert.Equal((3, "3 calls of remembering failed in a row; the last: the key is not valid."), (brakes.ErrorsInARow, brakes.PausedWhy));
        broken = false;
        Assert.IsType<PartOutcome.Later>(await world.PassAsync(world.Rows, email, Sms()));
        Assert.Empty(email.Messages);
        Assert.True(await new ComplaintStep(world.Rows, world.Workspace).ResumeAsync(DispatchWorld.Run, default));
        Assert.True((await world.FinishAsync(email, Sms())).Sent > 0);
    }

    [Fact]
    public async Task A_provider_that_asks_to_wait_or_takes_a_message_in_between_does_not_pause_the_run()
    {
        await using var world = await DispatchWorld.CreateAsync(30);
        world.Brakes = SendBrakes.Off with { ProviderErrors = 2 };
        var calls = 0;
        var email = Email(_ => new SendResult.NotSent("wait", TimeSpan.FromMinutes(1)));
        await world.PassAsync(world.Rows, email);
        await world.PassAsync(world.Rows, email);
        var flaky = Email(_ => ++calls % 2 == 0 ? new SendResult.Accepted(null) : new SendResult.NotSent("down"));
        await world.FinishAsync(flaky, Sms());
        Assert.Null((await RunBrakes.FindAsync(world.Rows, DispatchWorld.Run, default)).PausedAt);
    }

    [Fact]
    public async Task Too_many_complaints_pause_the_run_whatever_comes_twice()
    {
        await using var world = await DispatchWorld.CreateAsync(1_300);
        world.Brakes = SendBrakes.Off with { ComplaintShare = 0.001 };
        await world.PutAsync(Tables.Work, DispatchWorld.Run, JobRows.Head, new JobHead
        {
            Job = DispatchWorld.Run,
            Kind = RunInputs.JobKind,
            AsOf = DispatchWorld.Start,
            CreatedAt = DispatchWorld.Start,
            Inputs = RowCodec.Encode(DispatchWorld.Inputs(DispatchWorld.Start) with { Brakes = world.Brakes }).ToArray(),
        });
        for (var i = 0; i < 1_300; i++)
        {
            await world.PutAsync(Tables.Customers, "b000", Tables.Assignment(DispatchWorld.Run, DispatchWorld.Key(i)), (await world.RecordAsync(i)) with { HeldOut = false, State = SendState.Delivered, SentAt = DispatchWorld.Start });
        }

        var step = new TouchStep(world.Rows, world.Workspace, new KeptOutcome());
        foreach (var customer in (int[])[1, 1, 2, 2, 1, 2])
        {
            await step.HandleAsync([new Touch($"{DispatchWorld.Run}.{DispatchWorld.Key(customer).Text}", TouchKind.Complained, DispatchWorld.Start)], default);
        }

        Assert.Null((await RunBrakes.FindAsync(world.Rows, DispatchWorld.Run, default)).PausedAt);
        await step.HandleAsync([.. Enumerable.Range(3, 3).Select(c => new Touch($"{DispatchWorld.Run}.{DispatchWorld.Key(c).Text}", TouchKind.Complained, DispatchWorld.Start))], default);
        var brakes = await RunBrakes.FindAsync(world.Rows, DispatchWorld.Run, default);
        Assert.Equal("5 of 1,300 recipients marked the message as spam, more than 0.1%.", brakes.PausedWhy);
        await new ComplaintStep(world.Rows, world.Workspace).ResumeAsync(DispatchWorld.Run, default);
        Assert.False((await RunBrakes.FindAsync(world.Rows, DispatchWorld.Run, default)).Counted(world.Brakes, 1_300, 7, default).IsPaused);
    }

    [Fact]
    public void Complaints_trip_from_three_on_and_from_a_thousand_delivered() => Gen.Select(Gen.Long[0, 5_000], Gen.Long[0, 20]).Sample((delivered, complaints) =>
    {
        var paused = new RunBrakes().Counted(new SendBrakes(), delivered, complaints, default).IsPaused;
        Assert.Equal(complaints >= 3 && delivered >= 1_000 && complaints * 1_000 > delivered, paused);
        Assert.False(new RunBrakes().Counted(SendBrakes.Off, delivered, Math.Min(complaints, delivered), default).IsPaused);
    });

    [Fact]
    public async Task Stop_all_on_one_instance_stops_the_queued_messages_of_another_and_resume_goes_on_where_it_stopped()
    {
        await using var world = await DispatchWorld.CreateAsync(40);
        var other = new Workspace(world.Rows, world.Clock);
        var pressed = false;
        var email = Email(before: async () =>
        {
            if (!pressed)
            {
                pressed = true;
                await other.ChangeAsync(s => s with { Stopped = true }, default);
            }
        });
        Assert.IsType<PartOutcome.Later>(await world.PassAsync(world.Rows, email, Sms()));
        var gone = email.Messages.Count;
        Assert.Equal(email.BatchSize, gone); // What was claimed when the button was pressed; nothing after it.
        await world.PassAsync(world.Rows, email, Sms());
        Assert.Equal(gone, email.Messages.Count);
        await other.ChangeAsync(s => s with { Stopped = false }, default);
        var totals = await world.FinishAsync(email, Sms());
        Assert.Equal((32, 8), (totals.Sent, totals.HeldOut));
    }

    private sealed class KeptOutcome : IOutcomeFold
    {
        public Outcome Fold(AssignmentRow row, RunInputs inputs, IReadOnlyList<Campaigns.Core.Ingest.OrderRow> orders) => row.Outcome;
    }
}
