namespace Campaigns.Core.Segments.Rules;

/// <summary>A rule made ready: one condition with those below it. Immutable.</summary>
internal abstract class Condition
{
    private protected Condition(string path, int depth, params Condition[] below) => (Path, Depth, Below) = (path, depth, below);

    /// <summary>Where it stands in the scheme's JSON.</summary>
    public string Path { get; }

    /// <summary>How deep it stands.</summary>
    public int Depth { get; }

    /// <summary>The conditions that it joins.</summary>
    public Condition[] Below { get; }

    /// <summary>It holds. <paramref name="matched"/> holds the segments worked out before, as bits.</summary>
    public abstract bool Holds(in CustomerFacts facts, ulong matched);

    /// <summary>The condition in words: "days since last order: more than 62 days".</summary>
    public abstract string Words(in CustomerFacts facts);

    /// <summary>The customer's own value, where the condition asks for one.</summary>
    public virtual FieldValue Actual(in CustomerFacts facts) => FieldValue.Unknown;

    /// <summary>That value in words; "" where the condition asks for none.</summary>
    public virtual string ActualWords(in CustomerFacts facts) => "";
}

/// <summary>Every one holds.</summary>
internal sealed class AllCondition(string path, int depth, Condition[] below) : Condition(path, depth, below)
{
    public override bool Holds(in CustomerFacts facts, ulong matched)
    {
        foreach (var condition in Below)
        {
            if (!condition.Holds(facts, matched))
            {
                return false;
            }
        }

        return true;
    }

    public override string Words(in CustomerFacts facts) => "all of these";
}

/// <summary>One holds at least.</summary>
internal sealed class AnyCondition(string path, int depth, Condition[] below) : Condition(path, depth, below)
{
    public override bool Holds(in CustomerFacts facts, ulong matched)
    {
        foreach (var condition in Below)
        {
            if (condition.Holds(facts, matched))
            {
                return true;
            }
        }

        return false;
    }

    public override string Words(in CustomerFacts facts) => "at least one of these";
}

/// <summary>It does not hold.</summary>
internal sealed class NotCondition(string path, int depth, Condition inner) : Condition(path, depth, inner)
{
    public override bool Holds(in CustomerFacts facts, ulong matched) => !Below[0].Holds(facts, matched);

    public override string Words(in CustomerFacts facts) => "not";
}

/// <summary>The customer is in another segment of the scheme.</summary>
internal sealed class InSegmentCondition(string path, int depth, int index, string name) : Condition(path, depth)
{
    public override bool Holds(in CustomerFacts facts, ulong matched) => (matched & (1UL << index)) != 0;

    public override string Words(in CustomerFacts facts) => $"in segment “{name}”";
}

/// <summary>A condition on a field.</summary>
internal abstract class FieldCondition(string path, int depth, Field field) : Condition(path, depth)
{
    protected Field Asked { get; } = field;

    protected FieldReader Read { get; } = field.Read;

    public override FieldValue Actual(in CustomerFacts facts) => Read(facts);

    public override string ActualWords(in CustomerFacts facts) => ValueText.Exact(Read(facts), Asked.Unit, facts.Shop.Currency);

    public override string Words(in CustomerFacts facts) => $"{Asked.Label}: {Question(facts)}";

    protected abstract string Question(in CustomerFacts facts);

    protected string InWords(in FieldValue value, in CustomerFacts facts) => ValueText.Exact(value, Asked.Unit, facts.Shop.Currency);
}

/// <summary>A number or date on one side of a limit.</summary>
internal sealed class SideCondition(string path, int depth, Field field, Comparison comparison, CompiledOperand limit) : FieldCondition(path, depth, field)
{
    private readonly bool dates = field.Type == FieldType.Date;
    private readonly double constant = limit.Constant is { Type: FieldType.Number } value ? value.Number : double.NaN;

    public override bool Holds(in CustomerFacts facts, ulong matched)
    {
        if (dates)
        {
            var (at, bound) = (Read(facts), limit.Read(facts));
            return at.IsKnown && bound.IsKnown && Stands(at.Ticks.CompareTo(bound.Ticks));
        }

        // NaN stands for unknown: every comparison with it is false, as it must be.
        var number = Read(facts).Number;
        var than = double.IsNaN(constant) ? limit.Read(facts).Number : constant;
        return comparison switch
        {
            Comparison.Above => number > than,
            Comparison.AtLeast => number >= than,
            Comparison.Below => number < than,
            Comparison.AtMost => number <= than,
            _ => number == than,
        };
    }

    protected override string Question(in CustomerFacts facts)
    {
        var words = comparison switch
        {
            Comparison.Above => dates ? "after" : "more than",
            Comparison.AtLeast => dates ? "on or after" : "at least",
            Comparison.Below => dates ? "before" : "less than",
            Comparison.AtMost => dates ? "on or before" : "at most",
            _ => "exactly",
        };
        return $"{words} {InWords(limit.Read(facts), facts)}{(limit.Words.Length == 0 ? "" : $" ({limit.Words})")}";
    }

    private bool Stands(int order) => comparison switch
    {
        Comparison.Above => order > 0,
        Comparison.AtLeast => order >= 0,
        Comparison.Below => order < 0,
        Comparison.AtMost => order <= 0,
        _ => order == 0,
    };
}

