namespace Campaigns.Core.Offers.Codes;

/// <summary>What became of the codes of a pool that customers have.</summary>
public sealed record CodeReport
{
    /// <summary>Codes that are looked at; a pool with more is reported in part.</summary>
    public const int MostCounted = 100_000;

    /// <summary>Codes redeemed by somebody else that are named.</summary>
    public const int MostNamed = 200;

    /// <summary>Codes that customers have.</summary>
    public int Given { get; private init; }

    /// <summary>Of these, on an order of the customer whose code it is.</summary>
    public int Redeemed { get; private init; }

    /// <summary>Of these, on an order of somebody else.</summary>
    public int ByOthers { get; private init; }

    /// <summary>Orders of others, the first <see cref="MostNamed"/> by code.</summary>
    public IReadOnlyList<(CodeOwner Owner, CodeRedemption Order)> Others { get; private init; } = [];

    /// <summary>There are more than <see cref="MostCounted"/>.</summary>
    public bool InPart { get; private init; }

    /// <summary>Counts codes as they come; memory holds one.</summary>
    public static async ValueTask<CodeReport> OfAsync(IAsyncEnumerable<GivenCode> codes, CancellationToken cancellation)
    {
        var (given, redeemed, byOthers, others) = (0, 0, 0, new List<(CodeOwner, CodeRedemption)>());
        var inPart = false;
        await foreach (var code in codes.WithCancellation(cancellation))
        {
            if (inPart = given == MostCounted)
            {
                break;
            }

            given++;
            redeemed += code.Redemptions.Any(r => r.ByOwner) ? 1 : 0;
            byOthers += code.ByOthers.Any() ? 1 : 0;
            others.AddRange(code.ByOthers.Take(MostNamed - others.Count).Select(r => (code.Owner, r)));
        }

        return new CodeReport { Given = given, Redeemed = redeemed, ByOthers = byOthers, Others = others, InPart = inPart };
    }

    /// <summary>A code as a line of CSV, with the orders that carry it.</summary>
    public static string Line(GivenCode code)
    {
        var state = code.ByOthers.Any() ? "redeemed by somebody else" : code.Redemptions.Count > 0 ? "redeemed" : "assigned";
        return string.Join(
            ',',
            new[] { code.Owner.Code, code.Owner.Run, code.Owner.CustomerId, state, string.Join(' ', code.Redemptions.Select(r => r.Order)), string.Join(' ', code.ByOthers.Select(r => r.CustomerId).Distinct()) }
                .Select(Cell));
    }

    /// <summary>Names of the columns of <see cref="Line"/>.</summary>
    public const string Header = "code,run,customer_id,state,orders,redeemed_by";

    private static string Cell(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
