namespace Campaigns.Core.Segments.Rules;

/// <summary>How a field is compared with an operand.</summary>
public enum Comparison
{
    /// <summary>Equal; texts without regard to case.</summary>
    Is,

    /// <summary>Greater (numbers), later (dates).</summary>
    Above,

    /// <summary>Greater or equal.</summary>
    AtLeast,

    /// <summary>Less, earlier.</summary>
    Below,

    /// <summary>Less or equal.</summary>
    AtMost,

    /// <summary>The text begins with it, without regard to case.</summary>
    StartsWith,

    /// <summary>The text contains it, without regard to case.</summary>
    Contains,
}

/// <summary>
/// Who belongs to a segment: a tree of conditions. A condition on an unknown value does not hold, so its <see cref="Not"/>
/// does: every rule is true or false of every customer, and a rule and its negation divide the customers between them.
/// </summary>
public abstract record Rule
{
    private protected Rule()
    {
    }

    /// <summary>Every one of the rules holds. At least one.</summary>
    public sealed record All(ValueList<Rule> Rules) : Rule;

    /// <summary>At least one of the rules holds. At least one.</summary>
    public sealed record Any(ValueList<Rule> Rules) : Rule;

    /// <summary>The rule does not hold; also where a value that it asks for is unknown.</summary>
    public sealed record Not(Rule Inner) : Rule;

    /// <summary>The field stands so to the operand.</summary>
    public sealed record Compare(string Field, Comparison Comparison, Operand Operand) : Rule;

    /// <summary>The field lies between the operands, both included.</summary>
    public sealed record Between(string Field, Operand Low, Operand High) : Rule;

    /// <summary>The field has one of the values.</summary>
    public sealed record OneOf(string Field, ValueList<FieldValue> Values) : Rule;

    /// <summary>
    /// The date lies in the last (<paramref name="Ahead"/>: the next) so many days before (after) the as-of time, both ends included;
    /// with <paramref name="EveryYear"/> its day of the year does, as a birthday: whole days, UTC, today included.
    /// </summary>
    public sealed record Within(string Field, int Days, bool Ahead, bool EveryYear) : Rule;

    /// <summary>There is a value.</summary>
    public sealed record Known(string Field) : Rule;

    /// <summary>The other segment's rule holds (or the customer was placed there by hand), whether or not it is the customer's primary one.</summary>
    public sealed record InSegment(string Segment) : Rule;
}

/// <summary>What a field is compared with.</summary>
public abstract record Operand
{
    private protected Operand()
    {
    }

    /// <summary>A value that stands in the rule.</summary>
    public sealed record Literal(FieldValue Value) : Operand;

    /// <summary>A parameter of the scheme, a number.</summary>
    public sealed record Parameter(string Name) : Operand;

    /// <summary>Another field; a number may be multiplied by <paramref name="Times"/> (a literal number or a parameter), null = 1. Unknown where the field is.</summary>
    public sealed record OfField(string Field, Operand? Times) : Operand;

    /// <summary>The greatest of the numbers; unknown where one of them is (see <see cref="First"/>).</summary>
    public sealed record Greatest(ValueList<Operand> Of) : Operand;

    /// <summary>The least of the numbers; unknown where one of them is.</summary>
    public sealed record Least(ValueList<Operand> Of) : Operand;

    /// <summary>The first that is known.</summary>
    public sealed record First(ValueList<Operand> Of) : Operand;
}
