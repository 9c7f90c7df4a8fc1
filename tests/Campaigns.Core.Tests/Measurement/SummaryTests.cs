using Campaigns.Core.Measurement;
using Campaigns.Core.Planning;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;
using CsCheck;

namespace Campaigns.Core.Tests.Measurement;

public sealed class SummaryTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    private static readonly Gen<(AssignmentRow Row, Outcome Outcome, int Churn)[]> Customers = Gen.Select(
        Gen.Bool, Gen.Int[0, 2], Gen.Long[-5_000_000_000, 5_000_000_000], Gen.Long[0, 5000], Gen.Int[0, 2],
        (held, segment, money, cost, churn) => (
            Row: OutcomesTests.Assigned(held, segment == 2 ? SendState.Skipped : SendState.Accepted) with
            {
                Segment = "s" + segment,
                SendCostMicros = held ? 0 : cost,
                Reason = segment == 2 ? "cap " + (cost % 3) : null,
            },
            Outcome: new Outcome(Math.Abs((int)(money % 3)), money, money / 3, cost, cost / 2, 0, 0, 0, 0),
            churn)).Array[0, 60];

    private static RunSummary Empty() => new()
    {
        Run = "run-1",
        Campaign = "win-back",
        CampaignName = "Win-back",
        Occurrence = 0,
        At = At,
        WindowEnd = At.AddDays(30),
        MeasuredAt = At.AddDays(31),
        MarginKnown = true,
        ChurnDays = 90,
        MicrosPerMinor = 10_000,
    };

    private static RunSummary Summarise(IEnumerable<(AssignmentRow Row, Outcome Outcome, int Churn)> customers)
    {
        var tally = new RunTally(Empty());
        foreach (var (row, outcome, churn) in customers)
        {
            tally.Add(row, outcome, churn == 0 ? null : (true, churn == 2));
        }

        return tally.ToSummary();
    }

    [Fact]
    public void Summaries_of_1_16_and_256_buckets_merge_into_the_same_bytes() => Customers.Sample(customers =>
    {
        var whole = RowCodec.Encode(Summarise(customers)).ToArray();
        foreach (var buckets in new[] { 1, 16, 256 })
        {
            var merged = new RunTally(Empty());
            for (var bucket = 0; bucket < buckets; bucket++)
            {
                merged.Add(RowCodec.Decode<RunSummary>(RowCodec.Encode(Summarise(customers.Where((c, i) => ((i * 7919) + 13) % buckets == bucket)))));
            }

            Assert.Equal(whole, RowCodec.Encode(merged.ToSummary()).ToArray());
        }
    });

    [Fact]
    public void The_shops_summaries_merge_into_the_same_however_customers_are_dealt() =>
        Histories.Array[0, 40].Sample(customers =>
        {
            // Every value, not the bytes: times hold padding in memory, which may differ.
            string Of(int buckets)
            {
                var merged = new ShopTally(AsOf, 90);
                for (var bucket = 0; bucket < buckets; bucket++)
                {
                    var part = new ShopTally(AsOf, 90);
                    foreach (var history in customers.Where((c, i) => i % buckets == bucket))
                    {
                        part.Add(history, new MembershipRow { Primary = "loyal", Present = [new Membership("loyal", AsOf.AddDays(-200))] });
                    }

                    merged.Add(part.ToSummary());
                }

                return System.Text.Json.JsonSerializer.Serialize(merged.ToSummary());
            }

            Assert.Equal(Of(1), Of(7));
        });

    private static readonly DateTimeOffset AsOf = new(2026, 6, 1, 13, 0, 0, TimeSpan.Zero);

    private static readonly Gen<PurchaseHistory> Histories = Gen.Select(Gen.Double[0, 500].Array[1, 12], ago =>
        History([.. ago.Select(d => AsOf.AddDays(-d)).Order()]));

    internal static PurchaseHistory History(params DateTimeOffset[] orders) => new()
    {
        CustomerId = "c",
        Orders = orders.Length,
        FirstOrderAt = orders[0],
        LastOrderAt = orders[^1],
        RecentOrders = [.. orders.Select(at => new RecentOrder(at, 100))],
    };

    [Fact]
    public void The_daily_series_equals_counting_each_day_by_hand() => Histories.Array[1, 6].Sample(customers =>
    {
        const int horizon = 30;
        var tally = new ShopTally(AsOf, horizon);
        Array.ForEach(customers, c => tally.Add(c, null));
        var summary = tally.ToSummary();
        var orders = customers.Select(c => c.RecentOrders.Select(o => DateOnly.FromDateTime(o.At.UtcDateTime).DayNumber).ToArray()).ToArray();
        var today = DateOnly.FromDateTime(AsOf.UtcDateTime).DayNumber;
        for (var i = 0; i < summary.Days.Length; i++)
        {
            var day = summary.FirstDay + i;
            bool Before(int[] c) => Array.Exists(c, o => o >= day - horizon && o < day);
            var expected = new DaySums(
                orders.Sum(c => c.Count(o => o == day)),
                orders.Sum(c => c.Count(o => o == day)) * 100,
                orders.Count(c => c.Contains(day)),
                orders.Count(c => c[0] <= day),
                orders.Count(c => Array.Exists(c, o => o <= day && o > day - ShopSummary.ActiveDays)),
                orders.Count(Before),
                day + horizon > today ? 0 : orders.Count(c => Before(c) && !Array.Exists(c, o => o >= day && o < day + horizon)));
            Assert.Equal(expected, summary.Days[i]);
        }
    });

    [Fact]
    public void Churn_of_a_worked_example()
    {
        var t = AsOf.AddDays(-90);
        Assert.Equal((true, true), Churn.Of(History(t.AddDays(-10)), t, 90));
        Assert.Equal((true, false), Churn.Of(History(t.AddDays(-10), t.AddDays(89)), t, 90));
        Assert.Equal((true, true), Churn.Of(History(t.AddDays(-10), t.AddDays(90)), t, 90));
        Assert.Equal((true, false), Churn.Of(History(t.AddDays(-90), t), t, 90));
        Assert.Equal((false, false), Churn.Of(History(t.AddDays(-91)), t, 90));
        Assert.Equal((false, false), Churn.Of(History(t), t, 90));
        Assert.Equal((false, false), Churn.Of(null, t, 90));
        Assert.True(Churn.Known(t, 90, AsOf));
        Assert.False(Churn.Known(t.AddSeconds(1), 90, AsOf));
    }

    [Fact]
    public void Churn_goes_by_the_segment_of_then_not_of_now()
    {
        var t = AsOf.AddDays(-90);
        var membership = new MembershipRow
        {
            Primary = "lost",
            Present = [new Membership("lost", AsOf.AddDays(-5))],
            Past = [new Membership("loyal", AsOf.AddDays(-200), AsOf.AddDays(-40)), new Membership("at-risk", AsOf.AddDays(-40), AsOf.AddDays(-5))],
        };
        Assert.Equal("loyal", Churn.SegmentAt(membership, t, []));
        Assert.Null(Churn.SegmentAt(membership, AsOf.AddDays(-300), []));
        Assert.Null(Churn.SegmentAt(null, t, []));
    }

    [Fact]
    public void Of_several_segments_churn_goes_by_the_first_of_the_workspaces_own_scheme()
    {
        var membership = new MembershipRow { Primary = "vip", Present = [new Membership("families", AsOf.AddDays(-300)), new Membership("vip", AsOf.AddDays(-300))] };
        Assert.Equal("vip", Churn.SegmentAt(membership, AsOf, ["vip", "families"]));
        Assert.Equal("families", Churn.SegmentAt(membership, AsOf, ["families", "vip"]));
    }
}
