using Campaigns.Core.Ingest;
using Campaigns.Core.Ingest.Csv;
using Campaigns.Core.Jobs;

namespace Campaigns.Core.Offers.Codes;

/// <summary>A code as it stands in a file.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Code">The code; whether it is fit is another question.</param>
internal readonly record struct CodeLine(long Line, string Code);

/// <summary>
/// A file of codes: text with one code per line, or CSV with a column of codes, compressed by gzip or not. The column is the
/// first, unless the header calls another one "code".
/// </summary>
internal static class CodeFile
{
    private static readonly string[] Names = ["code", "coupon code", "coupon_code", "discount code", "discount_code", "coupon", "voucher"];

    /// <summary>Why a text is no code, or null where it is one.</summary>
    public static string? Unfit(string code) =>
        code.Length == 0 ? "no code"
        : code.Length > CodePool.MaxCodeLength ? $"longer than {CodePool.MaxCodeLength} characters"
        : code.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0 ? "not only letters, digits and signs without spaces"
        : null;

    /// <summary>The lines with a code, in order. Throws <see cref="JobFailedException"/> with what to do where the content is no text, or damaged.</summary>
    public static async IAsyncEnumerable<CodeLine> ReadAsync(Stream content, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var text = await SourceText.OpenAsync(content, cancellation);
        using var table = await CsvTable.OpenAsync(text, cancellation);
        var column = table.FindAny(Names);
        if (column < 0)
        {
            // No header: the first line is a code like the others.
            column = 0;
            if (table.Columns.FirstOrDefault(c => c.Value == 0).Key is { Length: > 0 } first)
            {
                yield return new CodeLine(1, first);
            }
        }

        while (await table.ReadAsync(cancellation))
        {
            yield return new CodeLine(table.Line, table[column].ToString());
        }
    }
}
