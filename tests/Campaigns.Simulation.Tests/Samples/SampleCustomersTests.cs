using System.Globalization;
using System.Text.Json;
using Campaigns.Simulation.Samples;

namespace Campaigns.Simulation.Tests.Samples;

public class SampleCustomersTests
{
    private const string Groups = """
        { "groups": [
          { "id": "young", "who": "young", "customers": 30, "segments": [ "a" ],
            "attributes": { "age": { "from": 18, "to": 25 }, "city": [ "Bath", "" ], "since": { "days_ago": [ 10, 20 ] }, "until": { "days_ahead": [ 5, 9 ] }, "level": 3 },
            "orders": [ { "count": [ 1, 4 ], "last": [ 1, 40 ], "every": [ 10, 20 ], "price": [ 5, 9.5 ], "lines": [ 1, 2 ], "discounted": 0.5, "products": [ "Red wine", "Cheese, mild" ] } ],
            "events": [ { "event": "visit", "count": 2, "last": [ 1, 9 ], "value": 1.5 } ] },
          { "id": "old", "who": "old", "customers": 5, "segments": [] } ] }
        """;

    private static readonly DateTimeOffset AsOf = new(2026, 5, 4, 10, 30, 0, TimeSpan.Zero);

    private static readonly SampleRecipe Recipe = JsonSerializer.Deserialize<SampleRecipe>(Groups, JsonSerializerOptions.Web)!;

    [Fact]
    public void The_same_recipe_and_time_give_the_same_bytes()
    {
        Assert.Equal(Customers("shop", AsOf), Customers("shop", AsOf));
        Assert.Equal(Orders("shop", AsOf), Orders("shop", AsOf));
    }

    [Fact]
    public void Samples_of_two_names_share_no_customer() =>
        Assert.Empty(Ids(Customers("shop", AsOf)).Intersect(Ids(Customers("bank", AsOf))));

    [Fact]
    public void Every_customer_of_every_group_is_there_once()
    {
        var ids = Ids(Customers("shop", AsOf));

        Assert.Equal(35, ids.Count);
        Assert.Equal(35, ids.Distinct().Count());
        Assert.Contains("shop-young-001", ids);
        Assert.Contains("shop-old-005", ids);
    }

    [Fact]
    public void Orders_and_events_lie_in_the_past_as_far_as_the_recipe_says()
    {
        var rows = Orders("shop", AsOf).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).ToList();
        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            var at = DateTimeOffset.Parse(row.Split(',')[2], CultureInfo.InvariantCulture);
            // The last of four orders lies up to 40 days back, the others up to 20 days before it each, all spread over ten hours.
            Assert.InRange((AsOf - at).TotalDays, 1, 40 + (3 * 20) + (10 / 24.0) + 0.001);
        });
        Assert.Equal(60, rows.Count(r => r.Contains(",visit,,,1,1.50,,", StringComparison.Ordinal)));
        Assert.Contains(rows, r => r.Contains("\"CHEESE,-MILD\",\"Cheese, mild\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Attributes_are_the_further_columns_and_lie_in_their_ranges()
    {
        var lines = Customers("shop", AsOf).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.EndsWith(",country,age,city,level,since,until", lines[0], StringComparison.Ordinal);
        foreach (var cells in lines.Skip(1).Select(l => l.Split(',')).Where(c => c[0].StartsWith("shop-young", StringComparison.Ordinal)))
        {
            Assert.InRange(int.Parse(cells[^5], CultureInfo.InvariantCulture), 18, 25);
            Assert.Contains(cells[^4], new[] { "Bath", "" });
            Assert.Equal("3", cells[^3]);
            Assert.InRange(DateOnly.Parse(cells[^2], CultureInfo.InvariantCulture), new DateOnly(2026, 4, 14), new DateOnly(2026, 4, 24));
            Assert.InRange(DateOnly.Parse(cells[^1], CultureInfo.InvariantCulture), new DateOnly(2026, 5, 9), new DateOnly(2026, 5, 13));
        }

        Assert.All(lines.Skip(31), l => Assert.EndsWith(",,,,,", l, StringComparison.Ordinal));
    }

    [Fact]
    public void A_recipe_says_what_is_wrong_with_it()
    {
        Assert.Empty(Recipe.Faults());
        var twice = new SampleRecipe { Groups = [Recipe.Groups[0], Recipe.Groups[0]] };
        Assert.Contains("'young'", Assert.Single(twice.Faults()), StringComparison.Ordinal);
        var now = Recipe.Groups[0] with { Events = [Recipe.Groups[0].Events[0] with { Last = new SampleRange(0, 3) }] };
        Assert.Contains("at least one day back", Assert.Single(new SampleRecipe { Groups = [now] }.Faults()), StringComparison.Ordinal);
        Assert.Contains("at least one group", Assert.Single(new SampleRecipe { Groups = [] }.Faults()), StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SampleRange>("[3, 1]"));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SampleValue>("{\"between\": 1}"));
    }

    private static string Customers(string name, DateTimeOffset asOf)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        new SampleCustomers(name, Recipe, asOf).WriteCustomers(text);
        return text.ToString();
    }

    private static string Orders(string name, DateTimeOffset asOf)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        new SampleCustomers(name, Recipe, asOf).WriteOrders(text);
        return text.ToString();
    }

    private static List<string> Ids(string csv) => [.. csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split(',')[0])];
}
