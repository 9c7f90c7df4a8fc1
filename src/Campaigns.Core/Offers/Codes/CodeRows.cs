using System.Globalization;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Offers.Codes;

/// <summary>
/// Keys of table codes. What must change together stands in partition <c>all</c>; who got and who redeemed a code has a
/// partition per pool, because it is written a row at a time by many.
/// <code>
/// all      h|{pool}                       CodePool: how many codes there are, and how many are reserved
///          p|{pool}|{first:000000000}     CodePage: codes in the order of upload, from position {first}
///          r|{pool}|{run}|{treatment}     CodeReservation: the range of the pool that is a run's; insert-only
///          uploads                        CodeUploads: replaced by every upload, so that two at once never both add a code
/// {pool}   o|{code}                       CodeOwner: whose code it is
///          x|{code} {order}               CodeRedemption: an order that carries it
/// </code>
/// A code is compared without case, as coupons of orders are: in keys it stands in upper case. A space ends it in redemptions:
/// it sorts before all that a code may hold, so that both kinds of rows come in the same order of codes.
/// </summary>
internal static class CodeKeys
{
    public const string Uploads = "uploads";

    public const string Pools = "h|";

    public static string Pool(string pool) => Pools + pool;

    public const string AllPages = "p|";

    public static string Pages(string pool) => $"p|{pool}|";

    public static string Page(string pool, int first) => Pages(pool) + first.ToString("D9", CultureInfo.InvariantCulture);

    public static string Reservations(string pool) => $"r|{pool}|";

    public static string Reservation(string pool, string run, string treatment) => $"r|{pool}|{run}|{treatment}";

    public const string Owners = "o|";

    public static string Owner(string code) => Owners + Part(code);

    public const string Redemptions = "x|";

    public static string RedemptionsOf(string code) => $"{Redemptions}{Part(code)} ";

    public static string Redemption(string code, string order) => RedemptionsOf(code) + Tables.Escape(order);

    /// <summary>The code in the key of an owner or a redemption, as it stands there.</summary>
    public static ReadOnlySpan<char> CodeIn(string key) => key.IndexOf(' ', 2) is var end and > 0 ? key.AsSpan(2, end - 2) : key.AsSpan(2);

    private static string Part(string code) => Tables.Escape(code.ToUpperInvariant());
}

/// <summary>A pool of single-use codes: each code goes to one customer, in the order of upload.</summary>
[MemoryPackable]
public sealed partial record CodePool : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Id: lower-case letters, digits and hyphens.</summary>
    public required string Id { get; init; }

    /// <summary>Codes uploaded so far.</summary>
    public int Codes { get; init; }

    /// <summary>Of these, the first so many belong to runs.</summary>
    public int Reserved { get; init; }

    /// <summary>System time of the first upload.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Codes that no run has reserved.</summary>
    [MemoryPackIgnore]
    public int Free => Codes - Reserved;

    /// <summary>The text can be the id of a pool.</summary>
    public static bool IsId(string id) => id.Length is >= 1 and <= MaxIdLength && id.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');

    /// <summary>As long as other ids that people give.</summary>
    public const int MaxIdLength = 60;

    /// <summary>The longest code. As long as a shared code may be; people type codes.</summary>
    public const int MaxCodeLength = 40;

    /// <summary>Codes in all pools together: an upload holds a hash of each in memory, some 120 MB.</summary>
    public const int MaxCodes = 5_000_000;
}

/// <summary>Some codes of a pool, next to each other.</summary>
[MemoryPackable]
public sealed partial record CodePage : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The codes as they were uploaded.</summary>
    public required string[] Codes { get; init; }

    /// <summary>Position of the first one in the pool, from 0.</summary>
    public required int First { get; init; }

    /// <summary>Codes of a page at most: some 100 KB.</summary>
    public const int Size = 2_000;
}

/// <summary>Changes with every upload.</summary>
[MemoryPackable]
internal sealed partial record CodeUploads : IStoredRow
{
    public static byte Version => 1;

    /// <summary>Codes in all pools.</summary>
    public int Codes { get; init; }
}

/// <summary>The range of a pool that belongs to a variant of a run.</summary>
[MemoryPackable]
public sealed partial record CodeReservation : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Pool.</summary>
    public required string Pool { get; init; }

    /// <summary>Campaign.</summary>
    public required string Campaign { get; init; }

    /// <summary>Run.</summary>
    public required string Run { get; init; }

    /// <summary>Message variant.</summary>
    public required string Treatment { get; init; }

    /// <summary>Position of its first code in the pool, from 0.</summary>
    public required int First { get; init; }

    /// <summary>Number of codes.</summary>
    public required int Count { get; init; }
}

/// <summary>Whose code it is.</summary>
[MemoryPackable]
public sealed partial record CodeOwner : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The code as it was uploaded.</summary>
    public required string Code { get; init; }

    /// <summary>Run that gave it.</summary>
    public required string Run { get; init; }

    /// <summary>Key of the customer.</summary>
    public required string Customer { get; init; }

    /// <summary>Raw id of the customer.</summary>
    public required string CustomerId { get; init; }
}

/// <summary>An order that carries a code of the pool.</summary>
[MemoryPackable]
public sealed partial record CodeRedemption : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The code as it was uploaded.</summary>
    public required string Code { get; init; }

    /// <summary>Order.</summary>
    public required string Order { get; init; }

    /// <summary>Key of the customer who ordered.</summary>
    public required string Customer { get; init; }

    /// <summary>Raw id of the customer who ordered.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Time of the order.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The customer ordered whose code it is.</summary>
    public required bool ByOwner { get; init; }
}
