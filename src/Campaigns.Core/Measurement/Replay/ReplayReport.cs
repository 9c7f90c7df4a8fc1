using System.Text.Json.Nodes;

namespace Campaigns.Core.Measurement.Replay;

/// <summary>A replay as JSON, from a file and over HTTP alike. Its shape is explained in <c>docs/optimizer.md</c>.</summary>
public static class ReplayReport
{
    private const string InSampleLabel = "in-sample: valued on the very rows that it was learned from, too high by construction; never decide on it";

    /// <summary>The report. <paramref name="told"/>: how the recommendation is worded.</summary>
    public static JsonObject Of(PolicyReplay replay, ReplayWords? told = null)
    {
        var (value, advice) = (replay.Value, ReplayAdvice.On(replay, told));
        var report = new JsonObject
        {
            ["policy"] = replay.Policy.Name,
            ["folds"] = replay.Folds,
            ["rows"] = replay.Log.Count,
            ["arms"] = new JsonObject(replay.Arms.Select(static a => KeyValuePair.Create(
                a.Treatment, (JsonNode?)new JsonObject { ["n"] = a.Count, ["mean"] = a.Mean, ["standardError"] = a.Count < 2 ? null : a.StandardError }))),
            ["sampleRatio"] = new JsonObject { ["p"] = replay.SampleRatio.P, ["method"] = replay.SampleRatio.Method, ["reason"] = replay.SampleRatio.Reason },
            ["value"] = value.Refusal is not null ? null : new JsonObject { ["ips"] = Of(value.Ips), ["snips"] = Of(value.Snips), ["dr"] = Of(value.DoublyRobust) },
            ["effectiveSampleSize"] = value.EffectiveSampleSize,
            ["largestWeight"] = value.LargestWeight,
            ["meanWeight"] = value.MeanWeight.Value,
            ["verdict"] = value.Refusal is null ? "ok" : "refused",
        };
        if (value.Refusal is { } reason)
        {
            report["reason"] = reason;
        }

        report["comparison"] = value.Refusal is not null ? null : new JsonObject(replay.Comparisons.Select(static c => KeyValuePair.Create(c.Against.Name, (JsonNode?)Of(c))));
        report["bestSimple"] = advice.Best?.Against.Name;
        report["credible"] = advice.Best?.IsCredible ?? false;
        report["recommended"] = advice.Recommended;
        report["recommendation"] = advice.Sentence;
        if (replay.Learned is { } learned)
        {
            report["learned"] = Of(replay, learned, advice);
        }

        return report;
    }

    private static JsonObject Of(Estimate estimate) => new()
    {
        ["estimate"] = estimate.Value,
        ["standardError"] = estimate.StandardError,
        ["low"] = estimate.Low,
        ["high"] = estimate.High,
    };

    private static JsonObject Of(PolicyComparison comparison) => new()
    {
        ["difference"] = comparison.Difference.Value,
        ["standardError"] = comparison.Difference.StandardError,
        ["low"] = comparison.Difference.Low,
        ["high"] = comparison.Difference.High,
        ["lowerBound"] = comparison.Difference.LowerBound,
        ["credible"] = comparison.IsCredible,
        ["reason"] = comparison.SimpleValue.Refusal,
    };

    /// <summary>The policy has the shape of a policy file: it can be saved as one and valued on the next log.</summary>
    private static JsonObject Of(PolicyReplay replay, LearnedPolicy learned, ReplayAdvice advice)
    {
        var log = replay.Log;
        var inSample = Of(learned.InSampleValue);
        inSample["label"] = InSampleLabel;
        return new JsonObject
        {
            ["columns"] = new JsonArray([.. log.Columns.Select(static c => (JsonNode?)c)]),
            ["policy"] = new JsonObject
            {
                ["rules"] = new JsonArray([.. log.Cells.Select((cell, i) => (JsonNode?)new JsonObject
                {
                    ["when"] = new JsonObject(log.Columns.Zip(cell, static (c, v) => KeyValuePair.Create(c, (JsonNode?)v))),
                    ["treatment"] = log.Treatments[learned.Choices[i]],
                })]),
                ["otherwise"] = advice.Best is { Against.Everyone: { } everyone } ? log.Treatments[everyone] : ReplayLimits.None,
            },
            ["crossFittedValue"] = replay.Value.Refusal is null ? Of(replay.Value.DoublyRobust) : null,
            ["crossFittedGain"] = advice.Best is { } best ? Of(best.Difference) : null,
            ["inSampleValue"] = inSample,
            ["inSampleGain"] = advice.Best is { } simple ? Of(learned.InSampleGain(simple.Against)) : null,
        };
    }
}
