using System.Text.Json;
using System.Text.Json.Serialization;

namespace Campaigns.Simulation.Samples;

/// <summary>
/// What sample customers are made from: groups of customers who are alike. The same recipe and the same day give the same
/// customers, byte for byte (see <see cref="SampleCustomers"/>).
/// </summary>
public sealed record SampleRecipe
{
    /// <summary>The most customers of a sample: it is there to be looked at, and imported in seconds.</summary>
    public const int MaxCustomers = 5_000;

    /// <summary>The groups.</summary>
    public required SampleGroup[] Groups { get; init; }

    /// <summary>Customers of all groups.</summary>
    [JsonIgnore]
    public int Customers => Groups.Sum(g => g.Customers);

    /// <summary>What is wrong with the recipe, a sentence each; empty where nothing is.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (Groups.Length == 0 || Groups.Any(g => g.Customers < 1) || Customers > MaxCustomers)
        {
            faults.Add($"A sample has at least one group, every group at least one customer, and all together at most {MaxCustomers:N0}.");
        }

        foreach (var group in Groups.Where(g => g.Orders.Any(o => o.Last.Low < 1) || g.Events.Any(e => e.Last.Low < 1)))
        {
            faults.Add($"Group '{group.Id}': what happened last lies at least one day back (\"last\": [1, 20]), so that no order lies in the future.");
        }

        foreach (var id in Groups.GroupBy(g => g.Id, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key))
        {
            faults.Add($"Two groups are called '{id}': their customers would be the same.");
        }

        return faults;
    }
}

/// <summary>Customers who are alike. The first of them is <c>{sample}-{id}-001</c>.</summary>
public sealed record SampleGroup
{
    /// <summary>Part of the ids of its customers: small letters, digits and "-".</summary>
    public required string Id { get; init; }

    /// <summary>Who they are, in half a sentence.</summary>
    public required string Who { get; init; }

    /// <summary>How many, ≥ 1.</summary>
    public required int Customers { get; init; }

    /// <summary>Segments that its first customer must be in, the primary one first; none: in no segment at all.</summary>
    public required string[] Segments { get; init; }

    /// <summary>Country, by name or ISO code.</summary>
    public string Country { get; init; } = "United Kingdom";

    /// <summary>Imported attributes by name.</summary>
    public Dictionary<string, SampleValue> Attributes { get; init; } = [];

    /// <summary>Series of orders.</summary>
    public SampleOrders[] Orders { get; init; } = [];

    /// <summary>Series of other events.</summary>
    public SampleEvents[] Events { get; init; } = [];
}

/// <summary>A series of orders of one customer.</summary>
public sealed record SampleOrders
{
    /// <summary>How many, ≥ 0.</summary>
    public required SampleRange Count { get; init; }

    /// <summary>Days since the last of them, ≥ 1.</summary>
    public required SampleRange Last { get; init; }

    /// <summary>Days between one and the next.</summary>
    public SampleRange Every { get; init; } = new(30, 30);

    /// <summary>Lines per order, each of another product.</summary>
    public SampleRange Lines { get; init; } = new(1, 1);

    /// <summary>Price of one line before discount, in major units of the workspace's currency.</summary>
    public required SampleRange Price { get; init; }

    /// <summary>Share of lines bought at a discount of 20 to 30 %, in [0, 1].</summary>
    public double Discounted { get; init; }

    /// <summary>Products by name; their skus follow from the names.</summary>
    public required string[] Products { get; init; }
}

/// <summary>A series of events of one name of one customer.</summary>
public sealed record SampleEvents
{
    /// <summary>Name of the event, as rules ask for it: event.NAME.count.</summary>
    public required string Event { get; init; }

    /// <summary>How many, ≥ 0.</summary>
    public required SampleRange Count { get; init; }

    /// <summary>Days since the last of them, ≥ 1.</summary>
    public required SampleRange Last { get; init; }

    /// <summary>Days between one and the next.</summary>
    public SampleRange Every { get; init; } = new(7, 7);

    /// <summary>Value of one, in major units of the workspace's currency.</summary>
    public SampleRange Value { get; init; } = new(0, 0);
}

/// <summary>Numbers from low to high, both included. In JSON a number, or [low, high].</summary>
[JsonConverter(typeof(SampleRangeJson))]
public readonly record struct SampleRange(double Low, double High);

/// <summary>
/// A value of an attribute. In JSON a text or number, a list of texts of which one is drawn ("" = none), a range of whole numbers
/// {"from": 1, "to": 5}, or a date {"days_ago": [1, 90]} or {"days_ahead": [1, 90]}.
/// </summary>
[JsonConverter(typeof(SampleValueJson))]
public abstract record SampleValue
{
    private SampleValue()
    {
    }

    /// <summary>One of these.</summary>
    public sealed record OneOf(string[] Texts) : SampleValue;

    /// <summary>A whole number.</summary>
    public sealed record Whole(SampleRange Range) : SampleValue;

    /// <summary>A date so many days before the day of the sample; negative: after it.</summary>
    public sealed record Date(SampleRange DaysAgo) : SampleValue;
}

internal sealed class SampleRangeJson : JsonConverter<SampleRange>
{
    public override SampleRange Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var json = JsonDocument.ParseValue(ref reader);
        return Of(json.RootElement);
    }

    public override void Write(Utf8JsonWriter writer, SampleRange value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, new[] { value.Low, value.High }, options);

    internal static SampleRange Of(JsonElement json)
    {
        var range = json switch
        {
            { ValueKind: JsonValueKind.Number } => new SampleRange(json.GetDouble(), json.GetDouble()),
            { ValueKind: JsonValueKind.Array } when json.GetArrayLength() == 2 => new SampleRange(json[0].GetDouble(), json[1].GetDouble()),
            _ => throw new JsonException($"{json} is no range: write a number, or [low, high]."),
        };
        return range.Low <= range.High ? range : throw new JsonException($"{json} is no range: the lower number comes first.");
    }
}

internal sealed class SampleValueJson : JsonConverter<SampleValue>
{
    public override SampleValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var json = document.RootElement;
        return json.ValueKind switch
        {
            JsonValueKind.String => new SampleValue.OneOf([json.GetString()!]),
            JsonValueKind.Number => new SampleValue.OneOf([json.GetRawText()]),
            JsonValueKind.Array when json.GetArrayLength() > 0 => new SampleValue.OneOf([.. json.EnumerateArray().Select(e => e.GetString() ?? "")]),
            JsonValueKind.Object when json.TryGetProperty("from", out var from) && json.TryGetProperty("to", out var to) =>
                new SampleValue.Whole(new SampleRange(from.GetDouble(), to.GetDouble())),
            JsonValueKind.Object when json.TryGetProperty("days_ago", out var ago) => new SampleValue.Date(SampleRangeJson.Of(ago)),
            JsonValueKind.Object when json.TryGetProperty("days_ahead", out var ahead) && SampleRangeJson.Of(ahead) is var range =>
                new SampleValue.Date(new SampleRange(-range.High, -range.Low)),
            _ => throw new JsonException($"{json} is no value of an attribute: write a text, a list of texts, {{\"from\": 1, \"to\": 5}} or {{\"days_ago\": [1, 90]}}."),
        };
    }

    public override void Write(Utf8JsonWriter writer, SampleValue value, JsonSerializerOptions options) => throw new NotSupportedException();
}
