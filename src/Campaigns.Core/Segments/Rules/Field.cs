namespace Campaigns.Core.Segments.Rules;

/// <summary>Reads a field's value for one customer.</summary>
public delegate FieldValue FieldReader(in CustomerFacts facts);

/// <summary>What a field tells about.</summary>
public enum FieldGroup
{
    /// <summary>Who and where the customer is: country, language, imported attributes (demographic, psychographic, surveys, payment behaviour).</summary>
    Customer,

    /// <summary>Consent and contact.</summary>
    Contact,

    /// <summary>What the customer did with our messages.</summary>
    Responses,

    /// <summary>Orders and rhythm.</summary>
    Behaviour,

    /// <summary>Products and categories bought.</summary>
    Products,

    /// <summary>Valued events other than orders.</summary>
    Events,

    /// <summary>What the customer is worth.</summary>
    Value,

    /// <summary>What the purchase models expect.</summary>
    Predictions,

    /// <summary>Buying at a discount.</summary>
    Discounts,

    /// <summary>What is usual in this shop: the same for all customers of a recompute.</summary>
    Shop,

    /// <summary>Worked out by the scheme itself.</summary>
    Derived,
}

/// <summary>Something that rules may ask about a customer.</summary>
/// <param name="Name">Name in rules.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Unit">What a number counts.</param>
/// <param name="Group">What it tells about.</param>
/// <param name="Meaning">What it is, in half a sentence, with when it is unknown.</param>
/// <param name="Read">Reads it.</param>
public sealed record Field(string Name, FieldType Type, FieldUnit Unit, FieldGroup Group, string Meaning, FieldReader Read)
{
    /// <summary>What people call it: made from <see cref="Name"/> where nobody says otherwise.</summary>
    public string Label { get => field ?? FieldNames.Of(Name); init; }
}
