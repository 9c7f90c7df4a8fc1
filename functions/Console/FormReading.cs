using System.Globalization;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;

namespace Campaigns.Functions.Console;

/// <summary>Reads numbers and times out of a form's texts and notes those that are none. An empty field is null.</summary>
public sealed class FormReading(Func<string, string> value, string currency, TimeZoneInfo zone)
{
    /// <summary>Larger amounts are mistyped, and would overflow as minor units.</summary>
    private const decimal MostMajor = 1_000_000_000;

    private readonly List<Problem> problems = [];

    /// <summary>What was none.</summary>
    public IReadOnlyList<Problem> Problems => problems;

    /// <summary>A whole number.</summary>
    public int? Int(string name, string field, string label)
    {
        var text = Text(name);
        if (text.Length == 0)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        problems.Add(new Problem(field, $"{label}: write a whole number."));
        return null;
    }

    /// <summary>A number.</summary>
    public decimal? Decimal(string name, string field, string label)
    {
        var text = Text(name);
        if (text.Length == 0)
        {
            return null;
        }

        if (decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < MostMajor)
        {
            return number;
        }

        problems.Add(new Problem(field, $"{label}: write a number such as 12.5."));
        return null;
    }

    /// <summary>An amount of money, in minor units.</summary>
    public long? Minor(string name, string field, string label) =>
        Decimal(name, field, label) is { } major ? (long)Math.Round(major * Money.MinorPerMajor(currency), MidpointRounding.AwayFromZero) : null;

    /// <summary>A time as <c>datetime-local</c> fields give it, in the shop's time zone.</summary>
    public DateTimeOffset? Time(string name, string field, string label)
    {
        var text = Text(name);
        if (text.Length == 0)
        {
            return null;
        }

        if (DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            var clock = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
            return new DateTimeOffset(clock, zone.GetUtcOffset(clock)).ToUniversalTime();
        }

        problems.Add(new Problem(field, $"{label}: write a date and time such as 2027-01-31T09:00."));
        return null;
    }

    private string Text(string name) => value(name).Trim();
}
