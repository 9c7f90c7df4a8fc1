namespace Campaigns.Core.Ingest;

/// <summary>The columns of a file that nobody has explained yet.</summary>
/// <param name="Name">Name of the file.</param>
/// <param name="Columns">Its columns, in order.</param>
/// <param name="Rows">Its first rows, cells in the order of the columns.</param>
/// <param name="DateFormat">Guess: formats of dates, parted by "|"; null for ISO 8601.</param>
public sealed record ColumnQuestion(string Name, IReadOnlyList<AskedColumn> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, string? DateFormat);

/// <summary>A column of such a file.</summary>
/// <param name="Name">Name in the header.</param>
/// <param name="Field">Guess: the field that it is, or <see cref="Csv.ColumnMap.LeftOut"/>.</param>
/// <param name="Examples">Its first values that are not empty.</param>
public sealed record AskedColumn(string Name, string Field, IReadOnlyList<string> Examples);

/// <summary>What somebody says of the columns.</summary>
/// <param name="Columns">Field by column; columns that are not named are left out.</param>
/// <param name="DateFormat">Formats of dates as .NET writes them, parted by "|"; null for ISO 8601.</param>
public sealed record ColumnAnswer(IReadOnlyDictionary<string, string> Columns, string? DateFormat);

/// <summary>What an answer would come to, from the first rows of the file.</summary>
/// <param name="Subject">What the file is about then.</param>
/// <param name="Problem">Why it cannot be read so, in a sentence; else null.</param>
/// <param name="Rows">Rows looked at.</param>
/// <param name="Whole">These are all of the file's.</param>
/// <param name="Rejected">Rows that would be rejected.</param>
/// <param name="RejectedByReason">Those by reason.</param>
/// <param name="FirstAt">Time of the earliest order among them, or null.</param>
/// <param name="LastAt">Time of the latest order, or null.</param>
public sealed record ColumnCheck(
    ImportSubject Subject, string? Problem, long Rows, bool Whole, long Rejected, IReadOnlyDictionary<string, long> RejectedByReason, DateTimeOffset? FirstAt, DateTimeOffset? LastAt);

/// <summary>Counts what a look at a file reads, and keeps nothing.</summary>
internal sealed class CheckSink : IRecordSink
{
    public long Rows { get; private set; }

    public long Rejected { get; private set; }

    public SortedDictionary<string, long> Reasons { get; } = new(StringComparer.Ordinal);

    public long FirstTicks { get; private set; } = long.MaxValue;

    public long LastTicks { get; private set; }

    public ValueTask OrderAsync(OrderRecord record)
    {
        (FirstTicks, LastTicks) = (Math.Min(FirstTicks, record.AtTicks), Math.Max(LastTicks, record.AtTicks));
        return ValueTask.CompletedTask;
    }

    public ValueTask CustomerAsync(CustomerRecord record) => ValueTask.CompletedTask;

    public ValueTask ProductAsync(ProductRow product) => ValueTask.CompletedTask;

    public void Reject(long line, string reason, ReadOnlySpan<char> raw)
    {
        Rejected++;
        Reasons[reason] = Reasons.GetValueOrDefault(reason) + 1;
    }

    public void Row() => Rows++;
}
