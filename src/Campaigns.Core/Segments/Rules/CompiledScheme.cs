namespace Campaigns.Core.Segments.Rules;

/// <summary>A scheme made ready to classify customers. Immutable, for any number of threads.</summary>
public sealed class CompiledScheme
{
    private readonly int[] order;
    private readonly Condition[] rules;
    private readonly ReasonText[][] because;
    private readonly ReasonText[][] leaves;

    /// <summary>Compiles a valid scheme. Throws <see cref="ArgumentException"/> with the first fault of one that is not.</summary>
    /// <param name="scheme">The scheme: see <see cref="SchemeJson.Parse"/>.</param>
    /// <param name="catalogue">The workspace's fields; the scheme's own attributes and derived fields are added.</param>
    public CompiledScheme(SegmentScheme scheme, FieldCatalogue catalogue)
    {
        if (SchemeCheck.Faults(scheme, catalogue) is [var fault, ..])
        {
            throw new ArgumentException($"The segment scheme '{scheme.Id}' cannot be used: {fault}", nameof(scheme));
        }

        Scheme = scheme;
        Catalogue = WithDerived(scheme, catalogue.With(scheme.Attributes));
        order = SegmentOrder.Of(scheme);
        rules = [.. scheme.Segments.Select((s, i) => Compile(s.Rule, $"$.segments[{i}].rule", 0))];
        because = [.. scheme.Segments.Select(s => Texts(s.Because))];
        leaves = [.. scheme.Segments.Select(s => Texts(s.Leaves))];
        Profiling = ProfilingOf();
    }

    /// <summary>The scheme.</summary>
    public SegmentScheme Scheme { get; }

    /// <summary>The fields that its rules may ask for.</summary>
    public FieldCatalogue Catalogue { get; }

    /// <summary>Segments that rest on what customers did or are expected to do, also through derived fields and other segments: closed to who objects to profiling.</summary>
    public SegmentSet Profiling { get; }

    /// <summary>The rules by the position of their segments.</summary>
    internal IReadOnlyList<Condition> Rules => rules;

    /// <summary>The customer's segments: all whose rules hold or in which it was placed by hand; where the scheme is exclusive, the first of those alone, one placed by hand before all.</summary>
    public SegmentSet Classify(in CustomerFacts facts)
    {
        var matched = Matched(facts);
        if (!Scheme.Exclusive)
        {
            return new SegmentSet(matched);
        }

        var placed = ByHand(facts);
        var candidates = placed != 0 ? placed : matched;
        return new SegmentSet(candidates & (~candidates + 1));
    }

