using HandlebarsDotNet;

namespace Campaigns.Core.Planning;

/// <summary>The fields that message templates may use, and a check of a template's source. The values come from dispatch.</summary>
public static class TemplateFields
{
    /// <summary>Fields of a message.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "firstName", "shopName", "offer.name", "offer.code", "offer.discountPercent", "offer.endsAt",
        "products", "unsubscribeUrl", "postalAddress", "shopUrl",
    ];

    /// <summary>Fields of a product, within <c>{{#each products}}</c>.</summary>
    public static IReadOnlyList<string> OfProduct { get; } = ["name", "reason"];

    private static readonly string[] Blocks = ["each", "if", "unless"];
    private static readonly string[] Loop = ["@index", "@first", "@last"];

    /// <summary>What is wrong with the template, as a sentence that continues its field's name, or null.</summary>
    public static string? ProblemOf(string source)
    {
        var at = 0;
        while ((at = source.IndexOf("{{", at, StringComparison.Ordinal)) >= 0)
        {
            var end = source.IndexOf("}}", at, StringComparison.Ordinal);
            if (end < 0)
            {
                return "has {{ without }}.";
            }

            if (ProblemOfTag(source[(at + 2)..end].Trim()) is { } problem)
            {
                return problem;
            }

            at = end + 2;
        }

        try
        {
            Handlebars.Create().Compile(source);
            return null;
        }
        catch (HandlebarsException error)
        {
            return $"is not a template that can be read: {error.Message}";
        }
    }

    private static string? ProblemOfTag(string tag)
    {
        if (tag.StartsWith('{') || tag.StartsWith('&'))
        {
            return "has {{{…}}} or {{&…}}: values always go in encoded, write {{…}}.";
        }

        if (tag.StartsWith('!') || tag.StartsWith('/') || tag is "else" or "^")
        {
            return null;
        }

        if (tag.StartsWith('#') || tag.StartsWith('^'))
        {
            var words = tag[1..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return words.Length == 2 && Blocks.Contains(words[0], StringComparer.Ordinal)
                ? ProblemOfField(words[1])
                : $"has the block {{{{{tag}}}}}; there are #each, #if and #unless, each with one field.";
        }

        return ProblemOfField(tag);
    }

    private static string? ProblemOfField(string field)
    {
        var name = field.StartsWith("this.", StringComparison.Ordinal) ? field[5..] : field.StartsWith("../", StringComparison.Ordinal) ? field[3..] : field;
        return All.Contains(name, StringComparer.Ordinal) || OfProduct.Contains(name, StringComparer.Ordinal) || Loop.Contains(name, StringComparer.Ordinal)
            ? null
            : $"uses the unknown field {{{{{field}}}}}; there are {string.Join(", ", All)}, and within #each products {string.Join(", ", OfProduct)}.";
    }
}
