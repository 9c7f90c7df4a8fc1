namespace Campaigns.Core.Segments.Rules;

/// <summary>One segment of a scheme.</summary>
public sealed record SegmentDefinition
{
    /// <summary>Id in memberships and campaigns: small letters, digits and "-", 1 … <see cref="SegmentScheme.MaxIdLength"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Who is in it, in half a sentence; "" where nobody said.</summary>
    public string Description { get; init; } = "";

    /// <summary>Who belongs to it.</summary>
    public required Rule Rule { get; init; }

    /// <summary>
    /// Why a customer is in it: texts with fields in braces ("{days_since_last_order} since the last order"); the first whose fields
    /// are all known stands. Empty: made from the conditions that hold.
    /// </summary>
    public ValueList<string> Because { get; init; } = [];

    /// <summary>What would end the membership ("by ordering"), chosen in the same way; may be empty.</summary>
    public ValueList<string> Leaves { get; init; } = [];
}

/// <summary>A number that rules refer to by name, so that a workspace adjusts a threshold without touching rules.</summary>
/// <param name="Name">Name: small letters, digits and "-".</param>
/// <param name="Value">Its value, in [<paramref name="Least"/>, <paramref name="Most"/>].</param>
/// <param name="Unit">What it counts.</param>
/// <param name="Meaning">What it decides, in half a sentence.</param>
/// <param name="Least">Least value that makes sense.</param>
/// <param name="Most">Greatest value that makes sense.</param>
/// <param name="Label">What people call it; "" = the name as words.</param>
public sealed record SchemeParameter(
    string Name, double Value, FieldUnit Unit, string Meaning, double Least = double.MinValue, double Most = double.MaxValue, string Label = "")
{
    /// <summary>What people call it: "loyal order days" for "loyal-order-days" where it has no label.</summary>
    public string Title => TitleOf(Name, Label);

    /// <summary>The same of a name and a label that may be "".</summary>
    public static string TitleOf(string name, string label) => label.Length > 0 ? label : name.Replace('-', ' ').Replace('_', ' ');
}

/// <summary>A number that the scheme works out from fields and parameters, used like any other field.</summary>
/// <param name="Name">Name: small letters, digits and "_".</param>
/// <param name="Unit">What it counts.</param>
/// <param name="Meaning">What it is, in half a sentence.</param>
/// <param name="Value">How it is worked out, from fields of the catalogue: derived fields do not use each other, so that working one out costs no more than it says.</param>
/// <param name="Label">What people call it; "" = the name as words.</param>
public sealed record DerivedField(string Name, FieldUnit Unit, string Meaning, Operand Value, string Label = "")
{
    /// <summary>The field that rules ask for.</summary>
    internal Field ToField(FieldReader read) => new(Name, FieldType.Number, Unit, FieldGroup.Derived, Meaning, read) { Label = SchemeParameter.TitleOf(Name, Label) };
}

/// <summary>An imported attribute and what it holds.</summary>
public sealed record AttributeType(string Name, FieldType Type);

/// <summary>
/// A set of segments, by priority: the first that a customer is in is the customer's primary segment, by which campaigns
/// address it. A value, written as JSON (<see cref="SchemeJson"/>).
/// </summary>
public sealed record SegmentScheme
{
    /// <summary>Segments per scheme: membership is one bit of a 64-bit number each, and more could neither be seen over nor measured.</summary>
    public const int MaxSegments = 64;

    /// <summary>Length of ids: they are parts of row keys and message names.</summary>
    public const int MaxIdLength = 40;

    private string[]? ids;

    /// <summary>Id of the scheme.</summary>
    public required string Id { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for; "" where nobody said.</summary>
    public string Description { get; init; } = "";

    /// <summary>A customer is in the first segment alone whose rule holds; otherwise in all of them.</summary>
    public bool Exclusive { get; init; }

    /// <summary>The segments by priority, 1 … <see cref="MaxSegments"/>.</summary>
    public required ValueList<SegmentDefinition> Segments { get; init; }

    /// <summary>Numbers that rules refer to.</summary>
    public ValueList<SchemeParameter> Parameters { get; init; } = [];

    /// <summary>Fields that the scheme works out itself.</summary>
    public ValueList<DerivedField> Fields { get; init; } = [];

    /// <summary>Imported attributes that the rules ask for, with the types that they need.</summary>
    public ValueList<AttributeType> Attributes { get; init; } = [];

    /// <summary>Fields that must not decide who gets an offer (sex, age, arrears): segments that rest on them are refused for offers.</summary>
    public ValueList<string> BarredFields { get; init; } = [];

    /// <summary>Ids of the segments by priority.</summary>
    public IReadOnlyList<string> SegmentIds => Ids;

    private string[] Ids => ids ??= [.. Segments.Select(s => s.Id)];

    /// <summary>Position of a segment by priority; −1 where there is none of this id.</summary>
    public int IndexOf(string segment) => Array.IndexOf(Ids, segment);

    /// <summary>Id of the set's first segment, "" for the empty set.</summary>
    public string PrimaryOf(SegmentSet set) => set.IsEmpty ? "" : Ids[set.PrimaryIndex];

    /// <summary>Ids of the set's segments, by priority.</summary>
    public IReadOnlyList<string> IdsOf(SegmentSet set)
    {
        var names = new List<string>(set.Count);
        foreach (var index in set)
        {
            names.Add(Ids[index]);
        }

        return names;
    }

    /// <summary>The set of the segments with these ids; ids that are none of the scheme's are left out.</summary>
    public SegmentSet SetOf(params IEnumerable<string> segments)
    {
        var set = default(SegmentSet);
        foreach (var segment in segments)
        {
            set = IndexOf(segment) is >= 0 and var index ? set.With(index) : set;
        }

        return set;
    }

    /// <inheritdoc/>
    public bool Equals(SegmentScheme? other) =>
        other is not null && Id == other.Id && Name == other.Name && Description == other.Description && Exclusive == other.Exclusive
        && Segments.Equals(other.Segments) && Parameters.Equals(other.Parameters) && Fields.Equals(other.Fields)
        && Attributes.Equals(other.Attributes) && BarredFields.Equals(other.BarredFields);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Name, Exclusive, Segments, Parameters, Fields, Attributes, BarredFields);
}

/// <summary>What is wrong with a scheme: where (a JSON path such as "$.segments[1].rule.all[0].at_least") and what to do.</summary>
public sealed record SchemeFault(string Path, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Message}";
}
