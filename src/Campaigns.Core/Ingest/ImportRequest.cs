using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Ingest;

/// <summary>What an import's content is about. Values are stored: never renumber.</summary>
public enum ImportSubject : byte
{
    /// <summary>Seen from the columns or properties: an order id makes it orders, a product without one a feed.</summary>
    Detect = 0,

    /// <summary>Orders, refunds and other valued events.</summary>
    Orders = 1,

    /// <summary>Customers with addresses and consent.</summary>
    Customers = 2,

    /// <summary>Products: name, page, price, stock, cost.</summary>
    Products = 3,
}

/// <summary>How an import's content is written. Values are stored: never renumber.</summary>
public enum ImportFormat : byte
{
    /// <summary>JSON where it begins with [ or {, else CSV.</summary>
    Detect = 0,

    /// <summary>Comma, semicolon or tab separated values, gzip or not.</summary>
    Csv = 1,

    /// <summary>A JSON array, or one JSON object per line.</summary>
    Json = 2,
}

/// <summary>What is to be imported, besides the content itself.</summary>
public sealed record ImportRequest
{
    /// <summary>Id of the import; the same id is the same import. Null: a hash of the content, so that content sent twice is imported once.</summary>
    public string? Id { get; init; }

    /// <summary>Orders or customers.</summary>
    public ImportSubject Subject { get; init; }

    /// <summary>CSV or JSON.</summary>
    public ImportFormat Format { get; init; }

    /// <summary>Name for people: the file's.</summary>
    public string Name { get; init; } = "";

    /// <summary>Format of dates as .NET writes it ("dd/MM/yyyy HH:mm"), or several parted by "|", for files that are neither a known export nor ISO 8601; or null.</summary>
    public string? DateFormat { get; init; }

    /// <summary>Currency of orders that name none: the workspace's where null.</summary>
    public string? Currency { get; init; }

    /// <summary>
    /// One of many small ones, such as a confirmed consent or an order as it is placed: it is listed only where something was rejected,
    /// and no recompute follows by itself. The customer is classified anew all the same.
    /// </summary>
    public bool Small { get; init; }

    /// <summary>What each column of a CSV file is (see <see cref="Csv.ColumnMap.Of"/>); null where its header says it.</summary>
    public IReadOnlyDictionary<string, string>? Columns { get; init; }
}

/// <summary>Frozen inputs of an import's job.</summary>
[MemoryPackable]
public sealed partial record ImportInputs : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Orders or customers.</summary>
    public required ImportSubject Subject { get; init; }

    /// <summary>CSV or JSON.</summary>
    public required ImportFormat Format { get; init; }

    /// <summary>Name for people.</summary>
    public string Name { get; init; } = "";

    /// <summary>Format of dates, or null.</summary>
    public string? DateFormat { get; init; }

    /// <summary>Currency of orders that name none, or null.</summary>
    public string? Currency { get; init; }

    /// <summary>Size of the source in bytes, for progress.</summary>
    public long SourceBytes { get; init; }

    /// <summary>See <see cref="ImportRequest.Small"/>.</summary>
    public bool Small { get; init; }

    /// <summary>See <see cref="ImportRequest.Columns"/>.</summary>
    public Dictionary<string, string>? Columns { get; init; }
}

/// <summary>An import that was created (or existed already), and the messages that get it going.</summary>
public sealed record ImportStarted(string Id, IReadOnlyList<Jobs.Outgoing> Messages);
