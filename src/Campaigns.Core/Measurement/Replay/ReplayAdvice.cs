using System.Globalization;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Measurement.Replay;

/// <summary>How a replay is told.</summary>
/// <param name="PerThousand">An amount in the reward's unit per row, as a text for 1,000 rows.</param>
/// <param name="Policy">What the policy is called within a sentence.</param>
public sealed record ReplayWords(Func<double, string> PerThousand, string Policy)
{
    /// <summary>Bare numbers: a file of decisions knows no currency.</summary>
    public static ReplayWords Plain { get; } = new(static value => (value * 1000).ToString("#,0.##", CultureInfo.InvariantCulture), "the policy");

    /// <summary>Amounts of a currency, where the reward is in its major unit.</summary>
    public static ReplayWords In(string currency, string policy) =>
        new(value => new Money((long)Math.Round(value * 1000 * Money.MinorPerMajor(currency)), currency).ToWholeString(), policy);
}

/// <summary>
/// What to do, in a marketer's words, with the number that it rests on. A policy is recommended only where it is credibly
/// better than the best simple one, "nobody" included; otherwise the simple one is: it costs less to run and to explain.
/// </summary>
/// <param name="Recommended">"policy", a treatment for everyone, or "nobody"; null where nothing can be recommended.</param>
/// <param name="Sentence">The recommendation.</param>
/// <param name="Best">The best simple policy other than the policy itself, or null.</param>
public sealed record ReplayAdvice(string? Recommended, string Sentence, PolicyComparison? Best)
{
    /// <summary>The advice on a replay. <paramref name="told"/>: how; null = in bare numbers.</summary>
    public static ReplayAdvice On(PolicyReplay replay, ReplayWords? told = null)
    {
        var words = told ?? ReplayWords.Plain;
        if (replay.SampleRatio.IsAlert)
        {
            return new ReplayAdvice(null, Text($"Do not decide on this log: its counts of treatments do not fit the probabilities that it states (p = {replay.SampleRatio.P:0.0000000}). Find out which decisions are missing first."), null);
        }

        if (replay.Value.Refusal is not null)
        {
            return new ReplayAdvice(null, "Do not decide on this log: it says too little about this policy. Keep what you do now, and let a share of customers get what the policy would choose.", null);
        }

        var best = replay.Comparisons.Where(static c => !c.Same && c.SimpleValue.Refusal is null).MaxBy(static c => c.SimpleValue.DoublyRobust.Value);
        return best is null ? new ReplayAdvice(null, "There is no other policy to compare with: the log has one treatment.", null)
            : replay.Policy.Everyone is null ? OfRules(replay, best, words)
            : OfSimple(replay, best, words);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Sending(string name) => name == PolicyComparison.Nobody ? "send nothing" : $"send {name} to everyone";

    private static string BySending(string name) => name == PolicyComparison.Nobody ? "sending nothing" : $"sending {name} to everyone";

    private static ReplayAdvice OfRules(PolicyReplay replay, PolicyComparison best, ReplayWords words)
    {
        var (gain, simple) = (best.Difference, best.Against.Name);
        return best.IsCredible
            ? new ReplayAdvice("policy", Text($"Use {words.Policy}: it brings {words.PerThousand(gain.Value)} more per 1,000 customers than {BySending(simple)}, and at least {words.PerThousand(gain.LowerBound)} more with 95 % confidence."), best)
            : new ReplayAdvice(simple, Text($"Keep it simple: {Sending(simple)}. {Capital(words.Policy)} is not proven better: its difference is {words.PerThousand(gain.Value)} per 1,000 customers, and may be as low as {words.PerThousand(gain.LowerBound)}.{Doubt(replay, best, words)}"), best);
    }

    /// <summary>The best simple policy need not itself be credibly better than nobody: said, so that nobody takes it for proven.</summary>
    private static string Doubt(PolicyReplay replay, PolicyComparison best, ReplayWords words)
    {
        if (replay.Log.Nobody < 0 || best.Against.Everyone == replay.Log.Nobody)
        {
            return "";
        }

        var effect = best.SimpleValue.DoublyRobust.Value - replay.Comparisons[replay.Log.Nobody].SimpleValue.DoublyRobust.Value;
        return Text($" {best.Against.Name} for everyone brings {words.PerThousand(effect)} more per 1,000 than nobody.");
    }

    private static ReplayAdvice OfSimple(PolicyReplay replay, PolicyComparison best, ReplayWords words)
    {
        var (own, gain) = (replay.Policy.Name, best.Difference);
        if (best.IsCredible)
        {
            return new ReplayAdvice(own, Text($"{Capital(Sending(own))}: it brings {words.PerThousand(gain.Value)} more per 1,000 customers than {BySending(best.Against.Name)}, the next best, and at least {words.PerThousand(gain.LowerBound)} more with 95 % confidence."), best);
        }

        if (gain.Value <= 0)
        {
            return new ReplayAdvice(best.Against.Name, Text($"{Capital(Sending(best.Against.Name))} instead: {own} brings {words.PerThousand(-gain.Value)} less per 1,000 customers.{Doubt(replay, best, words)}"), best);
        }

        var nobody = replay.Comparisons.FirstOrDefault(c => c.Against.Everyone == replay.Log.Nobody);
        return nobody is null or { Same: true } or { IsCredible: true }
            ? new ReplayAdvice(own, Text($"{Capital(Sending(own))}: it brought most, though not proven better than {BySending(best.Against.Name)} (difference {words.PerThousand(gain.Value)} per 1,000 customers, perhaps as low as {words.PerThousand(gain.LowerBound)})."), best)
            : new ReplayAdvice(PolicyComparison.Nobody, Text($"Send nothing yet: {own} brought {words.PerThousand(nobody.Difference.Value)} more per 1,000 customers than nobody, but that may be as low as {words.PerThousand(nobody.Difference.LowerBound)}."), best);
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
