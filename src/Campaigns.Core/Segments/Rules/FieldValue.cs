using System.Globalization;

namespace Campaigns.Core.Segments.Rules;

/// <summary>What a field holds.</summary>
public enum FieldType
{
    /// <summary>A number; its unit is the field's.</summary>
    Number,

    /// <summary>A text; compared without regard to case.</summary>
    Text,

    /// <summary>Yes or no.</summary>
    YesNo,

    /// <summary>A time; a date alone is its midnight, UTC.</summary>
    Date,
}

/// <summary>What a number counts.</summary>
public enum FieldUnit
{
    None,
    Days,
    Orders,
    OrderDays,
    Lines,
    Units,
    Events,

    /// <summary>Major units of the workspace's currency, as people write amounts.</summary>
    Money,

    /// <summary>A share in [0, 1].</summary>
    Share,

    /// <summary>A probability in [0, 1].</summary>
    Probability,

    /// <summary>A score from 1 up, the highest = best.</summary>
    Score,

    /// <summary>A ratio.</summary>
    Times,

    Messages,
}

/// <summary>The value of a field for one customer: a number, a text, yes or no, a time, or unknown (the default).</summary>
public readonly struct FieldValue : IEquatable<FieldValue>
{
    private readonly string? text;
    private readonly long bits;

    private FieldValue(FieldType type, long bits, string? text)
    {
        (Type, this.bits, this.text) = (type, bits, text);
        IsKnown = true;
    }

    /// <summary>Nothing is known.</summary>
    public static FieldValue Unknown => default;

    /// <summary>There is a value.</summary>
    public bool IsKnown { get; }

    /// <summary>Type of a known value.</summary>
    public FieldType Type { get; }

    /// <summary>The number; NaN where the value is no number.</summary>
    public double Number => IsKnown && Type == FieldType.Number ? BitConverter.Int64BitsToDouble(bits) : double.NaN;

    /// <summary>The text, or null where the value is none.</summary>
    public string? Text => text;

    /// <summary>The value is yes.</summary>
    public bool IsYes => IsKnown && Type == FieldType.YesNo && bits != 0;

    /// <summary>Ticks (UTC) of a time; 0 where the value is none.</summary>
    public long Ticks => IsKnown && Type == FieldType.Date ? bits : 0;

    /// <summary>A number; NaN is unknown.</summary>
    public static FieldValue Of(double number) =>
        double.IsNaN(number) ? Unknown : new(FieldType.Number, BitConverter.DoubleToInt64Bits(number == 0 ? 0 : number), null);

    /// <summary>A text; null is unknown.</summary>
    public static FieldValue Of(string? text) => text is null ? Unknown : new(FieldType.Text, 0, text);

    /// <summary>Yes or no; null is unknown.</summary>
    public static FieldValue Of(bool? yes) => yes is null ? Unknown : new(FieldType.YesNo, yes.Value ? 1 : 0, null);

    /// <summary>A time; null is unknown.</summary>
    public static FieldValue Of(DateTimeOffset? at) => at is null ? Unknown : new(FieldType.Date, at.Value.UtcTicks, null);

    /// <inheritdoc/>
    public bool Equals(FieldValue other) =>
        IsKnown == other.IsKnown && Type == other.Type && bits == other.bits && string.Equals(text, other.text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FieldValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsKnown, Type, bits, text);

    public static bool operator ==(FieldValue a, FieldValue b) => a.Equals(b);

    public static bool operator !=(FieldValue a, FieldValue b) => !a.Equals(b);

    /// <summary>The value for people and for rules: "3.5", "yes", "2026-03-01", "unknown".</summary>
    public override string ToString() => !IsKnown ? "unknown" : Type switch
    {
        FieldType.Number => Number.ToString("R", CultureInfo.InvariantCulture),
        FieldType.YesNo => IsYes ? "yes" : "no",
        FieldType.Date => DateText(),
        _ => text ?? "",
    };

    private string DateText()
    {
        var at = new DateTime(bits, DateTimeKind.Utc);
        return at.ToString(at.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
    }
}
