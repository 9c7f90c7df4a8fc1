using Azure.Bicep.Types;
using Azure.Bicep.Types.Az;
using Azure.Bicep.Types.Concrete;
using Azure.Bicep.Types.Index;

namespace Campaigns.Repository.Tests.Infra;

/// <summary>Holds resources against the types that Azure publishes for Bicep (package Azure.Bicep.Types.Az).</summary>
public sealed class BicepTypes
{
    /// <summary>Properties of the language itself, not of a type.</summary>
    private static readonly string[] OfTheLanguage = ["dependsOn", "scope", "parent"];

    private readonly AzTypeLoader _loader = new();
    private readonly TypeIndex _index;

    public BicepTypes() => _index = _loader.LoadTypeIndex();

    /// <summary>What is wrong with a resource, as sentences; nothing where all is known and all that is required is there.</summary>
    public IEnumerable<string> Problems(BicepResource resource)
    {
        var key = $"{resource.Type}@{resource.Version}";
        if (!_index.Resources.TryGetValue(key, out var reference))
        {
            yield return $"line {resource.Line}: there is no resource type {key}";
            yield break;
        }

        var body = _loader.LoadResourceType(reference).Body.Type;
        foreach (var problem in OfObject(resource.Body, body, resource.Name))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> OfValue(BicepValue value, TypeBase type, string path) => (value.Kind, type) switch
    {
        ("object", ObjectType or DiscriminatedObjectType) => OfObject(value, type, path),
        ("object", AnyType or UnionType) => [],
        ("array", ArrayType array) => value.Items.SelectMany((item, i) => OfValue(item, array.ItemType.Type, $"{path}[{i}]")),
        ("array", AnyType or UnionType) => [],
        ("object" or "array", _) => [$"line {value.Line}: {path} is not an {value.Kind} but {Name(type)}"],
        (_, UnionType union) when value.Literal => OfUnion(value, union, path),
        (_, StringLiteralType literal) when value.Literal && literal.Value != value.Text => [$"line {value.Line}: {path} is '{value.Text}' and must be '{literal.Value}'"],
        (_, BooleanType or IntegerType or ObjectType or DiscriminatedObjectType or ArrayType) when value.ValueType == "string" => [$"line {value.Line}: {path} is text and must be {Name(type)}"],
        (_, StringType or BooleanType) when value.ValueType == "number" => [$"line {value.Line}: {path} is a number and must be {Name(type)}"],
        (_, StringType or IntegerType) when value.ValueType == "boolean" => [$"line {value.Line}: {path} is a truth value and must be {Name(type)}"],
        _ => [],
    };

    /// <summary>Most unions also admit any text; what is written here as text must all the same be one of the published values.</summary>
    private static IEnumerable<string> OfUnion(BicepValue value, UnionType union, string path)
    {
        var known = union.Elements.Select(e => e.Type).OfType<StringLiteralType>().Select(l => l.Value).ToList();
        return known.Count == 0 || known.Contains(value.Text)
            ? []
            : [$"line {value.Line}: {path} is '{value.Text}', known are {string.Join(", ", known)}"];
    }

    private static IEnumerable<string> OfObject(BicepValue value, TypeBase type, string path)
    {
        var (properties, rest) = Shape(value, type);
        foreach (var (name, content) in value.Properties)
        {
            if (OfTheLanguage.Contains(name))
            {
                continue;
            }

            if (properties.TryGetValue(name, out var property))
            {
                if (property.Flags.HasFlag(ObjectTypePropertyFlags.ReadOnly))
                {
                    yield return $"line {content.Line}: {path}.{name} is read-only";
                }

                foreach (var problem in OfValue(content, property.Type.Type, $"{path}.{name}"))
                {
                    yield return problem;
                }
            }
            else if (rest is null)
            {
                yield return $"line {content.Line}: {path} has no property '{name}'";
            }
            else
            {
                foreach (var problem in OfValue(content, rest, $"{path}.{name}"))
                {
                    yield return problem;
                }
            }
        }

        foreach (var (name, property) in properties)
        {
            if (property.Flags.HasFlag(ObjectTypePropertyFlags.Required) && !value.Properties.ContainsKey(name))
            {
                yield return $"line {value.Line}: {path} needs the property '{name}'";
            }
        }
    }

    /// <summary>The properties that an object may have, and the type of any others, where others are allowed.</summary>
    private static (Dictionary<string, ObjectTypeProperty> Properties, TypeBase? Others) Shape(BicepValue value, TypeBase type)
    {
        if (type is not DiscriminatedObjectType choice)
        {
            var one = (ObjectType)type;
            return (new(one.Properties, StringComparer.Ordinal), one.AdditionalProperties?.Type);
        }

        var properties = new Dictionary<string, ObjectTypeProperty>(choice.BaseProperties, StringComparer.Ordinal);
        TypeBase? rest = null;
        if (value.Properties.TryGetValue(choice.Discriminator, out var chosen) && choice.Elements.TryGetValue(chosen.Text, out var element))
        {
            var chosenType = (ObjectType)element.Type;
            foreach (var (name, property) in chosenType.Properties)
            {
                properties[name] = property;
            }

            rest = chosenType.AdditionalProperties?.Type;
        }

        return (properties, rest);
    }

    private static string Name(TypeBase type) => type.GetType().Name;
}
