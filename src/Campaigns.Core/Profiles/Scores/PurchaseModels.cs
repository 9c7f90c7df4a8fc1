using Campaigns.Core.Profiles.Models;
using MemoryPack;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>The models of repeat purchases that were fitted to a shop; null where one was not.</summary>
[MemoryPackable]
public sealed partial record PurchaseModels
{
    /// <summary>None.</summary>
    public static PurchaseModels None { get; } = new();

    /// <summary>BG/NBD.</summary>
    public BgNbd? BgNbd { get; init; }

    /// <summary>MBG/NBD.</summary>
    public MbgNbd? MbgNbd { get; init; }

    /// <summary>Pareto/NBD.</summary>
    public ParetoNbd? ParetoNbd { get; init; }

    /// <summary>What the fits say of themselves.</summary>
    public FitQuality[] Fits { get; init; } = [];

    /// <summary>Those that were fitted.</summary>
    [MemoryPackIgnore]
    public IEnumerable<IPurchaseModel> All
    {
        get
        {
            if (BgNbd is not null)
            {
                yield return BgNbd;
            }

            if (MbgNbd is not null)
            {
                yield return MbgNbd;
            }

            if (ParetoNbd is not null)
            {
                yield return ParetoNbd;
            }
        }
    }

    /// <summary>The model with this name, or null.</summary>
    public IPurchaseModel? Find(string? name) => name switch
    {
        "bg-nbd" => BgNbd,
        "mbg-nbd" => MbgNbd,
        "pareto-nbd" => ParetoNbd,
        _ => null,
    };

    /// <summary>All three, with time in units of <paramref name="daysPerUnit"/> days.</summary>
    public static PurchaseModels Fit(RepeatSummary summary, double daysPerUnit)
    {
        var bg = Models.BgNbd.Fit(summary, daysPerUnit);
        var mbg = Models.MbgNbd.Fit(summary, daysPerUnit);
        var pareto = Models.ParetoNbd.Fit(summary, daysPerUnit);
        return new PurchaseModels
        {
            BgNbd = bg.Model,
            MbgNbd = mbg.Model,
            ParetoNbd = pareto.Model,
            Fits = [FitQuality.Of(bg.Model.Name, bg), FitQuality.Of(mbg.Model.Name, mbg), FitQuality.Of(pareto.Model.Name, pareto)],
        };
    }
}

/// <summary>What the fit of a model says of itself: see <see cref="Fitted{T}"/>.</summary>
[MemoryPackable]
public sealed partial record FitQuality(string Name, double LogLikelihood, long Customers, bool Converged, int Iterations)
{
    /// <summary>Of a fitted model.</summary>
    public static FitQuality Of<T>(string name, Fitted<T> fitted) =>
        new(name, fitted.LogLikelihood, fitted.Customers, fitted.Converged, fitted.Iterations);
}
