using System.Text;
using System.Text.Json;

namespace Campaigns.Core.Segments.Rules;

/// <summary>What became of reading a single rule.</summary>
/// <param name="Rule">The rule; null where there are faults.</param>
/// <param name="Faults">What is wrong with it.</param>
public sealed record CustomerRuleReading(CustomerRule? Rule, IReadOnlyList<SchemeFault> Faults);

/// <summary>
/// One rule of the segment language outside of a scheme, such as who may get an offer. It may ask whatever a segment of the
/// scheme may, its parameters and segments included. Immutable, for any number of threads.
/// </summary>
public sealed class CustomerRule
{
    /// <summary>Longest document in characters: a rule with fifty conditions takes half of it.</summary>
    public const int MaxLength = 8 * 1024;

    /// <summary>Deepest nesting of JSON, as in <see cref="SchemeJson"/>.</summary>
    private const int MaxJsonDepth = 128;

    private readonly CompiledScheme scheme;
    private readonly Condition condition;
    private readonly bool asksForSegments;

    private CustomerRule(CompiledScheme scheme, Rule rule)
    {
        (this.scheme, Rule) = (scheme, rule);
        condition = scheme.Ready(rule);
        asksForSegments = RuleTree.Walk(rule, "$").Any(r => r.Rule is Rule.InSegment);
        BarredField = BarredUse.FieldOf(scheme.Scheme, rule);
    }

    /// <summary>The rule.</summary>
    public Rule Rule { get; }

    /// <summary>A field that must not decide who gets an offer, and does; null where there is none.</summary>
    public string? BarredField { get; }


    /// <summary>Reads and checks a rule. Nothing half-valid gets through.</summary>
    /// <param name="json">The rule, such as <c>{"field": "orders", "at_least": 3}</c>.</param>
    /// <param name="scheme">The scheme whose parameters, fields and segments it may name.</param>
    public static CustomerRuleReading Parse(string json, CompiledScheme scheme)
    {
        if (json.Length > MaxLength)
        {
            return Refused($"it has {json.Length:N0} characters; {MaxLength:N0} are the most");
        }

        var faults = new List<SchemeFault>();
        try
        {
            using var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(json), new JsonDocumentOptions { MaxDepth = MaxJsonDepth, AllowDuplicateProperties = false });
            var rule = new RuleReader(scheme.Catalogue, faults).Read(document.RootElement, "$");
            if (rule is not null && faults.Count == 0)
            {
                new RuleCheck(scheme.Scheme, scheme.Catalogue, faults).Check(rule, "$");
            }

            return faults.Count == 0 ? new CustomerRuleReading(new CustomerRule(scheme, rule!), []) : new CustomerRuleReading(null, faults);
        }
        catch (JsonException)
        {
            return Refused("this is no JSON that can be read: a bracket or comma is missing, a name stands twice, or it is nested too deep");
        }
    }

    /// <summary>The customer fits the rule.</summary>
    public bool Holds(in CustomerFacts facts) => condition.Holds(facts, asksForSegments ? scheme.Matched(facts) : 0);

    private static CustomerRuleReading Refused(string message) => new(null, [new SchemeFault("$", message)]);
}
