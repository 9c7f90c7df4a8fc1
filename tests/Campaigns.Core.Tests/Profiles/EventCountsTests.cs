using Campaigns.Core.Ingest;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles;

public class EventCountsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Events_count_the_same_whether_they_arrive_one_by_one_or_at_once() =>
        Gen.Select(Gen.Int[0, 40], Gen.Bool).Array[0, 120].Sample(kinds =>
        {
            var events = kinds.Select((k, i) => Event("e" + i, (k.Item2 ? "kind " : "Kind ") + k.Item1, i, 10 * i)).ToList();
            var builder = new HistoryBuilder();
            var history = builder.Refold("c", []);
            foreach (var one in events)
            {
                history = builder.Append(history, [one])!;
            }

            events.Reverse();
            Assert.Equal(builder.Refold("c", events).Events, history.Events);
            Assert.InRange(history.Events.Length, 0, PurchaseHistory.EventLimit);
            Assert.Equal(history.Events.Length, history.Events.Select(e => e.Name.ToUpperInvariant()).Distinct().Count());
        });

    [Fact]
    public void Rules_read_events_by_name()
    {
        var history = new HistoryBuilder().Refold("c", [Event("1", "survey answered", 0, 0), Event("2", "Survey answered", 3, 250), Event("3", "order", 5, 999)]);
        var facts = new CustomerFacts { History = history, Shop = new SegmentParameters { Job = "j", AsOf = Start }, AsOf = Start.AddDays(10) };
        FieldValue Read(string field) => FieldCatalogue.BuiltIn.Find(field)!.Read(facts);

        Assert.Equal((2.0, 7.0, 2.5), (Read("event.survey answered.count").Number, Read("event.survey answered.days_since").Number, Read("event.SURVEY ANSWERED.value").Number));
        Assert.Equal(Start.AddDays(3).UtcTicks, Read("event.survey answered.last_at").Ticks);
        Assert.Equal(0, Read("event.visit.count").Number);
        Assert.False(Read("event.visit.days_since").IsKnown);
        Assert.Equal(1, Read("orders").Number);
    }

    private static OrderRow Event(string id, string kind, int day, long minor) => new()
    {
        OrderId = id,
        CustomerId = "c",
        OrderedAt = Start.AddDays(day),
        RevisedAt = Start,
        Event = kind,
        Lines = [new OrderLine("", 1, minor * 10_000)],
    };
}
