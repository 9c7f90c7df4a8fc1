namespace Campaigns.Core.Measurement.Replay;

/// <summary>Limits of a replay, each with its reason.</summary>
public static class ReplayLimits
{
    /// <summary>The treatment that stands for no message.</summary>
    public const string None = "none";

    /// <summary>Rows of a log: 24 bytes each in memory, three times that for a moment while columns grow and are closed.</summary>
    public const int Rows = 50_000_000;

    /// <summary>Treatments of a log. More than this is an id, not a treatment.</summary>
    public const int Treatments = 100;

    /// <summary>Combinations of context values. With more, next to no row is left to learn from in each.</summary>
    public const int Cells = 10_000;

    /// <summary>Folds of the cross-fitting: below two nothing is held back, above this nothing is gained.</summary>
    public const int MaximumFolds = 100;

    /// <summary>Numbers kept by fold, combination and treatment: 32 bytes each.</summary>
    public const int Tallies = 10_000_000;

    /// <summary>Characters of a treatment's name or a context value.</summary>
    public const int TextLength = 200;

    /// <summary>A reward or cost further from 0 than this is a mistyped number; squares of it still add up exactly enough.</summary>
    public const double Amount = 1e12;

    /// <summary>Bytes of a policy file: a rule per combination fits.</summary>
    public const int PolicyBytes = 8 * 1024 * 1024;
}
