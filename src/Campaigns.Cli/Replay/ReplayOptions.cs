using System.Globalization;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement.Replay;

namespace Campaigns.Cli.Replay;

/// <summary>What <c>./campaigns replay</c> was asked for. One of the three policies is set.</summary>
internal sealed record ReplayOptions
{
    public required string Decisions { get; init; }

    /// <summary>Column of the reward.</summary>
    public required string Reward { get; init; }

    /// <summary>Share of the reward that is earned, in (0, 1].</summary>
    public required double Margin { get; init; }

    /// <summary>Cost per row of a treatment, in the reward's unit.</summary>
    public required IReadOnlyDictionary<string, double> Costs { get; init; }

    /// <summary>The treatment of <c>--policy everyone=TREATMENT</c>, or null.</summary>
    public string? Everyone { get; init; }

    public string? PolicyFile { get; init; }

    /// <summary>Columns of <c>--learn</c>; empty where nothing is learned.</summary>
    public IReadOnlyList<string> Learn { get; init; } = [];

    public required int Folds { get; init; }

    public string? Json { get; init; }

    /// <summary>Treatment and cost per <c>TREATMENT=AMOUNT</c>. Throws <see cref="JobFailedException"/> where one is not that.</summary>
    public static IReadOnlyDictionary<string, double> CostsOf(IEnumerable<string> texts)
    {
        var costs = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var at = text.LastIndexOf('=');
            if (at <= 0 || !double.TryParse(text.AsSpan(at + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var amount) || !(amount is >= 0 and <= ReplayLimits.Amount))
            {
                throw new JobFailedException($"--cost is \"{text}\"; write TREATMENT=AMOUNT, as perk=0.10, the amount 0 or more.");
            }

            if (!costs.TryAdd(text[..at].Trim(), amount))
            {
                throw new JobFailedException($"--cost names {text[..at].Trim()} twice.");
            }
        }

        return costs;
    }

    /// <summary>The options with values that make sense. Throws <see cref="JobFailedException"/> naming the one that does not.</summary>
    public ReplayOptions Checked()
    {
        if (!(Margin is > 0 and <= 1))
        {
            throw new JobFailedException($"--margin is {Margin}; it is a share above 0 and at most 1, as 0.35.");
        }

        if (Folds is < 2 or > ReplayLimits.MaximumFolds)
        {
            throw new JobFailedException($"--folds is {Folds}; choose 2 to {ReplayLimits.MaximumFolds}.");
        }

        var policies = (Everyone is null ? 0 : 1) + (PolicyFile is null ? 0 : 1) + (Learn.Count == 0 ? 0 : 1);
        return policies == 1 ? this : throw new JobFailedException("Say which policy to value: one of --policy everyone=TREATMENT, --policy-file FILE, --learn COLUMN[,COLUMN…].");
    }

    /// <summary>The treatment of <c>everyone=TREATMENT</c>. Throws <see cref="JobFailedException"/> where it is not that.</summary>
    public static string? EveryoneOf(string? text) =>
        text is null ? null
        : text.StartsWith("everyone=", StringComparison.Ordinal) && text.Length > "everyone=".Length ? text["everyone=".Length..].Trim()
        : throw new JobFailedException($"--policy is \"{text}\"; write everyone=TREATMENT (everyone={ReplayLimits.None} for nobody), or give rules by --policy-file.");
}
