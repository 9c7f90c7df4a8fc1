namespace Campaigns.Core.Segments.Rules;

/// <summary>Limits of a scheme, each with its reason. Within them a customer is classified in microseconds and a person can still read the rules.</summary>
public static class SchemeLimits
{
    /// <summary>Nesting of a rule: beyond eight levels nobody can say what a rule means; twice that leaves room for generated ones.</summary>
    public const int Depth = 16;

    /// <summary>Conditions of one segment.</summary>
    public const int ConditionsPerSegment = 500;

    /// <summary>Conditions of the whole scheme: classifying a customer may evaluate each.</summary>
    public const int Conditions = 5_000;

    /// <summary>Values in a "one of": longer lists are an attribute that should be imported.</summary>
    public const int Values = 1_000;

    /// <summary>Parameters, derived fields, attributes and barred fields, each.</summary>
    public const int Names = 200;

    /// <summary>Length of a name for people: it must fit a table's column.</summary>
    public const int NameLength = 80;

    /// <summary>Length of a description, meaning or reason: a sentence or two.</summary>
    public const int TextLength = 500;

    /// <summary>Length of a text value in a rule; imports cut attributes at no more.</summary>
    public const int ValueLength = 1_000;

    /// <summary>Days of a relative date: a century.</summary>
    public const int Days = 36_525;

    /// <summary>Alternative texts of a reason.</summary>
    public const int Alternatives = 10;
}
