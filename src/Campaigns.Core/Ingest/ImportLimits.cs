namespace Campaigns.Core.Ingest;

/// <summary>Limits of an import, each with its reason.</summary>
public static class ImportLimits
{
    /// <summary>Characters in one line of a file, line breaks within quotes included. A longer one is a quote that never closes.</summary>
    public const int LineLength = 64 * 1024;

    /// <summary>Columns of a file. More than this is not a table of orders or customers.</summary>
    public const int Columns = 200;

    /// <summary>Characters of a product id: part of a row key.</summary>
    public const int SkuLength = 100;

    /// <summary>Characters of a coupon code, category, country, event name or product name: rows stay small.</summary>
    public const int TextLength = 200;

    /// <summary>Characters of what shows a consent: a sentence or two of a form's wording beside times.</summary>
    public const int ProofLength = 1_000;

    /// <summary>Attributes of a customer beyond the known columns.</summary>
    public const int Attributes = 50;

    /// <summary>Lines of one order: an order is one row of at most 960 KiB.</summary>
    public const int LinesPerOrder = 5_000;

    /// <summary>Units on one line; more is a mistyped number.</summary>
    public const int Quantity = 10_000_000;

    /// <summary>A unit price in minor units; more is a mistyped number.</summary>
    public const long PriceMinor = 100_000_000_000;

    /// <summary>Rejected rows kept for download, in bytes. Beyond it they are only counted.</summary>
    public const long RejectBytes = 256L * 1024 * 1024;

    /// <summary>Products whose names are kept from one import.</summary>
    public const int Products = 200_000;

    /// <summary>How far in the future an order may lie: time zones and clocks differ by a day, not by more.</summary>
    public static readonly TimeSpan Future = TimeSpan.FromDays(2);

    /// <summary>The earliest year that is a date of an order and not a spreadsheet's zero.</summary>
    public const int FirstYear = 1990;

    /// <summary>Characters of one order in JSON: as many lines as an order may have, of a thousand characters each.</summary>
    public const int JsonOrderLength = 1_000 * LinesPerOrder;

    /// <summary>Characters of one customer or product in JSON: far above what all fields and attributes within their limits come to.</summary>
    public const int JsonRecordLength = 1024 * 1024;

    /// <summary>
    /// Memory for sorting, over all buckets; the index of the records takes a third more. Ten million orders make 25 runs per
    /// bucket of it, and merging those takes as much again: more here saves nothing there.
    /// </summary>
    public const int SpillBytes = 32 * 1024 * 1024;

    /// <summary>Memory for sorting per bucket: more than this makes runs no better.</summary>
    public const int SpillBytesPerBucket = 2 * 1024 * 1024;
}
