using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Ingest;

/// <summary>What somebody said of the columns of a kind of file: row <c>{hash of the header's names}</c> of partition <c>columns</c> in table work.</summary>
[MemoryPackable]
public sealed partial record ColumnsRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>What each column is: see <see cref="Csv.ColumnMap.Of"/>.</summary>
    public required Dictionary<string, string> Columns { get; init; }

    /// <summary>Formats of dates, parted by "|"; null for ISO 8601.</summary>
    public string? DateFormat { get; init; }

    /// <summary>Name of the file of which it was said.</summary>
    public string Name { get; init; } = "";

    /// <summary>System time when it was said.</summary>
    public DateTimeOffset SaidAt { get; init; }
}

/// <summary>An import asks what the columns of its file are: row <see cref="ColumnsStep.AskedKey"/> of its job's partition.</summary>
[MemoryPackable]
public sealed partial record ColumnsAsked : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The import that was started with the answer; null while there is none.</summary>
    public string? AnsweredBy { get; init; }
}
