using System.Globalization;
using System.Text.RegularExpressions;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;

namespace Campaigns.Functions.Console;

/// <summary>How often and when customers may be written to, as lines of text.</summary>
internal static partial class ContactFields
{
    /// <summary>The caps, a line each: "email: 3 in 7 days".</summary>
    public static string Write(IEnumerable<FrequencyCap> caps) => string.Join(
        '\n', caps.Select(c => string.Create(CultureInfo.InvariantCulture, $"{(c.Channel is { } channel ? channel.ToString().ToLowerInvariant() : "all")}: {c.Sends} in {c.Days} {(c.Days == 1 ? "day" : "days")}")));

    /// <summary>The rules that the lines say; what is not understood becomes a problem of its field.</summary>
    public static ContactRules Read(Func<string, string> value, List<Problem> problems)
    {
        var rules = new ContactRules
        {
            Caps = [.. Lines(value("caps"), Cap(), "caps", "Frequency caps", "email: 3 in 7 days", problems).Select(m => new FrequencyCap(
                m.Groups[1].Value.ToLowerInvariant() switch { "all" => null, "sms" => Channel.Sms, _ => Channel.Email }, Int(m, 3), Int(m, 2)))],
            Hours = [.. Lines(value("hours"), Hour(), "hours", "Hours by country", "FR: 10–20", problems).Select(m => new CountryHours(m.Groups[1].Value.ToUpperInvariant(), Int(m, 2), Int(m, 3)))],
            ClosedDays = value("closed").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            Purposes = [.. Lines(value("purposes"), Purpose(), "purposes", "Purposes of consent", "newsletter: our monthly newsletter", problems).Select(m => new ConsentPurpose(m.Groups[1].Value, m.Groups[2].Value))],
            DoubleOptIn = value("doubleOptIn").Length > 0,
        };
        foreach (var (field, alone) in ((string, ContactRules)[])[("caps", new() { Caps = rules.Caps }), ("hours", new() { Hours = rules.Hours }), ("closed", new() { ClosedDays = rules.ClosedDays }), ("purposes", new() { Purposes = rules.Purposes })])
        {
            if (alone.Problem() is { } problem)
            {
                problems.Add(new Problem(field, problem));
            }
        }

        return rules;
    }

    private static IEnumerable<Match> Lines(string text, Regex form, string field, string label, string example, List<Problem> problems)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (form.Match(line) is { Success: true } match)
            {
                yield return match;
            }
            else
            {
                problems.Add(new Problem(field, $"{label}: “{line}” is not understood. Write a line for each, such as {example}."));
            }
        }
    }

    private static int Int(Match match, int group) => int.Parse(match.Groups[group].Value, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex("^(e-?mail|sms|all)\\s*:?\\s*([0-9]{1,3}) in ([0-9]{1,3}) days?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Cap();

    [GeneratedRegex("^([a-z]{2})\\s*:?\\s*([0-9]{1,2})\\s*[-–]\\s*([0-9]{1,2})$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Hour();

    [GeneratedRegex("^([a-z][a-z0-9_-]*)\\s*:\\s*(.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Purpose();
}
