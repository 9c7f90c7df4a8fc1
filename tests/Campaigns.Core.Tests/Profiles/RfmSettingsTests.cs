using System.Text;
using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using CsCheck;

namespace Campaigns.Core.Tests.Profiles;

public class RfmSettingsTests
{
    private static readonly Gen<long[]?> Cuts = Gen.Int[0, 19].Select(n => n == 0 ? null : Enumerable.Range(1, n).Select(i => i * 7L).ToArray());

    /// <summary>Settings with a map that names every cell after its row.</summary>
    private static readonly Gen<RfmSettings> Settings = Gen.Select(Gen.Int[2, 20], Cuts, Cuts, Gen.Bool).Select((bins, recency, orders, own) =>
    {
        var settings = new RfmSettings { Bins = bins, RecencyCutsDays = recency, OrderCuts = orders };
        return own ? settings with { Map = [.. Enumerable.Range(1, settings.RecencyScores).Select(r => new RfmRule("row " + r, r, r, 1, settings.FrequencyScores))] } : settings;
    });

    [Fact]
    public void Settings_survive_json() => Settings.Sample(settings =>
    {
        var reading = RfmJson.Parse(RfmJson.Write(settings));
        Assert.Empty(reading.Faults);
        Assert.Equal(settings, reading.Settings);
    });

    [Fact]
    public void Every_score_that_settings_can_give_has_its_cell_on_their_map() =>
        Gen.Select(Settings, Gen.Select(Gen.Int[0, 400], Gen.Int[1, 300]).Array[1, 60]).Sample((settings, customers) =>
        {
            var histories = customers.Select((c, i) => History("c" + i, c.Item1, c.Item2)).OrderBy(h => h.CustomerId, StringComparer.Ordinal).ToList();
            var cuts = RfmTable.Of(histories, OrderGen.Start, settings).Cuts(i => histories[i].CustomerId);
            foreach (var history in histories)
            {
                var score = Rfm.Score(history, cuts, OrderGen.Start)!.Value;
                Assert.InRange(score.Recency, 1, settings.RecencyScores);
                Assert.InRange(score.Frequency, 1, settings.FrequencyScores);
                Assert.InRange(score.Monetary, 1, settings.MonetaryScores);
                if (settings.Map is not null)
                {
                    Assert.Equal("row " + score.Recency, settings.ToMap()!.NameOf(score));
                }
            }
        });

    [Fact]
    public void A_map_of_the_workspaces_own_names_the_cells_that_rules_ask_for()
    {
        var rfm = new RfmSettings { RecencyCutsDays = [30], OrderCuts = [1, 3], Map = [new("gone", 1, 1, 1, 3), new("once", 2, 2, 1, 1), new("ours", 2, 2, 2, 3)] };
        FieldValue Cell(RfmSettings settings, int days, int orders)
        {
            var histories = new[] { History("c", days, orders) };
            var cuts = RfmTable.Of(histories, OrderGen.Start, settings).Cuts(i => histories[i].CustomerId);
            var shop = new SegmentParameters { Job = "j", AsOf = OrderGen.Start, Rfm = cuts, Model = new ShopModel { Settings = new ModelSettings { Rfm = settings }, Rfm = cuts } };
            return FieldCatalogue.BuiltIn.Find("rfm.cell")!.Read(new CustomerFacts { History = histories[0], Shop = shop, AsOf = OrderGen.Start });
        }

        Assert.Equal(["gone", "once", "ours"], [Cell(rfm, 31, 9).Text, Cell(rfm, 30, 1).Text, Cell(rfm, 3, 2).Text]);
        Assert.False(Cell(rfm with { Map = null }, 3, 2).IsKnown);
    }

    [Theory]
    [InlineData("""{"bins":1}""", "$.bins")]
    [InlineData("""{"windowDays":0}""", "$.windowDays")]
    [InlineData("""{"orderCuts":[1,3,3]}""", "$.orderCuts[2]")]
    [InlineData("""{"recencyCutsDays":[]}""", "$.recencyCutsDays")]
    [InlineData("""{"bins":"five"}""", "$.bins")]
    [InlineData("""{"quantiles":5}""", "$.quantiles")]
    [InlineData("""{"map":[null]}""", "$.map[0]")]
    [InlineData("""{"map":[]}""", "$.map")]
    [InlineData("""{"bins":2,"map":[{"name":"all","leastRecency":1,"mostRecency":2,"leastFrequency":1,"mostFrequency":2},{"name":"none","leastRecency":1,"mostRecency":1,"leastFrequency":1,"mostFrequency":1}]}""", "$.map[1]")]
    [InlineData("""{"bins":2,"map":[{"name":"half","leastRecency":1,"mostRecency":1,"leastFrequency":1,"mostFrequency":2}]}""", "$.map")]
    [InlineData("null", "$")]
    [InlineData("{", "$")]
    public void What_is_wrong_is_told_with_its_path(string json, string path)
    {
        var reading = RfmJson.Parse(Encoding.UTF8.GetBytes(json));
        Assert.Null(reading.Settings);
        Assert.Equal(path, Assert.Single(reading.Faults).Path);
    }

    private static PurchaseHistory History(string id, int daysAgo, int orders) => new()
    {
        CustomerId = id,
        Orders = orders,
        OrderDays = orders,
        FirstOrderAt = OrderGen.Start.AddDays(-daysAgo),
        LastOrderAt = OrderGen.Start.AddDays(-daysAgo),
        SpendMinor = orders * 100,
        RecentOrders = [.. Enumerable.Repeat(new RecentOrder(OrderGen.Start.AddDays(-daysAgo), 100), Math.Min(orders, 128))],
    };
}
