using System.Globalization;
using System.Text;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments.Rules;
using Microsoft.Extensions.Primitives;

namespace Campaigns.Functions.Console;

/// <summary>
/// The form of a campaign: texts as they stand in its fields, and what is wrong beside each. Fields of message variants are
/// named <c>v.{index}.{field}</c>. Problems have the paths that <see cref="CampaignValidation"/> gives them.
/// </summary>
public sealed class CampaignForm
{
    private const string StrategyPrefix = "strategy.";

    private readonly Dictionary<string, StringValues> values;

    private CampaignForm(Dictionary<string, StringValues> values) => this.values = values;

    /// <summary>What must be put right.</summary>
    public IReadOnlyList<Problem> Problems { get; init; } = [];

    /// <summary>Message variants in the form.</summary>
    public int Variants => Math.Clamp(int.TryParse(Value("variants"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 1, 1, CampaignValidation.MaxTreatments);

    /// <summary>The campaign exists: saved before under an id.</summary>
    public bool Saved => Value("etag").Length > 0;

    /// <summary>The text of a field.</summary>
    public string Value(string name) => values.GetValueOrDefault(name).ToString();

    /// <summary>The value is ticked or chosen in a field of several.</summary>
    public bool Has(string name, string value) => values.GetValueOrDefault(name).Contains(value, StringComparer.Ordinal);

    /// <summary>Ids to choose from: the scheme's segments, and those ticked that it no longer has, so that they can be left out.</summary>
    public IEnumerable<string> Choices(string name, IReadOnlyList<SegmentDefinition> scheme) =>
        scheme.Select(s => s.Id).Concat(values.GetValueOrDefault(name).OfType<string>()).Distinct(StringComparer.Ordinal);

    /// <summary>Name of the field that says how a segment chooses; empty = as the campaign does.</summary>
    public static string StrategyField(string segment) => StrategyPrefix + segment;

    /// <summary>A segment chooses in its own way.</summary>
    public bool HasSegmentStrategies => SegmentStrategies().Any();

    /// <summary>Segments to choose a strategy for: those to choose from, and those that have one.</summary>
    public IEnumerable<string> StrategySegments(IReadOnlyList<SegmentDefinition> scheme) =>
        Choices("segments", scheme).Concat(SegmentStrategies().Select(s => s.Segment)).Distinct(StringComparer.Ordinal);

    /// <summary>What is wrong with a field.</summary>
    public IEnumerable<string> ProblemsOf(string field) => Problems.Where(p => string.Equals(p.Field, field, StringComparison.Ordinal)).Select(p => p.Sentence);

    /// <summary>Path of a variant in problems.</summary>
    public string PathOf(int variant) => "treatments." + VariantId(variant);

    /// <summary>The form with what is wrong.</summary>
    public CampaignForm With(IReadOnlyList<Problem> problems) => new(values) { Problems = problems };

    /// <summary>The form with one more variant, a copy of the last one to change.</summary>
    public CampaignForm WithVariant()
    {
        var copy = new Dictionary<string, StringValues>(values, StringComparer.Ordinal) { ["variants"] = Number(Variants + 1) };
        var last = $"v.{Variants - 1}.";
        foreach (var (name, value) in values.Where(v => v.Key.StartsWith(last, StringComparison.Ordinal)))
        {
            copy[$"v.{Variants}." + name[last.Length..]] = value;
        }

        copy[$"v.{Variants}.id"] = copy[$"v.{Variants}.offerId"] = "";
        copy[$"v.{Variants}.offerName"] = Value(last + "offerName") + " (other)";
        return new CampaignForm(copy);
    }

    /// <summary>The form without a variant; the last one stays.</summary>
    public CampaignForm WithoutVariant(int index)
    {
        var kept = values.Where(v => !v.Key.StartsWith("v.", StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
        var next = 0;
        for (var i = 0; i < Variants; i++)
        {
            var prefix = $"v.{i}.";
            if (i == index && Variants > 1)
            {
                continue;
            }

            foreach (var (name, value) in values.Where(v => v.Key.StartsWith(prefix, StringComparison.Ordinal)))
            {
                kept[$"v.{next}." + name[prefix.Length..]] = value;
            }

            next++;
        }

        kept["variants"] = Number(next);
        return new CampaignForm(kept);
    }

    /// <summary>The form as it was sent.</summary>
    public static CampaignForm Of(IFormCollection form) => new(form.ToDictionary(f => f.Key, f => f.Value, StringComparer.Ordinal));

    /// <summary>The form of a campaign. <paramref name="etag"/> is null for one that is not saved yet.</summary>
    public static CampaignForm Of(Campaign campaign, string? etag, string currency, TimeZoneInfo zone)
    {
        var fields = new Dictionary<string, StringValues>(StringComparer.Ordinal)
        {
            ["id"] = campaign.Id,
            ["etag"] = etag ?? "",
            ["name"] = campaign.Name,
            ["segments"] = campaign.Segments,
            ["purpose"] = campaign.Purpose.ToString(),
            ["consent"] = campaign.ConsentPurpose,
            ["floor"] = campaign.MarginFloorShare is { } floor ? Number(floor * 100) : "",
            ["strategy"] = campaign.Strategy.ToString(),
            ["holdout"] = campaign.HoldoutShare is { } share ? Number(share * 100) : "",
            ["window"] = Number(campaign.OutcomeWindowDays),
            ["pause"] = Number(campaign.ReentryPauseDays),
            ["repeat"] = Number(campaign.RepeatDays),
            ["start"] = Show.Field(campaign.StartAt, zone),
            ["maxSends"] = campaign.MaxSends is { } sends ? Number(sends) : "",
            ["maxCost"] = campaign.MaxSendCostMinor is { } cost ? Major(cost, currency) : "",
            ["budget"] = campaign.BudgetMinor is { } budget ? Major(budget, currency) : "",
            ["totalBudget"] = campaign.TotalBudgetMinor is { } total ? Major(total, currency) : "",
            ["priority"] = Number(campaign.Priority),
            ["expiry"] = campaign.ExpiryHours is { } hours ? Number(hours) : "",
            ["ordered"] = campaign.SkipsWhoOrdered switch { true => "skip", false => "send", _ => "" },
            ["event"] = campaign.ConversionEvent ?? "",
            ["ownWindows"] = campaign.OnlyOwnWindows ? "yes" : "",
            ["variants"] = Number(campaign.Treatments.Length),
        };
        foreach (var (segment, strategy) in campaign.SegmentStrategies)
        {
            fields[StrategyField(segment)] = strategy.ToString();
        }

        for (var i = 0; i < campaign.Treatments.Length; i++)
        {
            AddVariant(fields, $"v.{i}.", campaign.Treatments[i]);
            OfferFields.Add(fields, $"v.{i}.", campaign.Treatments[i].Offer, currency, zone);
        }

        return new CampaignForm(fields);
    }

    /// <summary>The campaign that the form describes, and the fields that are no numbers or dates.</summary>
    public (Campaign Campaign, IReadOnlyList<Problem> Problems) ToCampaign(string currency, TimeZoneInfo zone)
    {
        var reading = new FormReading(Value, currency, zone);
        var campaign = new Campaign
        {
            Id = Value("id").Length > 0 ? Value("id") : Slug(Value("name"), "campaign"),
            Name = Value("name").Trim(),
            Segments = [.. values.GetValueOrDefault("segments").Where(s => s is not null).Select(s => s!)],
            Strategy = StrategyNamed(Value("strategy")),
            SegmentStrategies = [.. SegmentStrategies()],
            Purpose = Enum.GetValues<CampaignPurpose>().FirstOrDefault(p => string.Equals(p.ToString(), Value("purpose"), StringComparison.Ordinal)),
            ConsentPurpose = Value("consent"),
            MarginFloorShare = reading.Decimal("floor", "marginFloorShare", "Margin floor") is { } floor ? (double)floor / 100 : null,
            HoldoutShare = reading.Decimal("holdout", "holdoutShare", "Control group") is { } percent ? (double)percent / 100 : null,
            OutcomeWindowDays = reading.Int("window", "outcomeWindowDays", "Outcome window") ?? 0,
            ReentryPauseDays = reading.Int("pause", "reentryPauseDays", "Pause before writing again") ?? 0,
            RepeatDays = reading.Int("repeat", "repeatDays", "Repeat") ?? 0,
            StartAt = reading.Time("start", "startAt", "Start"),
            MaxSends = reading.Int("maxSends", "maxSends", "Most messages"),
            MaxSendCostMinor = reading.Minor("maxCost", "maxSendCostMinor", "Most sending cost"),
            BudgetMinor = reading.Minor("budget", "budgetMinor", "Budget"),
            TotalBudgetMinor = reading.Minor("totalBudget", "totalBudgetMinor", "Total budget"),
            Priority = reading.Int("priority", "priority", "Priority") ?? 100,
            ExpiryHours = reading.Int("expiry", "expiryHours", "Expiry"),
            SkipsWhoOrdered = Value("ordered") switch { "skip" => true, "send" => false, _ => null },
            ConversionEvent = Value("event").Trim() is { Length: > 0 } named ? named : null,
            OnlyOwnWindows = Has("ownWindows", "yes"),
            Treatments = [.. Enumerable.Range(0, Variants).Select(i => Variant(i, reading))],
        };
        return (campaign, reading.Problems);
    }

    /// <summary>An id made from a name.</summary>
    public static string Slug(string name, string fallback)
    {
        var slug = new StringBuilder();
        foreach (var c in name.ToLowerInvariant())
        {
            if (c is (>= 'a' and <= 'z') or (>= '0' and <= '9'))
            {
                slug.Append(c);
            }
            else if (slug.Length > 0 && slug[^1] != '-' && c is not ('\'' or '’'))
            {
                slug.Append('-');
            }
        }

        var text = slug.ToString();
        text = text.Length > 50 ? text[..50] : text;
        return text.Trim('-') is { Length: > 0 } trimmed ? trimmed : fallback;
    }

    private IEnumerable<SegmentStrategy> SegmentStrategies() =>
        values.Where(v => v.Key.StartsWith(StrategyPrefix, StringComparison.Ordinal) && v.Value.ToString().Length > 0)
            .Select(v => new SegmentStrategy(v.Key[StrategyPrefix.Length..], StrategyNamed(v.Value.ToString())))
            .OrderBy(s => s.Segment, StringComparer.Ordinal);

    /// <summary>By name only: the enumeration's own parser takes numbers and lists as well.</summary>
    private static Strategy StrategyNamed(string name) => Enum.GetValues<Strategy>().FirstOrDefault(s => string.Equals(s.ToString(), name, StringComparison.Ordinal));

    private static void AddVariant(Dictionary<string, StringValues> fields, string prefix, Treatment t)
    {
        fields[prefix + "id"] = t.Id;
        fields[prefix + "segments"] = t.Segments;
        fields[prefix + "channels"] = string.Join(',', t.Channels);
        fields[prefix + "subject"] = t.Template.Subject;
        fields[prefix + "html"] = t.Template.Html;
        fields[prefix + "text"] = t.Template.Text ?? "";
        fields[prefix + "sms"] = t.Template.Sms ?? "";
    }

    private Treatment Variant(int index, FormReading reading)
    {
        var (v, path) = ($"v.{index}.", PathOf(index) + ".offer");
        return new Treatment
        {
            Id = VariantId(index),
            Segments = [.. values.GetValueOrDefault(v + "segments").Where(s => s is not null).Select(s => s!)],
            Channels = [.. Value(v + "channels").Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(c => Enum.TryParse<Channel>(c, out var channel) ? channel : default)],
            Offer = OfferFields.Read(Value, v, path, VariantId(index), reading),
            Template = new MessageTemplate
            {
                Subject = Value(v + "subject").Trim(),
                Html = Lines(Value(v + "html")),
                Text = Lines(Value(v + "text")) is { Length: > 0 } text ? text : null,
                Sms = Lines(Value(v + "sms")).Trim() is { Length: > 0 } sms ? sms : null,
            },
        };
    }

    private string VariantId(int index)
    {
        if (Value($"v.{index}.id") is { Length: > 0 } id)
        {
            return id;
        }

        var slug = Slug(Value($"v.{index}.offerName"), "variant");
        return Enumerable.Range(0, index).Any(i => VariantId(i) == slug) ? slug + "-" + Number(index + 1) : slug;
    }

    /// <summary>Browsers send line ends as CR LF, whatever stood there.</summary>
    private static string Lines(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal);

    internal static string Number(double number) => number.ToString("0.####", CultureInfo.InvariantCulture);

    internal static string Major(long minor, string currency) =>
        ((decimal)minor / Money.MinorPerMajor(currency)).ToString("F" + Number(Money.Decimals(currency)), CultureInfo.InvariantCulture);
}