    /// <summary>Why a customer is in the segment, or is not: every condition with the actual value, and one sentence. Throws for an id that is none.</summary>
    public SegmentExplanation Explain(in CustomerFacts facts, string segment)
    {
        var index = Scheme.IndexOf(segment);
        ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(segment));
        var (matched, set) = (Matched(facts), Classify(facts));
        var conditions = new List<ExplainedCondition>();
        SegmentReasons.List(rules[index], facts, matched, conditions);
        return new SegmentExplanation(segment, set.Contains(index), Reason(facts, index, matched, set), conditions);
    }

    /// <summary>The reason for every membership, by priority; empty where the customer is in no segment.</summary>
    public IReadOnlyList<MembershipReason> Reasons(in CustomerFacts facts)
    {
        var (matched, set) = (Matched(facts), Classify(facts));
        var reasons = new List<MembershipReason>(set.Count);
        foreach (var index in set)
        {
            reasons.Add(new MembershipReason(Scheme.SegmentIds[index], Reason(facts, index, matched, set)));
        }

        return reasons;
    }

    /// <summary>Segments whose rules hold, and those placed by hand, without those that the customer is kept out of, as bits.</summary>
    internal ulong Matched(in CustomerFacts facts)
    {
        var (matched, keptOut) = (ByHand(facts), facts.KeptOut);
        foreach (var index in order)
        {
            if (!keptOut.Contains(index) && rules[index].Holds(facts, matched))
            {
                matched |= 1UL << index;
            }
        }

        return matched;
    }

    /// <summary>Segments in which the customer was placed, and from which it is not kept out.</summary>
    private ulong ByHand(in CustomerFacts facts) => facts.Placed.Bits & ~facts.KeptOut.Bits & Valid;

    private ulong Valid => rules.Length == 64 ? ulong.MaxValue : (1UL << rules.Length) - 1;

    private string Reason(in CustomerFacts facts, int index, ulong matched, SegmentSet set)
    {
        var name = ValueText.InSentence(Scheme.Segments[index].Name);
        if (facts.KeptOut.Contains(index))
        {
            return $"not {name}: kept out by hand";
        }

        if (!rules[index].Holds(facts, matched))
        {
            return facts.Placed.Contains(index) ? $"{name}: placed by hand" : $"not {name}: {SegmentReasons.Missing(rules[index], facts, matched)}";
        }

        if (!set.Contains(index))
        {
            return $"not {name}: its rule holds, but “{Scheme.Segments[set.PrimaryIndex].Name}” comes first";
        }

        var why = Fill(because[index], facts) ?? SegmentReasons.Held(rules[index], facts, matched);
        return Fill(leaves[index], facts) is { } leaving ? $"{name}: {why}; leaves {leaving}" : $"{name}: {why}";
    }

    private static string? Fill(ReasonText[] texts, in CustomerFacts facts)
    {
        foreach (var text in texts)
        {
            if (text.Fill(facts) is { } filled)
            {
                return filled;
            }
        }

        return null;
    }

    private static FieldCatalogue WithDerived(SegmentScheme scheme, FieldCatalogue catalogue)
    {
        foreach (var field in scheme.Fields)
        {
            var value = CompiledOperand.Of(field.Value, scheme, catalogue);
            catalogue = catalogue.With([field.ToField(value.Read)]);
        }

        return catalogue;
    }

    /// <summary>A rule that is no segment's, checked before, made ready.</summary>
    internal Condition Ready(Rule rule) => Compile(rule, "$", 0);

    private ReasonText[] Texts(ValueList<string> texts) => [.. texts.Select(t => ReasonText.Of(t, Scheme, Catalogue))];

    private Condition Compile(Rule rule, string path, int depth)
    {
        switch (rule)
        {
            case Rule.All all:
                return new AllCondition(path, depth, Below(all.Rules, $"{path}.{RuleWords.All}", depth));
            case Rule.Any any:
                return new AnyCondition(path, depth, Below(any.Rules, $"{path}.{RuleWords.Any}", depth));
            case Rule.Not not:
                return new NotCondition(path, depth, Compile(not.Inner, $"{path}.{RuleWords.Not}", depth + 1));
            case Rule.InSegment segment:
                var index = Scheme.IndexOf(segment.Segment);
                return new InSegmentCondition(path, depth, index, Scheme.Segments[index].Name);
            case Rule.Known known:
                return new KnownCondition(path, depth, Catalogue.Find(known.Field)!);
            case Rule.Within within:
                return new WithinCondition(path, depth, Catalogue.Find(within.Field)!, within);
            case Rule.OneOf oneOf:
                return new OneOfCondition(path, depth, Catalogue.Find(oneOf.Field)!, oneOf.Values);
            case Rule.Between between:
                return new BetweenCondition(path, depth, Catalogue.Find(between.Field)!, Ready(between.Low), Ready(between.High));
            default:
                var compare = (Rule.Compare)rule;
                var field = Catalogue.Find(compare.Field)!;
                return field.Type is FieldType.Number or FieldType.Date
                    ? new SideCondition(path, depth, field, compare.Comparison, Ready(compare.Operand))
                    : new TextCondition(path, depth, field, compare.Comparison, Ready(compare.Operand));
        }
    }

    /// <summary>All segments whose rules ask for more than what customers said of themselves.</summary>
    private SegmentSet ProfilingOf()
    {
        var set = default(SegmentSet);
        foreach (var index in order)
        {
            var asks = RuleTree.Walk(Scheme.Segments[index].Rule, "").Any(r => r.Rule is Rule.InSegment asked
                ? set.Contains(Scheme.IndexOf(asked.Segment))
                : RuleTree.FieldsOf(r.Rule).SelectMany(f => RuleTree.Behind(Scheme, f)).Any(f => Catalogue.Find(f)!.Group is not (FieldGroup.Customer or FieldGroup.Contact or FieldGroup.Shop)));
            set = asks ? set.With(index) : set;
        }

        return set;
    }

    private CompiledOperand Ready(Operand operand) => CompiledOperand.Of(operand, Scheme, Catalogue);

    private Condition[] Below(ValueList<Rule> below, string path, int depth) => [.. below.Select((r, i) => Compile(r, $"{path}[{i}]", depth + 1))];
}

/// <summary>Why a customer is in a segment, in words with the actual values.</summary>
public readonly record struct MembershipReason(string Segment, string Reason);

/// <summary>Why a customer is in a segment, or is not.</summary>
/// <param name="Segment">Id of the segment.</param>
/// <param name="Member">The customer is in it.</param>
/// <param name="Reason">One sentence for a member ("at risk: 94 days since the last order, usual gap 31; leaves by ordering"); else what is missing.</param>
/// <param name="Conditions">Every condition of the rule, in order.</param>
public sealed record SegmentExplanation(string Segment, bool Member, string Reason, IReadOnlyList<ExplainedCondition> Conditions);

/// <summary>A condition and what it found.</summary>
/// <param name="Path">Where it stands in the scheme's JSON.</param>
/// <param name="Depth">How deep it stands below the rule: 0 … .</param>
/// <param name="Text">The condition in words, with the limit as it is for this customer.</param>
/// <param name="Actual">The customer's value; unknown for "all", "any" and the like.</param>
/// <param name="ActualText">The value in words: "94 days", "unknown", "" where there is none.</param>
/// <param name="Holds">It holds.</param>
public sealed record ExplainedCondition(string Path, int Depth, string Text, FieldValue Actual, string ActualText, bool Holds);
