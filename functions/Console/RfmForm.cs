using System.Globalization;
using System.Text.RegularExpressions;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;

namespace Campaigns.Functions.Console;

/// <summary>RFM settings as a form: cuts as lists, the map as a line for each name. Spend is in major units here, in minor units when stored.</summary>
public sealed partial class RfmForm
{
    private readonly Dictionary<string, string> values;
    private readonly List<Problem> problems = [];

    private RfmForm(Dictionary<string, string> values, RfmSettings? settings) => (this.values, Settings) = (values, settings);

    /// <summary>The settings; null where something in the form is wrong.</summary>
    public RfmSettings? Settings { get; private set; }

    /// <summary>The form of these settings.</summary>
    public static RfmForm Of(RfmSettings settings, string currency) => new(
        new(StringComparer.Ordinal)
        {
            ["bins"] = Number(settings.Bins),
            ["window"] = settings.WindowDays is { } days ? Number(days) : "",
            ["recency"] = List(settings.RecencyCutsDays, 1),
            ["orders"] = List(settings.OrderCuts, 1),
            ["spend"] = List(settings.SpendCutsMinor, Money.MinorPerMajor(currency)),
            ["map"] = string.Join('\n', (settings.Map ?? []).Select(r => $"{r.Name}: R{Range(r.LeastRecency, r.MostRecency)}, F{Range(r.LeastFrequency, r.MostFrequency)}")),
        },
        settings);

    /// <summary>Reads a posted form.</summary>
    public static RfmForm Read(IFormCollection form, string currency)
    {
        var read = new RfmForm(form.ToDictionary(f => f.Key, f => f.Value.ToString(), StringComparer.Ordinal), null);
        var reading = new FormReading(read.Value, currency, TimeZoneInfo.Utc);
        var settings = new RfmSettings
        {
            Bins = reading.Int("bins", "bins", "Bins") ?? RfmSettings.UsualBins,
            WindowDays = reading.Int("window", "window", "Window"),
            RecencyCutsDays = read.Cuts("recency", "Recency", 1),
            OrderCuts = read.Cuts("orders", "Orders", 1),
            SpendCutsMinor = read.Cuts("spend", "Spend", Money.MinorPerMajor(currency)),
            Map = read.Rules(),
        };
        read.problems.AddRange(reading.Problems);
        if (read.problems.Count == 0)
        {
            read.problems.AddRange(settings.FaultsByPath().Select(f => new Problem(FieldOf(f.Path), f.Message)));
        }

        read.Settings = read.problems.Count == 0 ? settings : null;
        return read;
    }

    /// <summary>What stands in a field.</summary>
    public string Value(string field) => values.GetValueOrDefault(field, "");

    /// <summary>What is wrong with a field.</summary>
    public IReadOnlyList<string> ProblemsOf(string field) => [.. problems.Where(p => string.Equals(p.Field, field, StringComparison.Ordinal)).Select(p => p.Sentence)];

    private long[]? Cuts(string field, string label, long scale)
    {
        var cuts = new List<long>();
        foreach (var part in Value(field).Split((char[])[',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (decimal.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cut) && cut < long.MaxValue / 1_000)
            {
                cuts.Add((long)Math.Round(cut * scale, MidpointRounding.AwayFromZero));
                continue;
            }

            problems.Add(new Problem(field, $"{label}: '{part}' is no number. Write cuts as 30, 90, 180."));
            return null;
        }

        return cuts.Count == 0 ? null : [.. cuts];
    }

    private RfmRule[]? Rules()
    {
        var rules = new List<RfmRule>();
        foreach (var line in Value("map").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Line().Match(line) is not { Success: true } match)
            {
                problems.Add(new Problem("map", $"'{line}' is no cell's name. Write a line such as champions: R5, F4-5."));
                return null;
            }

            int Score(string group, string or) => match.Groups[group].Success ? int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : Score(or, or);
            rules.Add(new RfmRule(match.Groups["name"].Value.Trim(), Score("r", "r"), Score("rr", "r"), Score("f", "f"), Score("ff", "f")));
        }

        return rules.Count == 0 ? null : [.. rules];
    }

    private static string FieldOf(string path) =>
        path.StartsWith("$.map", StringComparison.Ordinal) ? "map"
        : path.StartsWith("$.recency", StringComparison.Ordinal) ? "recency"
        : path.StartsWith("$.order", StringComparison.Ordinal) ? "orders"
        : path.StartsWith("$.spend", StringComparison.Ordinal) ? "spend"
        : path.StartsWith("$.window", StringComparison.Ordinal) ? "window"
        : "bins";

    private static string List(long[]? cuts, long scale) => string.Join(", ", (cuts ?? []).Select(c => ((decimal)c / scale).ToString("0.##", CultureInfo.InvariantCulture)));

    private static string Range(int least, int most) => least == most ? Number(least) : $"{Number(least)}-{Number(most)}";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<name>[^:]+):\s*R(?<r>\d{1,3})(\s*[-–]\s*(?<rr>\d{1,3}))?\s*,?\s*F(?<f>\d{1,3})(\s*[-–]\s*(?<ff>\d{1,3}))?$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 200)]
    private static partial Regex Line();
}