/// <summary>A number or date between two limits, both included.</summary>
internal sealed class BetweenCondition(string path, int depth, Field field, CompiledOperand low, CompiledOperand high) : FieldCondition(path, depth, field)
{
    public override bool Holds(in CustomerFacts facts, ulong matched)
    {
        var (value, from, to) = (Read(facts), low.Read(facts), high.Read(facts));
        return Asked.Type == FieldType.Date
            ? value.IsKnown && from.IsKnown && to.IsKnown && value.Ticks >= from.Ticks && value.Ticks <= to.Ticks
            : value.Number >= from.Number && value.Number <= to.Number;
    }

    protected override string Question(in CustomerFacts facts) => $"{InWords(low.Read(facts), facts)} to {InWords(high.Read(facts), facts)}";
}

/// <summary>A text, or yes and no.</summary>
internal sealed class TextCondition(string path, int depth, Field field, Comparison comparison, CompiledOperand other) : FieldCondition(path, depth, field)
{
    public override bool Holds(in CustomerFacts facts, ulong matched)
    {
        var (value, with) = (Read(facts), other.Read(facts));
        if (!value.IsKnown || !with.IsKnown)
        {
            return false;
        }

        return Asked.Type != FieldType.Text ? value == with : comparison switch
        {
            Comparison.StartsWith => value.Text!.StartsWith(with.Text!, StringComparison.OrdinalIgnoreCase),
            Comparison.Contains => value.Text!.Contains(with.Text!, StringComparison.OrdinalIgnoreCase),
            _ => value.Text!.Equals(with.Text, StringComparison.OrdinalIgnoreCase),
        };
    }

    protected override string Question(in CustomerFacts facts)
    {
        var words = comparison switch { Comparison.StartsWith => "begins with ", Comparison.Contains => "contains ", _ => "" };
        return words + InWords(other.Read(facts), facts);
    }
}

/// <summary>One of several values.</summary>
internal sealed class OneOfCondition(string path, int depth, Field field, ValueList<FieldValue> values) : FieldCondition(path, depth, field)
{
    /// <summary>Values named in words; a list of a thousand postal codes is no sentence.</summary>
    private const int Named = 5;

    private readonly HashSet<string> texts = new(values.Where(v => v.Type == FieldType.Text).Select(v => v.Text!), StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<FieldValue> others = [.. values.Where(v => v.Type != FieldType.Text)];

    public override bool Holds(in CustomerFacts facts, ulong matched)
    {
        var value = Read(facts);
        return value.IsKnown && (value.Type == FieldType.Text ? texts.Contains(value.Text!) : others.Contains(value));
    }

    protected override string Question(in CustomerFacts facts)
    {
        var currency = facts.Shop.Currency;
        var some = string.Join(", ", values.Take(Named).Select(v => ValueText.Exact(v, Asked.Unit, currency)));
        return values.Count > Named ? $"one of {some} and {values.Count - Named:N0} more" : values.Count == 1 ? some : $"one of {some}";
    }
}

/// <summary>A value is there.</summary>
internal sealed class KnownCondition(string path, int depth, Field field) : FieldCondition(path, depth, field)
{
    public override bool Holds(in CustomerFacts facts, ulong matched) => Read(facts).IsKnown;

    protected override string Question(in CustomerFacts facts) => "known";
}

/// <summary>A date within days before or after the as-of time.</summary>
internal sealed class WithinCondition(string path, int depth, Field field, Rule.Within rule) : FieldCondition(path, depth, field)
{
    private readonly long span = rule.Days * TimeSpan.TicksPerDay;

    public override bool Holds(in CustomerFacts facts, ulong matched)
    {
        var value = Read(facts);
        if (!value.IsKnown)
        {
            return false;
        }

        if (!rule.EveryYear)
        {
            var ticks = value.Ticks - facts.AsOf.UtcTicks;
            return rule.Ahead ? ticks >= 0 && ticks <= span : ticks <= 0 && -ticks <= span;
        }

        var (day, today) = (DateOnly.FromDateTime(new DateTime(value.Ticks)), DateOnly.FromDateTime(facts.AsOf.UtcDateTime));
        return rule.Ahead ? DaysToNext(day, today) <= rule.Days : DaysSinceLast(day, today) <= rule.Days;
    }

    protected override string Question(in CustomerFacts facts) =>
        $"within the {(rule.Ahead ? "next" : "last")} {ValueText.Exact(FieldValue.Of(rule.Days), FieldUnit.Days, "")}{(rule.EveryYear ? ", every year" : "")}";

    /// <summary>Who was born on 29 February celebrates on the 28th where there is none.</summary>
    private static DateOnly In(int year, DateOnly day) => new(year, day.Month, Math.Min(day.Day, DateTime.DaysInMonth(year, day.Month)));

    private static int DaysToNext(DateOnly day, DateOnly today)
    {
        var next = In(today.Year, day);
        next = next < today && today.Year < DateOnly.MaxValue.Year ? In(today.Year + 1, day) : next;
        return Math.Abs(next.DayNumber - today.DayNumber);
    }

    private static int DaysSinceLast(DateOnly day, DateOnly today)
    {
        var last = In(today.Year, day);
        last = last > today && today.Year > 1 ? In(today.Year - 1, day) : last;
        return Math.Abs(today.DayNumber - last.DayNumber);
    }
}
