using Campaigns.Core.Dispatch;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tests.Dispatch;

public class DispatchStepTests
{
    private static RememberingChannel Email(Func<OutgoingMessage, SendResult>? answer = null, Func<Task>? before = null) =>
        new(Channel.Email, true, 0) { Answer = answer, BeforeCall = before };

    private static RememberingChannel Sms() => new(Channel.Sms, true, 0);

    [Fact]
    public async Task Everybody_who_was_treated_gets_one_message_and_the_totals_add_up()
    {
        await using var world = await DispatchWorld.CreateAsync(20);
        var (email, sms) = (Email(), Sms());
        var totals = await world.FinishAsync(email, sms);
        Assert.True(totals.AddsUp);
        Assert.Equal((20, 4, 16, email.Messages.Count), (totals.Assigned, totals.HeldOut, totals.Sent, totals.SentByEmail));
        Assert.Equal(16, email.Messages.Count + sms.Messages.Count);
        Assert.Equal((email.Messages.Count * 1_000) + (sms.Messages.Count * 40_000), totals.SendCostMicros);
        Assert.Equal(SendState.HeldOut, (await world.RecordAsync(4)).State);
    }

    [Fact]
    public async Task An_offer_ends_its_hours_after_the_actual_sending_and_the_text_says_so()
    {
        await using var world = await DispatchWorld.CreateAsync(1);
        world.Clock.Advance(TimeSpan.FromHours(3));
        var email = Email();
        await world.FinishAsync(email, Sms());
        var record = await world.RecordAsync(0);
        Assert.Equal(DispatchWorld.Start.AddHours(3), record.SentAt);
        Assert.Equal(record.SentAt!.Value.AddHours(48), record.OfferEndsAt);
        Assert.Contains("Thursday 12 March, 15:00", email.Messages[0].Html, StringComparison.Ordinal);
        Assert.Equal(DispatchWorld.Run, Assert.Single((await world.CustomerAsync(0)).RecentSends).Run);
        Assert.Equal(MessageHistory.HashOfCode("spring"), Assert.Single((await world.CustomerAsync(0)).Messages).Code);
    }

    [Fact]
    public async Task An_unsubscribe_between_decision_and_sending_is_not_sent()
    {
        await using var world = await DispatchWorld.CreateAsync(1);
        await world.PutAsync(Tables.Customers, "b000", Tables.Customer(DispatchWorld.Key(0)), DispatchWorld.Customer("0") with { EmailSuppression = "unsubscribed" });
        var email = Email();
        var totals = await world.FinishAsync(email, Sms());
        Assert.Empty(email.Messages);
        Assert.Equal(1, totals.Skipped[SendReasons.Suppressed]);
    }

    [Fact]
    public async Task An_unsubscribe_that_lands_while_the_message_is_being_made_makes_the_claim_fail()
    {
        await using var world = await DispatchWorld.CreateAsync(2);
        var landed = false;
        var rows = new WatchedRows(world.Rows, async (table, key) =>
        {
            if (!landed && table == Tables.Customers && key == Tables.Customer(DispatchWorld.Key(0)))
            {
                landed = true;
                await world.PutAsync(table, "b000", key, DispatchWorld.Customer("0") with { EmailSuppression = "unsubscribed" });
            }
        });
        var email = Email();
        var done = Assert.IsType<PartOutcome.Done>(await world.PassAsync(rows, email, Sms()));
        Assert.Equal("customer1@shop.example", Assert.Single(email.Messages).To);
        Assert.Equal(SendState.Skipped, (await world.RecordAsync(0)).State);
        Assert.True(RowCodec.Decode<RunDispatch>(done.Summary).AddsUp);
    }

