using System.Globalization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Ingest.Csv;
using Campaigns.Core.Jobs;

namespace Campaigns.Core.Measurement.Replay;

/// <summary>
/// A CSV of logged decisions, gzip or not: <c>treatment</c>, <c>propensity</c>, a reward and any context columns. Read row
/// by row; only the columns that are asked for are kept. A row that cannot be read refuses the file, with its line: leaving
/// rows out would change who is compared with whom.
/// </summary>
public static class DecisionFile
{
    private static readonly NumberFormatInfo Comma = new() { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };

    /// <summary>Reads the file. Throws <see cref="JobFailedException"/> with one sentence, and the line, where it cannot be used.</summary>
    public static async ValueTask<LoggedDecisions> ReadAsync(Stream content, string reward, IReadOnlyList<string> contexts, CancellationToken cancellation)
    {
        using var text = await SourceText.OpenAsync(content, cancellation);
        using var table = await CsvTable.OpenAsync(text, cancellation);
        var treatmentAt = Column(table, "treatment", "it says which treatment each row drew");
        var propensityAt = Column(table, "propensity", "it is the probability with which each row's treatment was drawn");
        var rewardAt = Column(table, reward, "it is the reward; name another by --reward");
        int[] contextAt = [.. contexts.Select(c => Column(table, c, "the policy asks for it"))];
        if (contexts.Where((_, i) => contextAt[i] == treatmentAt || contextAt[i] == propensityAt || contextAt[i] == rewardAt).FirstOrDefault() is { } wrong)
        {
            throw new JobFailedException($"A policy cannot decide by \"{wrong}\": that is known only afterwards.");
        }

        var log = new DecisionLog(contexts);
        while (await table.ReadAsync(cancellation))
        {
            try
            {
                for (var i = 0; i < contextAt.Length; i++)
                {
                    log.Context(i, table[contextAt[i]]);
                }

                log.Add(table[treatmentAt], Number(table, propensityAt, "propensity"), Number(table, rewardAt, reward));
            }
            catch (JobFailedException fault)
            {
                throw new JobFailedException(FormattableString.Invariant($"Line {table.Line}: {fault.Message}"));
            }
        }

        return log.ToDecisions();
    }

    private static int Column(CsvTable table, string name, string purpose)
    {
        var column = table.Find(name);
        return column >= 0 ? column : throw new JobFailedException($"The column \"{name}\" is missing: {purpose}. The file has {string.Join(", ", table.Columns.Keys)}.");
    }

    private static double Number(CsvTable table, int column, string name)
    {
        var text = table[column];
        return double.TryParse(text, NumberStyles.Float, table.DecimalComma && text.Contains(',') ? Comma : CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw new JobFailedException(text.IsEmpty ? $"{name} is empty; it needs a number." : $"{name} is \"{(text.Length > 40 ? text[..40] : text)}\", which is not a number.");
    }
}
