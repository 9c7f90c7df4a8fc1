using Campaigns.Core.Dispatch;
using Campaigns.Core.Ingest;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using Campaigns.Core.Tests.Dispatch;

namespace Campaigns.Core.Tests.Faults;

/// <summary>What must hold at the end of every story.</summary>
internal sealed partial class SimulatedWorld
{
    private async Task CheckAsync()
    {
        var result = await new SimulatedApp(this).Runner.ResultAsync(DispatchWorld.Run, DispatchStep.StageName, default);
        var totals = RowCodec.Decode<RunDispatch>(result!.Value);
        Assert.True(totals.AddsUp, $"{totals}");
        Assert.Equal((customers, Enumerable.Range(0, customers).Count(HeldOut)), (totals.Assigned, totals.HeldOut));
        var now = new RunDispatch();
        for (var i = 0; i < customers; i++)
        {
            var (record, provider) = (await RecordAsync(i), providers[ChannelOf(i)]);
            var (calls, taken, id) = (provider.MaybeTaken.GetValueOrDefault(IdOf(i)), provider.Taken.Contains(IdOf(i)), IdOf(i));
            Assert.True(RunDispatch.IsSettled(record), $"{id} is {record.State}.");
            Assert.True(calls <= 1, $"{id} may have been sent {calls} times.");
            Assert.True(
                record switch
                {
                    { HeldOut: true } or { State: SendState.Skipped or SendState.Rejected } => calls == 0,
                    { State: SendState.Unknown } => calls <= 1 && !taken,
                    _ => taken,
                },
                $"{id} is {record.State} ({record.Reason}), called for {calls} times, {(taken ? "taken" : "not taken")}.");

            var customer = await store.Rows.FindAsync<CustomerRow>(Tables.Customers, PartitionOf(i), Tables.Customer(DispatchWorld.Key(i)), default);
            Assert.Equal(record.WasSent ? 1 : 0, customer!.Value.RecentSends.Count(s => s.Run == DispatchWorld.Run));
            Assert.Equal(record.WasSent, record.SendCostMicros > 0);
            now = now.With(record);
        }

        // Events move records on after the run has ended; nobody is counted twice or lost by that.
        Assert.True(now.AddsUp);
        Assert.Equal((totals.Assigned, totals.Sent + totals.Unknown, totals.SendCostMicros), (now.Assigned, now.Sent + now.Unknown, now.SendCostMicros));
    }
}
