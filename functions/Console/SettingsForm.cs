using System.Globalization;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Primitives;
using Microsoft.Extensions.Primitives;

namespace Campaigns.Functions.Console;

/// <summary>The form of the workspace's settings.</summary>
public sealed class SettingsForm
{
    private readonly Dictionary<string, StringValues> values;

    private SettingsForm(Dictionary<string, StringValues> values) => this.values = values;

    /// <summary>What must be put right.</summary>
    public IReadOnlyList<Problem> Problems { get; init; } = [];

    /// <summary>The text of a field.</summary>
    public string Value(string name) => values.GetValueOrDefault(name).ToString();

    /// <summary>What is wrong with a field.</summary>
    public IEnumerable<string> ProblemsOf(string field) => Problems.Where(p => string.Equals(p.Field, field, StringComparison.Ordinal)).Select(p => p.Sentence);

    /// <summary>The form with what is wrong.</summary>
    public SettingsForm With(IReadOnlyList<Problem> problems) => new(values) { Problems = problems };

    /// <summary>The form as it was sent.</summary>
    public static SettingsForm Of(IFormCollection form) => new(form.ToDictionary(f => f.Key, f => f.Value, StringComparer.Ordinal));

    /// <summary>The form of the settings.</summary>
    public static SettingsForm Of(WorkspaceSettings s) => new(new Dictionary<string, StringValues>(StringComparer.Ordinal)
    {
        ["name"] = s.Name,
        ["currency"] = s.Currency,
        ["timeZone"] = s.TimeZone,
        ["country"] = s.Country,
        ["shopUrl"] = s.ShopUrl,
        ["postalAddress"] = s.PostalAddress,
        ["margin"] = s.MarginShare is { } share ? Number(share * 100) : "",
        ["categories"] = string.Join('\n', s.MarginShareByCategory.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key}: {Number(c.Value * 100)}")),
        ["floor"] = s.MarginFloorShare is { } floor ? Number(floor * 100) : "",
        ["discountDays"] = Number(s.DiscountDays),
        ["maxDiscounts"] = s.MaxDiscounts is { } most ? Number(most) : "",
        ["maxDepth"] = s.MaxDiscountDepth is { } depth ? Number(depth * 100) : "",
        ["personalPrice"] = s.TellPersonalPrice ? "yes" : "",
        ["control"] = Number(ControlGroup.ShareSet(s) * 100),
        ["holdout"] = s.HoldoutShare is { } held ? Number(held * 100) : "",
        ["churnDays"] = Number(s.ChurnDays),
        ["emailCost"] = Number((double)s.EmailCostMicros / Money.MicrosPerMajor),
        ["smsCost"] = Number((double)s.SmsCostMicros / Money.MicrosPerMajor),
        ["keepLetters"] = s.KeepSmsLetters ? "yes" : "",
        ["sendFrom"] = Number(s.SendFromHour),
        ["sendUntil"] = Number(s.SendUntilHour),
        ["publicBaseUrl"] = s.PublicBaseUrl,
        ["caps"] = ContactFields.Write(s.Contact.Caps),
        ["hours"] = string.Join('\n', s.Contact.Hours.Select(h => $"{h.Country}: {Number(h.From)}–{Number(h.Until)}")),
        ["closed"] = string.Join('\n', s.Contact.ClosedDays),
        ["purposes"] = string.Join('\n', s.Contact.Purposes.Select(p => $"{p.Id}: {p.Name}")),
        ["doubleOptIn"] = s.Contact.DoubleOptIn ? "yes" : "",
        [LimitFields.Field] = LimitFields.Write(s.Limits),
        ["launchWait"] = Number(s.Brakes.LaunchWaitMinutes),
        ["firstShare"] = Number(s.Brakes.FirstShare * 100),
        ["firstMinutes"] = Number(s.Brakes.FirstMinutes),
        ["providerErrors"] = Number(s.Brakes.ProviderErrors),
        ["complaints"] = Number(s.Brakes.ComplaintShare * 100),
        ["staleDays"] = Number(s.Brakes.StaleOrderDays),
        ["segmentMove"] = Number(s.Brakes.SegmentMoveShare * 100),
    });

