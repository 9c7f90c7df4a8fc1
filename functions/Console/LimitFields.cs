using System.Globalization;
using System.Text.RegularExpressions;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;

namespace Campaigns.Functions.Console;

/// <summary>How fast messages go out, as lines of text: "email: 20 a second", "email: 50000 a day", "email: from 200 a day, 1.5 times as many each day, since 2026-03-02".</summary>
internal static partial class LimitFields
{
    /// <summary>Field of the form.</summary>
    public const string Field = "limits";

    /// <summary>The limits, a line for each number.</summary>
    public static string Write(IEnumerable<SendLimit> limits) => string.Join('\n', limits.SelectMany(LinesOf));

    /// <summary>The limits that the lines say; what is not understood becomes a problem of the field.</summary>
    public static SendLimit[] Read(string text, List<Problem> problems)
    {
        var limits = new Dictionary<Channel, SendLimit>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Line().Match(line) is not { Success: true } match)
            {
                problems.Add(new Problem(Field, $"How fast: “{line}” is not understood. Write a line for each, such as email: 20 a second, or sms: 5000 a day."));
                continue;
            }

            var channel = match.Groups["sms"].Success ? Channel.Sms : Channel.Email;
            var limit = limits.GetValueOrDefault(channel) ?? new SendLimit { Channel = channel };
            limits[channel] = match.Groups["second"].Success ? limit with { PerSecond = Number(match, "second") }
                : match.Groups["day"].Success ? limit with { PerDay = (int)Math.Min(Number(match, "day"), int.MaxValue) }
                : limit with { WarmUp = new WarmUp(DateOnly.TryParseExact(match.Groups["since"].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var since) ? since : default, (int)Math.Min(Number(match, "first"), int.MaxValue), Number(match, "growth")) };
        }

        SendLimit[] all = [.. limits.Values.OrderBy(l => l.Channel)];
        if (SendLimit.Problem(all) is { } problem)
        {
            problems.Add(new Problem(Field, "How fast: " + problem));
        }

        return all;
    }

    private static IEnumerable<string> LinesOf(SendLimit limit)
    {
        var channel = limit.Channel.ToString().ToLowerInvariant();
        if (limit.PerSecond is { } second)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{channel}: {second} a second");
        }

        if (limit.PerDay is { } day)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{channel}: {day} a day");
        }

        if (limit.WarmUp is { } warm)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{channel}: from {warm.FirstDay} a day, {warm.Growth} times as many each day, since {warm.From:yyyy-MM-dd}");
        }
    }

    private static double Number(Match match, string group) => double.Parse(match.Groups[group].Value, NumberStyles.Float, CultureInfo.InvariantCulture);

    [GeneratedRegex("^(?:e-?mail|(?<sms>sms))\\s*:?\\s*(?:(?<second>[0-9]{1,5}(?:\\.[0-9]{1,4})?) a second|(?<day>[0-9]{1,9}) a day|from (?<first>[0-9]{1,9}) a day, (?<growth>[0-9]{1,2}(?:\\.[0-9]{1,4})?) times as many each day, since (?<since>[0-9]{4}-[0-9]{2}-[0-9]{2}))$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}
