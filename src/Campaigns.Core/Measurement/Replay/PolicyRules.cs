using System.Text.Json;
using Campaigns.Core.Jobs;

namespace Campaigns.Core.Measurement.Replay;

/// <summary>
/// A policy as people write it: rules from top to bottom, each with the context values that it asks for and a treatment or
/// shares of several; the first that fits decides, "otherwise" the rest. Shape and example: <c>docs/optimizer.md</c>.
/// </summary>
public sealed class PolicyRules
{
    /// <summary>How far shares may be from summing to 1: their rounding in a file.</summary>
    private const double Rounding = 1e-4;

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    private readonly List<Rule> rules = [];

    private PolicyRules()
    {
    }

    /// <summary>Context columns that rules ask for, in the order of their first mention.</summary>
    public IReadOnlyList<string> Columns { get; private set; } = [];

    /// <summary>Reads a policy file. Throws <see cref="JobFailedException"/> saying which rule is wrong.</summary>
    public static PolicyRules Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Length > ReplayLimits.PolicyBytes)
        {
            throw new JobFailedException($"The policy file is larger than {ReplayLimits.PolicyBytes / 1024 / 1024} MiB.");
        }

        var policy = new PolicyRules();
        try
        {
            using var document = JsonDocument.Parse(json.Span.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]) ? json[3..] : json, Lenient);
            policy.Read(document.RootElement);
        }
        catch (JsonException fault)
        {
            throw new JobFailedException($"The policy file is not JSON: {fault.Message}");
        }

        policy.Columns = [.. policy.rules.SelectMany(static r => r.When.Keys).Distinct(StringComparer.OrdinalIgnoreCase)];
        return policy;
    }

    /// <summary>The policy on a log that was read with <see cref="Columns"/>. Throws <see cref="JobFailedException"/> where a treatment is not in the log or a combination fits no rule.</summary>
    public ReplayPolicy On(LoggedDecisions log, string name)
    {
        var shares = rules.ConvertAll(rule => rule.SharesOn(log));
        return ReplayPolicy.ByCell(log, name, cell =>
        {
            var index = rules.FindIndex(rule => rule.Fits(log.Columns, log.Cells[cell]));
            return index >= 0
                ? shares[index]
                : throw new JobFailedException($"The policy file has no rule for {string.Join(", ", log.Columns.Zip(log.Cells[cell], static (c, v) => $"{c} = {v}"))}; add one, or \"otherwise\": \"{ReplayLimits.None}\".");
        });
    }

    private void Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new JobFailedException("A policy file is an object with \"rules\" and \"otherwise\".");
        }

        foreach (var part in root.EnumerateObject())
        {
            switch (part.Name)
            {
                case "rules" when part.Value.ValueKind == JsonValueKind.Array:
                    rules.InsertRange(0, part.Value.EnumerateArray().Select(static (rule, index) => RuleOf(rule, $"Rule {index + 1} of the policy file")));
                    break;
                case "otherwise":
                    rules.Add(new Rule(new Dictionary<string, string>(StringComparer.Ordinal), Choice(part.Value, "\"otherwise\" of the policy file"), "\"otherwise\" of the policy file"));
                    break;
                default:
                    throw new JobFailedException($"The policy file has \"{part.Name}\"; it consists of \"rules\", an array, and \"otherwise\".");
            }
        }

        if (rules.Count == 0)
        {
            throw new JobFailedException("The policy file has neither \"rules\" nor \"otherwise\".");
        }
    }

    private static Rule RuleOf(JsonElement rule, string where)
    {
        if (rule.ValueKind != JsonValueKind.Object || !rule.TryGetProperty("when", out var when) || when.ValueKind != JsonValueKind.Object)
        {
            throw new JobFailedException($"{where} needs \"when\", an object of columns and values, and \"treatment\" or \"shares\".");
        }

        if (rule.EnumerateObject().FirstOrDefault(static p => p.Name is not ("when" or "treatment" or "shares")) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
        {
            throw new JobFailedException($"{where} has \"{unknown.Name}\"; a rule consists of \"when\" and \"treatment\" or \"shares\".");
        }

        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var condition in when.EnumerateObject())
        {
            values[condition.Name] = condition.Value.ValueKind switch
            {
                JsonValueKind.String => condition.Value.GetString()!.Trim(),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => condition.Value.GetRawText(),
                _ => throw new JobFailedException($"{where} asks for {condition.Name} = {condition.Value.GetRawText()}; write one value as it stands in the log."),
            };
        }

        return (rule.TryGetProperty("treatment", out var treatment), rule.TryGetProperty("shares", out var shares)) switch
        {
            (true, false) => new Rule(values, Choice(treatment, where), where),
            (false, true) => new Rule(values, Choice(shares, where), where),
            _ => throw new JobFailedException($"{where} needs either \"treatment\" or \"shares\"."),
        };
    }

    /// <summary>A treatment's name, or an object of shares that sum to 1.</summary>
    private static Dictionary<string, double> Choice(JsonElement choice, string where)
    {
        if (choice.ValueKind == JsonValueKind.String)
        {
            return new Dictionary<string, double>(StringComparer.Ordinal) { [choice.GetString()!] = 1 };
        }

        if (choice.ValueKind != JsonValueKind.Object)
        {
            throw new JobFailedException($"{where} names no treatment: write its name, or an object of treatments and shares.");
        }

        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var share in choice.EnumerateObject())
        {
            shares[share.Name] = share.Value.ValueKind == JsonValueKind.Number && share.Value.TryGetDouble(out var value) && value is >= 0 and <= 1
                ? value
                : throw new JobFailedException($"{where}: the share of \"{share.Name}\" is {share.Value.GetRawText()}; shares lie between 0 and 1.");
        }

        var sum = shares.Values.Sum();
        return Math.Abs(sum - 1) <= Rounding
            ? shares.ToDictionary(static s => s.Key, s => s.Value / sum, StringComparer.Ordinal)
            : throw new JobFailedException(FormattableString.Invariant($"{where}: the shares sum to {sum:0.####}, not to 1."));
    }

    private sealed record Rule(Dictionary<string, string> When, Dictionary<string, double> Shares, string Where)
    {
        public bool Fits(IReadOnlyList<string> columns, IReadOnlyList<string> values)
        {
            for (var i = 0; i < columns.Count; i++)
            {
                if (When.TryGetValue(columns[i], out var wanted) && wanted != values[i])
                {
                    return false;
                }
            }

            return true;
        }

        public double[] SharesOn(LoggedDecisions log)
        {
            var shares = new double[log.Treatments.Count];
            foreach (var (name, share) in Shares)
            {
                shares[log.IndexOf(name, Where)] = share;
            }

            return shares;
        }
    }
}