    [Fact]
    public async Task Nothing_is_claimed_while_everything_is_stopped_or_the_campaign_paused()
    {
        await using var world = await DispatchWorld.CreateAsync(3);
        var email = Email();
        await world.Workspace.ChangeAsync(s => s with { Stopped = true }, default);
        Assert.IsType<PartOutcome.Later>(await world.PassAsync(world.Rows, email, Sms()));
        await world.Workspace.ChangeAsync(s => s with { Stopped = false }, default);
        await world.PutAsync(Tables.Campaigns, Tables.All, "loyal-spring", DispatchWorld.Inputs(DispatchWorld.Start).Campaign with { Status = CampaignStatus.Paused });
        Assert.IsType<PartOutcome.Later>(await world.PassAsync(world.Rows, email, Sms()));
        Assert.Equal(SendState.Decided, (await world.RecordAsync(0)).State);
        await world.PutAsync(Tables.Campaigns, Tables.All, "loyal-spring", DispatchWorld.Inputs(DispatchWorld.Start).Campaign with { Status = CampaignStatus.Stopped });
        Assert.Equal(3, (await world.FinishAsync(email, Sms())).Skipped[SendReasons.CampaignStopped]);
        Assert.Empty(email.Messages);
    }

    [Theory]
    [InlineData(4_999_999, 3)]
    [InlineData(5_000_000, 0)]
    public async Task A_run_that_has_cost_its_budget_sends_no_further(long spentMicros, int sent)
    {
        await using var world = await DispatchWorld.CreateAsync(3, budgetMicros: 5_000_000);
        await RunSpend.WriteAsync(world.Rows, DispatchWorld.Run, new RunSpend { SpentMicros = spentMicros, MeasuredAt = DispatchWorld.Start }, default);
        var totals = await world.FinishAsync(Email(), Sms());
        Assert.Equal((sent, 3 - sent), (totals.Sent, totals.Skipped.GetValueOrDefault(SendReasons.BudgetSpent)));
        Assert.True(totals.AddsUp);
    }

    [Fact]
    public async Task A_message_outside_sending_hours_waits_for_the_morning()
    {
        await using var world = await DispatchWorld.CreateAsync(1);
        world.Clock.Advance(TimeSpan.FromHours(10));
        var later = Assert.IsType<PartOutcome.Later>(await world.PassAsync(world.Rows, Email(), Sms()));
        Assert.Equal(DispatchWorld.Start.AddHours(21), later.DueAt);
        Assert.Equal(SendState.Deferred, (await world.RecordAsync(0)).State);
        world.Clock.Advance(TimeSpan.FromHours(11));
        Assert.Equal(1, (await world.FinishAsync(Email(), Sms())).Sent);
    }

    [Fact]
    public async Task A_provider_that_asks_to_wait_gets_no_second_call_before_and_the_customers_caps_are_as_before()
    {
        await using var world = await DispatchWorld.CreateAsync(2);
        var calls = 0;
        var email = Email(_ => new SendResult.NotSent("busy", TimeSpan.FromMinutes(7)), () => { calls++; return Task.CompletedTask; });
        var later = Assert.IsType<PartOutcome.Later>(await world.PassAsync(world.Rows, email, Sms()));
        Assert.Equal(DispatchWorld.Start.AddMinutes(7), later.DueAt);
        await world.PassAsync(world.Rows, email, Sms());
        Assert.Equal(1, calls);
        Assert.Empty((await world.CustomerAsync(0)).RecentSends);
        Assert.Empty((await world.CustomerAsync(0)).Messages);
        Assert.Null((await world.RecordAsync(0)).SentAt);
    }

    [Fact]
    public async Task After_a_lost_answer_calls_carry_one_recipient_until_one_succeeds()
    {
        await using var world = await DispatchWorld.CreateAsync(40);
        var sizes = new List<int>();
        var sent = 0;
        var email = new SizedChannel(sizes, batch => sizes.Count == 1 ? new SendResult.Unknown("lost") : sizes.Count == 2 ? new SendResult.Unknown("lost") : new SendResult.Accepted($"{++sent}"));
        var totals = await world.FinishAsync(email, Sms());
        Assert.Equal([3, 1, 1, 3, 3], sizes.Take(5));
        Assert.Equal(4, totals.Unknown);
        Assert.True(totals.AddsUp);
    }

