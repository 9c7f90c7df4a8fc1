using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Campaigns.Core.Ingest;
using Campaigns.Core.Profiles.Scores;

namespace Campaigns.Cli.Score;

/// <summary>The report as JSON. Its shape is explained in <c>docs/score.md</c>.</summary>
internal static class ScoreReport
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the report, in place of one that is there.</summary>
    public static Task WriteAsync(Scored scored, string path, CancellationToken cancellation) =>
        File.WriteAllTextAsync(path, Of(scored).ToJsonString(Readable) + "\n", cancellation);

    /// <summary>The report.</summary>
    public static JsonObject Of(Scored scored)
    {
        var report = new JsonObject
        {
            ["file"] = Path.GetFileName(scored.Options.Orders),
            ["format"] = scored.File.Format,
            ["customers"] = scored.Customers,
            ["orders"] = scored.Orders,
            ["revenue"] = scored.Major(scored.RevenueMinor),
            ["unmatchedRefunds"] = scored.Major(scored.UnmatchedRefundMinor),
            ["currency"] = scored.File.Currency == OrderFile.NoCurrency ? null : scored.File.Currency,
            ["asOf"] = Day(scored.AsOf),
            ["calibrationEnd"] = Day(scored.Model.Settings.CalibrationEnd ?? scored.AsOf),
            ["timeUnit"] = scored.Options.DaysPerUnit == 1 ? "day" : "week",
            ["horizonDays"] = scored.Model.Settings.HorizonDays,
            ["preliminary"] = scored.Model.IsPreliminary,
            ["models"] = Models(scored.Model),
        };
        if (scored.Holdout is { } holdout)
        {
            report["holdout"] = HoldoutOf(holdout, scored.Model);
        }

        report["risk"] = Risk(scored.Model.Risk);
        report["priceSensitivity"] = scored.Model.Discounts is not { } discounts ? null : new JsonObject
        {
            ["alpha"] = Finite(discounts.Alpha),
            ["beta"] = Finite(discounts.Beta),
            ["threshold"] = Finite(discounts.Threshold),
            ["customers"] = scored.PriceSensitive,
        };
        report["rfmMap"] = new JsonObject(scored.RfmNames.Select(static n => KeyValuePair.Create(n.Name, (JsonNode?)n.Customers)));
        report["segments"] = new JsonObject(scored.Segments.Select(static s => KeyValuePair.Create(s.Segment.Id, (JsonNode?)s.Customers)));
        report["primarySegments"] = new JsonObject(scored.Segments.Select(static s => KeyValuePair.Create(s.Segment.Id, (JsonNode?)s.Primary)));
        report["unsegmented"] = scored.Unsegmented;
        report["warnings"] = new JsonArray([.. scored.Warnings().Select(static w => (JsonNode?)w)]);
        return report;
    }

    private static JsonObject Models(ShopModel model)
    {
        var models = new JsonObject();
        if (model.Models.BgNbd is { } bg)
        {
            models[bg.Name] = BetaGeometric(bg.R, bg.Alpha, bg.A, bg.B, Likelihood(model, bg.Name));
        }

        if (model.Models.MbgNbd is { } mbg)
        {
            models[mbg.Name] = BetaGeometric(mbg.R, mbg.Alpha, mbg.A, mbg.B, Likelihood(model, mbg.Name));
        }

        if (model.Models.ParetoNbd is { } pareto)
        {
            models[pareto.Name] = new JsonObject
            {
                ["r"] = Finite(pareto.R),
                ["alpha"] = Finite(pareto.Alpha),
                ["s"] = Finite(pareto.S),
                ["beta"] = Finite(pareto.Beta),
                ["logLikelihood"] = Likelihood(model, pareto.Name),
            };
        }

        if (model.Spend is { } spend)
        {
            models[spend.Name] = new JsonObject
            {
                ["p"] = Finite(spend.P),
                ["q"] = Finite(spend.Q),
                ["v"] = Finite(spend.V),
                ["logLikelihood"] = Finite(model.SpendFit!.LogLikelihood),
            };
        }

        return models;
    }

    private static JsonObject BetaGeometric(double r, double alpha, double a, double b, JsonNode? likelihood) => new()
    {
        ["r"] = Finite(r),
        ["alpha"] = Finite(alpha),
        ["a"] = Finite(a),
        ["b"] = Finite(b),
        ["logLikelihood"] = likelihood,
    };

    private static JsonNode? Likelihood(ShopModel model, string name) => Finite(model.Models.Fits.First(f => f.Name == name).LogLikelihood);

    private static JsonObject HoldoutOf(Holdout holdout, ShopModel model) => new()
    {
        ["from"] = holdout.From.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ["to"] = holdout.To.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ["customers"] = holdout.Customers,
        ["buyers"] = holdout.Buyers,
        ["actualOrders"] = holdout.ActualOrders,
        ["predictedOrders"] = model.OrderModel is { } chosen && holdout.PredictedOrders.TryGetValue(chosen, out var predicted) ? Finite(predicted) : null,
        ["orderModel"] = model.OrderModel,
        ["predictedByModel"] = new JsonObject(holdout.PredictedOrders.Select(static p => KeyValuePair.Create(p.Key, Finite(p.Value)))),
        ["auc"] = new JsonObject(model.Risk.Candidates.Select(static c => KeyValuePair.Create(c.Name, c.OuterAuc is { } auc ? Finite(auc) : null))),
        ["chosen"] = model.Risk.Chosen,
    };

    /// <summary>How the risk score was chosen: on orders before those of the holdout.</summary>
    private static JsonObject Risk(RiskChoice risk) => new()
    {
        ["chosen"] = risk.Chosen,
        ["why"] = risk.Why.Length == 0 ? null : risk.Why,
        ["candidates"] = new JsonObject(risk.Candidates.Select(static c => KeyValuePair.Create(c.Name, (JsonNode?)new JsonObject
        {
            ["innerAuc"] = c.InnerAuc is { } inner ? Finite(inner) : null,
            ["outerAuc"] = c.OuterAuc is { } outer ? Finite(outer) : null,
            ["gainLowerBound"] = c.GainLowerBound is { } gain ? Finite(gain) : null,
        }))),
    };

    private static string Day(DateTimeOffset at) => at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static JsonNode? Finite(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;
}