    /// <summary>The settings with what the form says; with problems, they must not be saved.</summary>
    /// <param name="now">Business time: a share of the global control group holds from the next quarter on.</param>
    public (Func<WorkspaceSettings, WorkspaceSettings> Change, IReadOnlyList<Problem> Problems) Read(DateTimeOffset now)
    {
        var (reading, problems) = (new FormReading(Value, "EUR", TimeZoneInfo.Utc), new List<Problem>());
        var margin = reading.Decimal("margin", "margin", "Margin");
        var holdout = reading.Decimal("holdout", "holdout", "Control group");
        var control = reading.Decimal("control", "control", "Global control group");
        var churn = reading.Int("churnDays", "churnDays", "Churn horizon");
        var (email, sms) = (reading.Decimal("emailCost", "emailCost", "Cost of an e-mail"), reading.Decimal("smsCost", "smsCost", "Cost of a text message"));
        var (from, until) = (reading.Int("sendFrom", "sendFrom", "Send from"), reading.Int("sendUntil", "sendUntil", "Send until"));
        var categories = Categories(problems);
        var (floor, depth) = (reading.Decimal("floor", "floor", "Margin floor"), reading.Decimal("maxDepth", "maxDepth", "Depth of discounts"));
        var (days, discounts) = (reading.Int("discountDays", "discountDays", "Days of the ceiling"), reading.Int("maxDiscounts", "maxDiscounts", "Most discounts"));
        Check("floor", floor is null or (>= 0 and <= 100), "Margin floor: choose 0 % to 100 %, or leave it empty for none.");
        Check("maxDepth", depth is null or (> 0 and <= 1000), "Depth of discounts: choose more than 0 %, or leave it empty for no ceiling.");
        Check("discountDays", days is null or (>= 1 and <= 365), "Days of the ceiling: choose 1 to 365.");
        Check("maxDiscounts", discounts is null or (>= 0 and <= 365), "Most discounts: choose 0 to 365, or leave it empty for no ceiling.");
        CheckShop(Check);
        Check("margin", margin is null or (>= 0 and <= 100), "Margin: choose 0 % to 100 %, or leave it empty where you do not know it.");
        Check("control", control is null or (>= 0 and <= 20), "Global control group: choose 0 % (none) to 20 %.");
        Check("holdout", holdout is null or (>= 0 and <= 50), "Control group: choose 0 % to 50 %, or leave it empty so that each send chooses it by its size.");
        Check("churnDays", churn is >= 1 and <= 730, "Churn horizon: choose 1 to 730 days.");
        Check("emailCost", email is >= 0 and <= 1000, "Cost of an e-mail: it is not negative, and below 1,000.");
        Check("smsCost", sms is >= 0 and <= 1000, "Cost of a text message: it is not negative, and below 1,000.");
        Check("sendUntil", from is >= 0 and <= 23 && until is >= 1 and <= 24 && from < until, "Sending hours: choose a first hour from 0 to 23 and a later last hour up to 24.");
        var (contact, limits, brakes) = (ContactFields.Read(Value, problems), LimitFields.Read(Value(LimitFields.Field), problems), Brakes(reading, problems));
        return (
            s => ControlGroup.Set(s, (double)(control ?? 0) / 100, now) with
            {
                Name = Value("name").Trim(),
                Currency = Value("currency").Trim().ToUpperInvariant(),
                TimeZone = Value("timeZone").Trim(),
                Country = Value("country").Trim().ToUpperInvariant(),
                ShopUrl = Value("shopUrl").Trim(),
                PostalAddress = Value("postalAddress").Trim(),
                MarginShare = margin is { } m ? (double)m / 100 : null,
                MarginShareByCategory = categories,
                MarginFloorShare = floor is { } f ? (double)f / 100 : null,
                DiscountDays = days ?? 0,
                MaxDiscounts = discounts,
                MaxDiscountDepth = depth is { } d ? (double)d / 100 : null,
                TellPersonalPrice = Value("personalPrice").Length > 0,
                KeepSmsLetters = Value("keepLetters").Length > 0,
                HoldoutShare = holdout is { } h ? (double)h / 100 : null,
                ChurnDays = churn!.Value,
                EmailCostMicros = Micros(email!.Value),
                SmsCostMicros = Micros(sms!.Value),
                SendFromHour = from!.Value,
                SendUntilHour = until!.Value,
                PublicBaseUrl = Value("publicBaseUrl").Trim().TrimEnd('/'),
                Brakes = brakes,
                Contact = contact,
                Limits = limits,
            },
            [.. reading.Problems.Concat(problems).DistinctBy(p => p.Field)]);

        void Check(string field, bool holds, string sentence)
        {
            if (!holds)
            {
                problems.Add(new Problem(field, sentence));
            }
        }
    }

