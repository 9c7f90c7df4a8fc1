namespace Campaigns.Simulation.Samples;

/// <summary>Cells of CSV (RFC 4180).</summary>
internal static class SampleCsv
{
    /// <summary>Writes the first cell of a row.</summary>
    public static void Write(TextWriter writer, string? cell)
    {
        if (cell is not null)
        {
            writer.Write(cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : "\"" + cell.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"");
        }
    }

    /// <summary>Writes a further one.</summary>
    public static void Next(TextWriter writer, string? cell)
    {
        writer.Write(',');
        Write(writer, cell);
    }
}
