using Campaigns.Core.Jobs;
using Sylvan.Data.Csv;

namespace Campaigns.Core.Ingest.Csv;

/// <summary>A CSV text row by row, with line numbers, columns by name and the raw rows.</summary>
internal sealed class CsvTable : IDisposable
{
    private readonly CsvDataReader reader;
    private readonly Dictionary<string, int> columns = new(StringComparer.OrdinalIgnoreCase);
    private long nextLine = 2;
    private int rowsRead;

    private CsvTable(CsvDataReader reader, char delimiter)
    {
        this.reader = reader;
        Delimiter = delimiter;
        for (var i = 0; i < reader.FieldCount; i++)
        {
            columns.TryAdd(reader.GetName(i).Trim(), i);
        }
    }

    /// <summary>Comma, semicolon or tab.</summary>
    public char Delimiter { get; }

    /// <summary>A comma may be the decimal point where it does not part columns.</summary>
    public bool DecimalComma => Delimiter == ';';

    /// <summary>Line on which the present row begins; the header stands on line 1.</summary>
    public long Line { get; private set; }

    /// <summary>The present row as it stands in the file.</summary>
    public ReadOnlySpan<char> Raw => reader.GetRawRecordSpan().TrimEnd("\r\n");

    /// <summary>Fields of the present row.</summary>
    public int Fields => reader.RowFieldCount;

    /// <summary>Columns of the header.</summary>
    public int Width => reader.FieldCount;

    /// <summary>The header's columns in order.</summary>
    public IReadOnlyDictionary<string, int> Columns => columns;

    /// <summary>Rows to read at most: a look at the beginning of a file.</summary>
    public int MostRows { get; set; } = int.MaxValue;

    /// <summary>Reads the header. Throws <see cref="JobFailedException"/> where there is none.</summary>
    public static async ValueTask<CsvTable> OpenAsync(SourceText text, CancellationToken cancellation)
    {
        var delimiter = DelimiterOf(text.Start.Span);
        var options = new CsvDataReaderOptions
        {
            Delimiter = delimiter,
            CsvStyle = CsvStyle.Lax, // A stray quote spoils its row, not the file.
            Comment = '\0', // Order ids may begin with '#'.
            BufferSize = ImportLimits.LineLength,
            OwnsReader = false,
        };
        try
        {
            var opened = await CsvDataReader.CreateAsync(text.Reader, options, cancellation);
            return opened.FieldCount is > 0 and <= ImportLimits.Columns
                ? new CsvTable(opened, delimiter)
                : throw new JobFailedException($"The first line has {opened.FieldCount} columns; a file of orders or customers has 1 to {ImportLimits.Columns}.");
        }
        catch (Exception error) when (error is CsvRecordTooLargeException or CsvFormatException or InvalidDataException)
        {
            throw new JobFailedException("This is not CSV: its first line is no header of columns.");
        }
    }

    /// <summary>The next row that is not empty, or false at the end.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation)
    {
        while (rowsRead < MostRows)
        {
            bool more;
            try
            {
                more = await reader.ReadAsync(cancellation);
            }
            catch (CsvRecordTooLargeException)
            {
                throw new JobFailedException(
                    $"Line {nextLine} is longer than {ImportLimits.LineLength:N0} characters: a quote is probably opened there and never closed.");
            }
            catch (InvalidDataException)
            {
                throw new JobFailedException($"The gzip file is damaged after line {nextLine - 1}: compress it anew, or send it uncompressed.");
            }

            if (!more)
            {
                return false;
            }

            var raw = reader.GetRawRecordSpan();
            Line = nextLine;
            nextLine += Math.Max(1, raw.Count('\n'));
            if (!raw.IsWhiteSpace())
            {
                rowsRead++;
                return true;
            }
        }

        return false;
    }

    /// <summary>The field trimmed; empty where the column is missing (−1) or the row too short.</summary>
    public ReadOnlySpan<char> this[int column] => column >= 0 && column < reader.RowFieldCount ? reader.GetFieldSpan(column).Trim() : default;

    /// <summary>The column of the name, or −1.</summary>
    public int Find(string name) => columns.GetValueOrDefault(name, -1);

    /// <summary>The column of the first of the names that is there, or −1.</summary>
    public int FindAny(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Find(name) is >= 0 and var column)
            {
                return column;
            }
        }

        return -1;
    }

    /// <summary>The column of the name. Throws <see cref="JobFailedException"/> naming it where it is missing.</summary>
    public int Require(string name, string purpose)
    {
        var column = Find(name);
        return column >= 0 ? column : throw new JobFailedException($"The column \"{name}\" is missing; {purpose}.");
    }

    /// <inheritdoc/>
    public void Dispose() => reader.Dispose();

    private static char DelimiterOf(ReadOnlySpan<byte> start)
    {
        var end = start.IndexOfAny((byte)'\n', (byte)'\r');
        var header = end < 0 ? start : start[..end];
        var (commas, semicolons, tabs) = (header.Count((byte)','), header.Count((byte)';'), header.Count((byte)'\t'));
        return tabs > commas && tabs > semicolons ? '\t' : semicolons > commas ? ';' : ',';
    }
}
