using System.Globalization;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Measurement;

/// <summary>What to do with a variant in a segment.</summary>
public enum AdviceKind
{
    /// <summary>Go on and look again: nothing can be said yet.</summary>
    Wait,

    /// <summary>It earns: go on.</summary>
    Keep,

    /// <summary>It earns, and customers who could get it still get something else or nothing beyond the control group.</summary>
    Raise,

    /// <summary>It brings buyers, but gives away more than they bring.</summary>
    Lower,

    /// <summary>It loses, or brings nothing that this size could show.</summary>
    Stop,
}

/// <summary>A recommendation with the number that it rests on.</summary>
public sealed record Advice(AdviceKind Kind, string Sentence)
{
    /// <summary>
    /// Of a row of the result table. "Credible" means the row's verdict, which holds for all rows together; an effect that is
    /// merely not proven never leads to stop while windows are open.
    /// </summary>
    /// <param name="row">Row.</param>
    /// <param name="currency">ISO 4217 currency.</param>
    public static Advice Of(OfferRow row, string currency)
    {
        string Amount(double? minor) => new Money((long)Math.Round(minor ?? 0), currency).ToWholeString();
        var brings = row.BuyersInterval is { Low: > 0 };
        return row.Verdict switch
        {
            Verdict.TooEarly or Verdict.TooSmall => new(AdviceKind.Wait, $"Wait: {row.Missing}."),
            Verdict.ProvenGain when row.NewestShare < MostShare => new(AdviceKind.Raise, string.Create(CultureInfo.InvariantCulture,
                $"Raise: it earns {Amount(row.LiftPer1000)} per 1,000 recipients over doing nothing, and only {row.NewestShare:P0} of those who could get it did.")),
            Verdict.ProvenGain => new(AdviceKind.Keep, $"Keep: it earns {Amount(row.LiftPer1000)} per 1,000 recipients over doing nothing."),
            _ when brings && row.GivenAwayPer1000 > 0 && row.LiftPer1000 < row.GivenAwayPer1000 => new(AdviceKind.Lower, string.Create(CultureInfo.InvariantCulture,
                $"Lower the discount: it brings {row.BuyersPer1000:N1} more buyers per 1,000 recipients, but gives away {Amount(row.GivenAwayPer1000)} to get {Amount(row.LiftPer1000)} of profit.")),
            Verdict.ProvenLoss => new(AdviceKind.Stop, $"Stop: it loses {Amount(-row.LiftPer1000)} per 1,000 recipients against doing nothing."),
            _ when row.Closed && row.FixedTime is { High: var high } && high < 0 => new(AdviceKind.Stop, $"Stop: it most likely loses, up to {Amount(-row.FixedTime!.Value.Low)} per 1,000 recipients."),
            _ => new(AdviceKind.Wait, $"Wait: the effect lies between {Amount(row.FixedTime?.Low)} and {Amount(row.FixedTime?.High)} per 1,000 recipients; nothing or a loss cannot be excluded."),
        };
    }

    /// <summary>From this share of the eligible customers on there is nobody left to raise it to: the rest is control group and exploration.</summary>
    public const double MostShare = 0.6;
}
