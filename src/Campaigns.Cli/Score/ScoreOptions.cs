using System.Globalization;
using Campaigns.Core.Ingest.Csv;
using Campaigns.Core.Jobs;

namespace Campaigns.Cli.Score;

/// <summary>What <c>./campaigns score</c> was asked for.</summary>
internal sealed record ScoreOptions
{
    /// <summary>File of orders.</summary>
    public required string Orders { get; init; }

    /// <summary>Columns of our fields.</summary>
    public ColumnMap Map { get; init; } = ColumnMap.None;

    /// <summary>Format of dates, or null.</summary>
    public string? DateFormat { get; init; }

    /// <summary>The day that ages and silences are counted to; null: that of the newest order.</summary>
    public DateOnly? AsOf { get; init; }

    /// <summary>The last day whose orders models are fitted on; null: the as-of day.</summary>
    public DateOnly? CalibrationEnd { get; init; }

    /// <summary>Days in the models' unit of time: 7 or 1.</summary>
    public int DaysPerUnit { get; init; } = 7;

    /// <summary>File of a segment scheme; null: the built-in one.</summary>
    public string? Segments { get; init; }

    /// <summary>File of RFM settings; null: fifths and the usual map.</summary>
    public string? Rfm { get; init; }

    /// <summary>File for the report, or null.</summary>
    public string? Json { get; init; }

    /// <summary>File for the customers, or null.</summary>
    public string? Out { get; init; }

    /// <summary>A date as people type it. Throws <see cref="JobFailedException"/> naming the option where it is none.</summary>
    public static DateOnly? Date(string option, string? text) =>
        text is null ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date
        : throw new JobFailedException($"{option} is \"{text}\"; write a date as 2025-12-31.");

    /// <summary>Days of a unit of time. Throws <see cref="JobFailedException"/> where it is none.</summary>
    public static int Unit(string text) => text switch
    {
        "week" => 7,
        "day" => 1,
        _ => throw new JobFailedException($"--time-unit is \"{text}\"; choose day or week."),
    };
}
