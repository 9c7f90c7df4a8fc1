using Campaigns.Core.Profiles.Models;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>
/// Chooses the risk score by evidence. The inner split (an earlier day, and who ordered in the days after it) decides: a
/// candidate replaces days since the last order only if the paired bootstrap's lower bound of its gain in AUC is above 0. The
/// outer split begins where the inner one ends; its orders play no part in choice, fits or calibration, and AUCs are reported
/// from it. Models are fitted anew to what was known on each split's day.
/// </summary>
/// <param name="Models">The models fitted to all that the survey holds.</param>
/// <param name="Choice">The score in force, with the evidence.</param>
/// <param name="Calibration">Recalibration of the probability of an order.</param>
/// <param name="FrequencyRecency">Coefficients of the regression; empty where it was not fitted.</param>
/// <param name="ActiveModel">The model whose probability of being active ranks best on the inner split, among those whose fits ended inside their bounds.</param>
/// <param name="OrderModel">The model whose probability of an order does, among the same.</param>
internal sealed record RiskSelection(
    PurchaseModels Models, RiskChoice Choice, Calibration? Calibration, double[] FrequencyRecency, string? ActiveModel, string? OrderModel)
{
    /// <summary>Customers of either kind below which a regression of four coefficients is not fitted: ten for each.</summary>
    private const int LeastOutcomes = 40;

    /// <summary>Where no split can tell: silence counts against one-time buyers too, as it does in none of BG/NBD's answers.</summary>
    private const string UsualModel = "mbg-nbd";

    public static RiskSelection Of(ShopSurvey survey, ModelSettings settings, int? medianGapDays)
    {
        var sample = survey.Risk.Items;
        var (inner, outer) = Splits(survey, settings, sample);
        if (inner is not { Decides: true })
        {
            var none = Undecided("No earlier day splits the history into customers to rank and orders after it: days since the last order stands.");
            return new RiskSelection(PurchaseModels.Fit([survey.Repeats], settings.DaysPerUnit)[0], none with { Inner = inner?.Size(), Outer = outer?.Size() }, null, [], UsualModel, UsualModel);
        }

        var regression = FitFrequencyRecency(inner, out var crossFitted);
        // The day that the fitted models know is the outer split's own where the calibration's end was set.
        var outerAnew = outer is { Decides: true } && settings.CalibrationEnd is null;
        var models = PurchaseModels.Fit([survey.Repeats, inner.Summary(), .. outerAnew ? new[] { outer!.Summary() } : []], settings.DaysPerUnit);
        var (fitted, innerModels) = (models[0], models[1]);
        var outerModels = outer is not { Decides: true } ? PurchaseModels.None : outerAnew ? models[2] : fitted;
        var candidates = RiskCandidate.All(innerModels, regression, medianGapDays, inner.HorizonDays, settings.DaysPerUnit);
        var activity = candidates.Select(c => c.Name == RiskCandidate.FrequencyRecencyName && c.Activity is not null ? crossFitted : Scores(c, inner)).ToArray();
        var evidence = Evidence(candidates, activity, inner);
        if (outer is { Decides: true })
        {
            evidence = WithOuter(evidence, RiskCandidate.All(outerModels, regression, medianGapDays, outer.HorizonDays, settings.DaysPerUnit), outer);
        }

        var usable = Usable([fitted, innerModels]);
        var passed = new List<string>();
        var (orderModel, activeModel) = (BestModel(evidence, ".order", usable, passed), BestModel(evidence, ".active", usable, passed));
        var choice = new RiskChoice { Chosen = Best(evidence), Candidates = evidence, Inner = inner.Size(), Outer = outer?.Size(), PassedOver = [.. passed] };
        var calibration = CalibrationFit.Of(inner, outer, innerModels.Find(orderModel), outerModels.Find(orderModel), settings.DaysPerUnit);
        return new RiskSelection(fitted, choice, calibration, regression, activeModel, orderModel);
    }

    /// <summary>Days since the last order, because nothing could be compared; every candidate says so.</summary>
    public static RiskChoice Undecided(string why) => new()
    {
        Why = why,
        Candidates = Array.ConvertAll(RiskCandidate.All(PurchaseModels.None, [], null, 1, 1), c => new CandidateEvidence(c.Name, null, null, null, why)),
    };

    /// <summary>
    /// Outer: after the calibration's end, or the last horizon. Inner: the horizon before, or half of the history where that is
    /// shorter; null where no day is left.
    /// </summary>
    private static (RiskSplit? Inner, RiskSplit? Outer) Splits(ShopSurvey survey, ModelSettings settings, RiskCustomer[] sample)
    {
        var last = TruncatedHistory.DayOf(survey.AsOf);
        var outerDay = settings.CalibrationEnd is { } end ? TruncatedHistory.DayOf(end) : last - settings.HorizonDays;
        var outerDays = last - outerDay;
        var innerDays = Math.Min(outerDays > 0 ? outerDays : settings.HorizonDays, (outerDay - survey.FirstDay) / 2);
        return (
            innerDays < 1 ? null : RiskSplit.Of(sample, outerDay - innerDays, innerDays),
            outerDays < 1 ? null : RiskSplit.Of(sample, outerDay, outerDays));
    }

    /// <summary>
    /// Fitted to all of the inner split; for the choice, each half of the customers (by place in the sample, which is random) is
    /// scored by the coefficients of the other half, so that the regression does not win by having seen the answers.
    /// </summary>
    private static double[] FitFrequencyRecency(RiskSplit inner, out double[] crossFitted)
    {
        crossFitted = [];
        if (Math.Min(inner.Buyers, inner.Histories.Length - inner.Buyers) < LeastOutcomes)
        {
            return [];
        }

        var rows = Array.ConvertAll(inner.Histories, h => RiskCandidate.Features(h));
        double[][] halves = [Logistic.Fit(rows, inner.Ordered, i => i % 2 == 1), Logistic.Fit(rows, inner.Ordered, i => i % 2 == 0)];
        crossFitted = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            crossFitted[i] = Logistic.Predict(halves[i % 2], rows[i]);
        }

        return Logistic.Fit(rows, inner.Ordered, _ => true);
    }

    private static double[]? Scores(RiskCandidate candidate, RiskSplit split) =>
        candidate.Activity is { } activity ? Array.ConvertAll(split.Histories, h => activity(h)) : null;

    private static CandidateEvidence[] Evidence(RiskCandidate[] candidates, double[]?[] activity, RiskSplit inner)
    {
        var ranked = Array.ConvertAll(activity, a => a is null ? null : new RankedSplit(a, inner.Ordered));
        var aucs = Array.ConvertAll(ranked, r => r?.Auc());
        // Who does not even rank better need not be drawn again 400 times: the bound would be below 0.
        var challengers = Enumerable.Range(1, candidates.Length - 1).Where(i => aucs[i] > aucs[0]).ToArray();
        var bounds = PairedBootstrap.LowerBounds(ranked[0]!, Array.ConvertAll(challengers, i => ranked[i]!), inner.Histories.Length);
        var evidence = new CandidateEvidence[candidates.Length];
        for (var i = 0; i < candidates.Length; i++)
        {
            var challenger = Array.IndexOf(challengers, i);
            evidence[i] = new CandidateEvidence(candidates[i].Name, aucs[i], null, challenger < 0 ? null : bounds[challenger], candidates[i].Why);
        }

        return evidence;
    }

    private static CandidateEvidence[] WithOuter(CandidateEvidence[] evidence, RiskCandidate[] candidates, RiskSplit outer)
    {
        var withOuter = new CandidateEvidence[evidence.Length];
        for (var i = 0; i < evidence.Length; i++)
        {
            var auc = Scores(candidates[i], outer) is { } scores ? new RankedSplit(scores, outer.Ordered).Auc() : (double?)null;
            withOuter[i] = evidence[i] with { OuterAuc = auc };
        }

        return withOuter;
    }

    private static string Best(CandidateEvidence[] evidence) =>
        evidence.Where(e => e.GainLowerBound > 0).MaxBy(e => e.InnerAuc)?.Name ?? RiskChoice.DaysSinceLastOrder;

    /// <summary>Models whose fits ended inside the bounds of their parameters, both the one in force and the one that the evidence is of.</summary>
    private static HashSet<string> Usable(PurchaseModels[] fits)
    {
        var usable = fits[0].Fits.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var fit in fits.SelectMany(m => m.Fits).Where(f => !f.Converged))
        {
            usable.Remove(fit.Name);
        }

        return usable;
    }

    /// <summary>
    /// The model whose output ranks best on the inner split, among the usable ones: at a bound, a model may rank well and still say
    /// 1 of everybody. Where none is usable, the best of all.
    /// </summary>
    internal static string BestModel(IReadOnlyList<CandidateEvidence> evidence, string output, IReadOnlySet<string> usable, List<string> passedOver)
    {
        var ranked = evidence.Where(e => e.Name.EndsWith(output, StringComparison.Ordinal) && e.InnerAuc is not null)
            .OrderByDescending(e => e.InnerAuc).Select(e => e.Name[..^output.Length]).ToList();
        var best = ranked.Find(usable.Contains) ?? ranked.FirstOrDefault() ?? UsualModel;
        if (usable.Contains(best) && ranked[0] != best)
        {
            var what = output == ".active" ? "whether customers are still active" : "the probability of an order";
            passedOver.Add($"{best} stands for {what}: {ranked[0]} ranks customers better, but its fit ran into the bounds of its parameters.");
        }

        return best;
    }
}
