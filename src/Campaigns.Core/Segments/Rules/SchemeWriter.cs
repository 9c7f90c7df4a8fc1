using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Campaigns.Core.Segments.Rules;

/// <summary>Writes schemes as JSON.</summary>
internal static class SchemeWriter
{
    /// <summary>Not escaped beyond JSON's own needs, so that names in any language stay readable: whoever puts it into HTML escapes it there.</summary>
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 256 };

    public static byte[] Write(SegmentScheme scheme)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("id", scheme.Id);
            json.WriteString("name", scheme.Name);
            Optional(json, "description", scheme.Description);
            if (scheme.Exclusive)
            {
                json.WriteBoolean("exclusive", true);
            }

            Named(json, "attributes", scheme.Attributes, a => a.Name, a => json.WriteStringValue(RuleWords.Of(a.Type)));
            Named(json, "parameters", scheme.Parameters, p => p.Name, p => Write(json, p));
            Named(json, "fields", scheme.Fields, f => f.Name, f => Write(json, f));
            Texts(json, "barred", scheme.BarredFields);
            json.WriteStartArray("segments");
            foreach (var segment in scheme.Segments)
            {
                Write(json, segment);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    /// <summary>One rule as JSON, for the editor.</summary>
    public static void Write(Utf8JsonWriter json, Rule rule)
    {
        json.WriteStartObject();
        switch (rule)
        {
            case Rule.All all:
                Rules(json, RuleWords.All, all.Rules);
                break;
            case Rule.Any any:
                Rules(json, RuleWords.Any, any.Rules);
                break;
            case Rule.Not not:
                json.WritePropertyName(RuleWords.Not);
                Write(json, not.Inner);
                break;
            case Rule.Known known:
                json.WriteString(RuleWords.Known, known.Field);
                break;
            case Rule.InSegment segment:
                json.WriteString(RuleWords.In, segment.Segment);
                break;
            default:
                Question(json, rule);
                break;
        }

        json.WriteEndObject();
    }

    private static void Question(Utf8JsonWriter json, Rule rule)
    {
        switch (rule)
        {
            case Rule.Compare compare:
                json.WriteString(RuleWords.Field, compare.Field);
                json.WritePropertyName(RuleWords.Of(compare.Comparison));
                Write(json, compare.Operand);
                break;
            case Rule.Between between:
                json.WriteString(RuleWords.Field, between.Field);
                json.WriteStartArray(RuleWords.Between);
                Write(json, between.Low);
                Write(json, between.High);
                json.WriteEndArray();
                break;
            case Rule.OneOf oneOf:
                json.WriteString(RuleWords.Field, oneOf.Field);
                json.WriteStartArray(RuleWords.OneOf);
                foreach (var value in oneOf.Values)
                {
                    Write(json, value);
                }

                json.WriteEndArray();
                break;
            case Rule.Within within:
                json.WriteString(RuleWords.Field, within.Field);
                json.WriteStartObject(RuleWords.Within);
                json.WriteNumber(within.Ahead ? RuleWords.NextDays : RuleWords.LastDays, within.Days);
                if (within.EveryYear)
                {
                    json.WriteBoolean(RuleWords.EveryYear, true);
                }

                json.WriteEndObject();
                break;
            default:
                throw new NotSupportedException($"There is no way to write a {rule.GetType().Name}.");
        }
    }

    private static void Write(Utf8JsonWriter json, Operand operand)
    {
        if (operand is Operand.Literal literal)
        {
            Write(json, literal.Value);
            return;
        }

        json.WriteStartObject();
        switch (operand)
        {
            case Operand.Parameter parameter:
                json.WriteString(RuleWords.Parameter, parameter.Name);
                break;
            case Operand.OfField field:
                json.WriteString(RuleWords.Field, field.Field);
                if (field.Times is { } times)
                {
                    json.WritePropertyName(RuleWords.Times);
                    Write(json, times);
                }

                break;
            case Operand.Greatest greatest:
                Operands(json, RuleWords.Greatest, greatest.Of);
                break;
            case Operand.Least least:
                Operands(json, RuleWords.Least, least.Of);
                break;
            case Operand.First first:
                Operands(json, RuleWords.First, first.Of);
                break;
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, FieldValue value)
    {
        switch (value.Type)
        {
            case FieldType.Number:
                json.WriteNumberValue(value.Number);
                break;
            case FieldType.YesNo:
                json.WriteBooleanValue(value.IsYes);
                break;
            default:
                json.WriteStringValue(value.ToString());
                break;
        }
    }

    private static void Write(Utf8JsonWriter json, SegmentDefinition segment)
    {
        json.WriteStartObject();
        json.WriteString("id", segment.Id);
        json.WriteString("name", segment.Name);
        Optional(json, "description", segment.Description);
        json.WritePropertyName("rule");
        Write(json, segment.Rule);
        Texts(json, "because", segment.Because);
        Texts(json, "leaves", segment.Leaves);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SchemeParameter parameter)
    {
        json.WriteStartObject();
        Optional(json, "label", parameter.Label);
        json.WriteNumber("value", parameter.Value);
        Optional(json, "unit", RuleWords.Of(parameter.Unit));
        json.WriteString("meaning", parameter.Meaning);
        if (parameter.Least > double.MinValue)
        {
            json.WriteNumber("least", parameter.Least);
        }

        if (parameter.Most < double.MaxValue)
        {
            json.WriteNumber("most", parameter.Most);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DerivedField field)
    {
        json.WriteStartObject();
        Optional(json, "label", field.Label);
        Optional(json, "unit", RuleWords.Of(field.Unit));
        json.WriteString("meaning", field.Meaning);
        json.WritePropertyName("value");
        Write(json, field.Value);
        json.WriteEndObject();
    }

    private static void Rules(Utf8JsonWriter json, string name, ValueList<Rule> rules)
    {
        json.WriteStartArray(name);
        foreach (var rule in rules)
        {
            Write(json, rule);
        }

        json.WriteEndArray();
    }

    private static void Operands(Utf8JsonWriter json, string name, ValueList<Operand> operands)
    {
        json.WriteStartArray(name);
        foreach (var operand in operands)
        {
            Write(json, operand);
        }

        json.WriteEndArray();
    }

    private static void Named<T>(Utf8JsonWriter json, string property, ValueList<T> all, Func<T, string> name, Action<T> write)
    {
        if (all.Count == 0)
        {
            return;
        }

        json.WriteStartObject(property);
        foreach (var item in all)
        {
            json.WritePropertyName(name(item));
            write(item);
        }

        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, ValueList<string> texts)
    {
        if (texts.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void Optional(Utf8JsonWriter json, string name, string text)
    {
        if (text.Length > 0)
        {
            json.WriteString(name, text);
        }
    }
}