    [Fact]
    public async Task A_recipient_whom_the_provider_refuses_for_good_is_not_tried_again()
    {
        await using var world = await DispatchWorld.CreateAsync(1);
        var totals = await world.FinishAsync(Email(_ => new SendResult.Rejected("no such mailbox", "hard bounce")), Sms());
        Assert.Equal(1, totals.Rejected["no such mailbox"]);
        Assert.Equal("hard bounce", (await world.CustomerAsync(0)).EmailSuppression);
        Assert.Equal("hard bounce", (await new AddressBook(world.Rows, world.Workspace).SuppressionAsync("customer0@shop.example", default))!.Reason);
        Assert.Equal(0, totals.SendCostMicros);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 0)]
    [InlineData(false, 3)]
    public async Task Killed_at_any_instant_it_never_sends_twice_and_ends_with_totals_that_add_up(bool canTell, int seed)
    {
        const int Customers = 8;
        var dry = new Killer(0, false);
        await using (var world = await DispatchWorld.CreateAsync(Customers))
        {
            await world.PassAsync(new MortalRows(world.Rows, dry), new RememberingChannel(Channel.Email, canTell, seed, dry), new RememberingChannel(Channel.Sms, canTell, seed, dry));
        }

        Assert.True(dry.Calls > 20);
        for (var at = 1; at <= dry.Calls; at++)
        {
            foreach (var after in new[] { false, true })
            {
                await using var world = await DispatchWorld.CreateAsync(Customers);
                var killer = new Killer(at, after);
                var (email, sms) = (new RememberingChannel(Channel.Email, canTell, seed, killer), new RememberingChannel(Channel.Sms, canTell, seed, killer));
                await Assert.ThrowsAsync<KilledException>(() => world.PassAsync(new MortalRows(world.Rows, killer), email, sms));

                // Somebody else takes over, at once and again when claims have run out.
                var totals = await world.FinishAsync(email.Alive(), sms.Alive());
                Assert.True(totals.AddsUp, $"killed {(after ? "after" : "before")} call {at}: {totals}");
                Assert.Equal(Customers, totals.Assigned);
                Assert.True(email.MaybeTaken.Count + sms.MaybeTaken.Count <= totals.Sent + totals.Unknown);
                if (canTell)
                {
                    Assert.Equal(email.MaybeTaken.Count + sms.MaybeTaken.Count, totals.Sent + totals.Unknown);
                }
            }
        }
    }

    private sealed class WatchedRows(IRowStore rows, Func<string, string, Task> afterRead) : IRowStore
    {
        public ValueTask<Row?> GetAsync(string table, string partition, string key, CancellationToken cancellation) =>
            rows.GetAsync(table, partition, key, cancellation);

        public async ValueTask<RowPage> RangeAsync(string table, string partition, string from, string before, int limit, string? continuation, CancellationToken cancellation)
        {
            var page = await rows.RangeAsync(table, partition, from, before, limit, continuation, cancellation);
            foreach (var row in page.Rows)
            {
                await afterRead(table, row.Key);
            }

            return page;
        }

        public ValueTask<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellation) =>
            rows.CommitAsync(table, partition, operations, cancellation);

        public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancellation) => rows.PartitionsAsync(table, cancellation);
    }

    private sealed class SizedChannel(List<int> sizes, Func<int, SendResult> answer) : IMessageChannel
    {
        public string Name => "sized";

        public Channel Channel => Channel.Email;

        public int BatchSize => 3;

        public ValueTask<IReadOnlyList<SendResult>> SendAsync(IReadOnlyList<OutgoingMessage> batch, CancellationToken cancellation)
        {
            sizes.Add(batch.Count);
            var result = answer(batch.Count);
            return new([.. batch.Select(_ => result)]);
        }

        public ValueTask<FindResult> FindAsync(SendId id, CancellationToken cancellation) => new(FindResult.CannotTell);
    }
}
