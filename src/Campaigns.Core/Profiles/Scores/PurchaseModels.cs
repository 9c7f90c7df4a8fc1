using Campaigns.Core.Profiles.Models;
using MemoryPack;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>The models of repeat purchases that were fitted to a shop; null where one was not.</summary>
[MemoryPackable]
public sealed partial record PurchaseModels
{
    /// <summary>
    /// Distinct histories of a split of time, where models only compete: ranking customers asks less of the parameters than
    /// valuing them, and all three models see the same.
    /// </summary>
    private const int SplitGroups = 6_000;

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

    /// <summary>
    /// All three models for each summary, in its order, with time in units of <paramref name="daysPerUnit"/> days. The first is of
    /// the customers to be scored; the others, of splits of time, serve comparison alone and are fitted on fewer histories.
    /// </summary>
    public static PurchaseModels[] Fit(IReadOnlyList<RepeatSummary> summaries, double daysPerUnit)
    {
        var bg = new Fitted<BgNbd>[summaries.Count];
        var mbg = new Fitted<MbgNbd>[summaries.Count];
        var pareto = new Fitted<ParetoNbd>[summaries.Count];
        var fits = new List<Action>();
        for (var i = 0; i < summaries.Count; i++)
        {
            // The longest first, so that no core waits for one that began last.
            var (at, groups) = (i, summaries[i].Histories());
            groups = at == 0 ? groups : groups.Sample(SplitGroups);
            fits.Insert(at, () => pareto[at] = Models.ParetoNbd.Fit(groups, daysPerUnit));
            fits.Add(() => (bg[at], mbg[at]) = (Models.BgNbd.Fit(groups, daysPerUnit), Models.MbgNbd.Fit(groups, daysPerUnit)));
        }

        // Each fit is by itself, so the result does not depend on which core did what. No more at once than cores: the longest would share its own.
        Parallel.Invoke(new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, [.. fits]);
        return [.. Enumerable.Range(0, summaries.Count).Select(i => new PurchaseModels
        {
            BgNbd = bg[i].Model,
            MbgNbd = mbg[i].Model,
            ParetoNbd = pareto[i].Model,
            Fits = [FitQuality.Of(bg[i].Model.Name, bg[i]), FitQuality.Of(mbg[i].Model.Name, mbg[i]), FitQuality.Of(pareto[i].Model.Name, pareto[i])],
        })];
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
