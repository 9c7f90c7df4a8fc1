using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Profiles.Models;

/// <summary>
/// Beta-geometric / negative binomial model (Fader, Hardie and Lee 2005, "Counting Your Customers" the easy way): orders come
/// at a Poisson rate of the customer's own, which is Gamma distributed with shape r and rate α; after each repeat order the
/// customer leaves for good with a probability of its own, Beta(a, b) distributed. All parameters are &gt; 0.
/// </summary>
/// <remarks>Nobody leaves before the first repeat order: P(active) is 1 for every one-time buyer. Never a risk score by itself.</remarks>
[MemoryPackable]
public sealed partial record BgNbd(double R, double Alpha, double A, double B) : IPurchaseModel, IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <inheritdoc/>
    [MemoryPackIgnore]
    public string Name => "bg-nbd";

    internal BetaGeometric Shape => new(R, Alpha, A, B, dropsAtStart: false);

    /// <summary>The parameters of greatest likelihood, with time in units of <paramref name="daysPerUnit"/> days (7 for weeks).</summary>
    public static Fitted<BgNbd> Fit(RepeatSummary summary, double daysPerUnit) => Fit(summary.Histories(), daysPerUnit);

    /// <inheritdoc cref="Fit(RepeatSummary, double)"/>
    internal static Fitted<BgNbd> Fit(HistoryGroups histories, double daysPerUnit) =>
        BetaGeometricFit.Fit(histories, daysPerUnit, dropsAtStart: false, (r, alpha, a, b) => new BgNbd(r, alpha, a, b));

    /// <inheritdoc/>
    public double ProbabilityActive(RepeatHistory history) => Shape.ProbabilityActive(history.Possible());

    /// <inheritdoc/>
    public double ExpectedOrders(RepeatHistory history, double horizon) => Shape.ExpectedOrders(history.Possible(), horizon);

    /// <inheritdoc/>
    public double ProbabilityOfOrder(RepeatHistory history, double horizon) => Shape.ProbabilityOfOrder(history.Possible(), horizon);

    /// <inheritdoc/>
    public double LogLikelihood(RepeatHistory history) => Shape.LogLikelihood(history.Possible());
}

/// <summary>
/// Modified BG/NBD (Batislam, Denizel and Filiztekin 2007): as <see cref="BgNbd"/>, but the customer may also leave right
/// after the first order, so that silence counts against one-time buyers too. All parameters are &gt; 0.
/// </summary>
[MemoryPackable]
public sealed partial record MbgNbd(double R, double Alpha, double A, double B) : IPurchaseModel, IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <inheritdoc/>
    [MemoryPackIgnore]
    public string Name => "mbg-nbd";

    internal BetaGeometric Shape => new(R, Alpha, A, B, dropsAtStart: true);

    /// <inheritdoc cref="BgNbd.Fit(RepeatSummary, double)"/>
    public static Fitted<MbgNbd> Fit(RepeatSummary summary, double daysPerUnit) => Fit(summary.Histories(), daysPerUnit);

    /// <inheritdoc cref="BgNbd.Fit(RepeatSummary, double)"/>
    internal static Fitted<MbgNbd> Fit(HistoryGroups histories, double daysPerUnit) =>
        BetaGeometricFit.Fit(histories, daysPerUnit, dropsAtStart: true, (r, alpha, a, b) => new MbgNbd(r, alpha, a, b));

    /// <inheritdoc/>
    public double ProbabilityActive(RepeatHistory history) => Shape.ProbabilityActive(history.Possible());

    /// <inheritdoc/>
    public double ExpectedOrders(RepeatHistory history, double horizon) => Shape.ExpectedOrders(history.Possible(), horizon);

    /// <inheritdoc/>
    public double ProbabilityOfOrder(RepeatHistory history, double horizon) => Shape.ProbabilityOfOrder(history.Possible(), horizon);

    /// <inheritdoc/>
    public double LogLikelihood(RepeatHistory history) => Shape.LogLikelihood(history.Possible());
}
