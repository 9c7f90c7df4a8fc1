namespace Campaigns.Core.Segments.Rules;

/// <summary>An operand made ready.</summary>
/// <param name="Read">Its value for a customer.</param>
/// <param name="Constant">The value, where it is the same for all.</param>
/// <param name="Words">Where the value comes from: "usual gap × 2"; "" for a value that stands in the rule.</param>
internal sealed record CompiledOperand(FieldReader Read, FieldValue? Constant, string Words)
{
    public static CompiledOperand Of(Operand operand, SegmentScheme scheme, FieldCatalogue catalogue)
    {
        switch (operand)
        {
            case Operand.Literal literal:
                return Fixed(literal.Value, "");
            case Operand.Parameter parameter:
                var named = Find(scheme, parameter.Name);
                return Fixed(FieldValue.Of(named.Value), named.Title);
            case Operand.OfField { Times: null } plain:
                var asked = catalogue.Find(plain.Field)!;
                return new CompiledOperand(asked.Read, null, asked.Label);
            case Operand.OfField field:
                var multiplied = catalogue.Find(field.Field)!;
                var read = multiplied.Read;
                var times = Of(field.Times!, scheme, catalogue);
                var factor = times.Constant!.Value.Number;
                return new CompiledOperand(
                    (in f) => FieldValue.Of(read(f).Number * factor), null, FormattableString.Invariant($"{multiplied.Label} × {factor:0.##}"));
            case Operand.Greatest greatest:
                return Extreme("greatest", [.. greatest.Of.Select(o => Of(o, scheme, catalogue))], 1);
            case Operand.Least least:
                return Extreme("least", [.. least.Of.Select(o => Of(o, scheme, catalogue))], -1);
            default:
                return FirstKnown([.. ((Operand.First)operand).Of.Select(o => Of(o, scheme, catalogue))]);
        }
    }

    /// <summary>Greatest (1) or least (−1); unknown where a part is.</summary>
    private static CompiledOperand Extreme(string name, CompiledOperand[] of, int sign) => new(
        (in f) =>
        {
            var best = of[0].Read(f).Number;
            for (var i = 1; i < of.Length && !double.IsNaN(best); i++)
            {
                var number = of[i].Read(f).Number;
                best = sign * number <= sign * best ? best : number;
            }

            return FieldValue.Of(best);
        },
        null,
        Described(name, of));

    private static CompiledOperand FirstKnown(CompiledOperand[] of) => new(
        (in f) =>
        {
            foreach (var operand in of)
            {
                if (operand.Read(f) is { IsKnown: true } value)
                {
                    return value;
                }
            }

            return FieldValue.Unknown;
        },
        null,
        Described("first known", of));

    private static string Described(string name, CompiledOperand[] of) =>
        $"{name} of {string.Join(", ", of.Select(o => o.Words.Length == 0 ? o.Constant.ToString() : o.Words))}";

    private static CompiledOperand Fixed(FieldValue value, string words) => new((in _) => value, value, words);

    private static SchemeParameter Find(SegmentScheme scheme, string parameter) => scheme.Parameters.First(p => string.Equals(p.Name, parameter, StringComparison.Ordinal));
}