    /// <summary>An empty field is 0, which switches off what it says; all at once where no first share is named.</summary>
    private static SendBrakes Brakes(FormReading reading, List<Problem> problems)
    {
        var brakes = new SendBrakes
        {
            LaunchWaitMinutes = reading.Int("launchWait", "brakes", "Wait after launch") ?? 0,
            FirstShare = (double)(reading.Decimal("firstShare", "brakes", "First share") ?? 100) / 100,
            FirstMinutes = reading.Int("firstMinutes", "brakes", "Wait before the rest") ?? 0,
            ProviderErrors = reading.Int("providerErrors", "brakes", "Provider errors") ?? 0,
            ComplaintShare = (double)(reading.Decimal("complaints", "brakes", "Complaints") ?? 100) / 100,
            StaleOrderDays = reading.Int("staleDays", "brakes", "Newest order") ?? 0,
            SegmentMoveShare = (double)(reading.Decimal("segmentMove", "brakes", "Change of a segment") ?? 0) / 100,
        };
        if (brakes.Problem() is { } problem)
        {
            problems.Add(new Problem("brakes", "Brakes: " + problem));
        }

        return brakes;
    }

    private void CheckShop(Action<string, bool, string> check)
    {
        check("name", Value("name").Trim().Length is >= 1 and <= 120, "Name: use 1 to 120 characters.");
        check("currency", Currencies.IsKnown(Value("currency").Trim()), "Currency: a code of three letters, such as EUR.");
        check("country", Value("country").Trim() is { Length: 2 } l && l.All(char.IsAsciiLetter), "Country: a code of two letters, such as DE.");
        check("timeZone", TimeZoneInfo.TryFindSystemTimeZoneById(Value("timeZone").Trim(), out _), "Time zone: use a name such as Europe/Berlin.");
        check("shopUrl", Value("shopUrl").Trim().Length == 0 || IsWeb(Value("shopUrl")), "Shop's address: write it like https://shop.example.com, or leave it empty.");
        check("publicBaseUrl", IsWeb(Value("publicBaseUrl")), "Address of this app: write it like https://mail.example.com.");
    }

    private Dictionary<string, double> Categories(List<Problem> problems)
    {
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var line in Value("categories").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = line.LastIndexOf(':');
            if (colon > 0 && double.TryParse(line.AsSpan(colon + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and <= 100)
            {
                shares[line[..colon].Trim()] = percent / 100;
            }
            else
            {
                problems.Add(new Problem("categories", $"Margins by category: “{line}” is not understood. Write a line for each, such as Toys: 35."));
            }
        }

        return shares;
    }

    private static bool IsWeb(string text) => Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);

    private static long Micros(decimal major) => (long)Math.Round(major * Money.MicrosPerMajor, MidpointRounding.AwayFromZero);

    private static string Number(double number) => number.ToString("0.######", CultureInfo.InvariantCulture);
}
