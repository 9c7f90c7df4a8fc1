using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning.Constraints;

/// <summary>
/// What a run has really cost so far: written with every measurement, read by dispatch, which sends no further once it has
/// reached the budget, and by later runs of a campaign with a total budget. Row {run} of partition <c>spent</c> in table campaigns.
/// </summary>
[MemoryPackable]
public sealed partial record RunSpend : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    private const string Partition = "spent";

    /// <summary>Sending, discounts redeemed and benefits taken up, micro-units of the major unit.</summary>
    public required long SpentMicros { get; init; }

    /// <summary>Business time of the measurement.</summary>
    public required DateTimeOffset MeasuredAt { get; init; }

    /// <summary>It was measured after its outcome window had closed: it reserves nothing any more.</summary>
    public bool Closed { get; init; }

    /// <summary>Replaces what was known before.</summary>
    public static async ValueTask WriteAsync(IRowStore rows, string run, RunSpend spend, CancellationToken cancellation) =>
        await rows.CommitAsync(Tables.Campaigns, Partition, [new RowOperation.Upsert(run, RowCodec.Encode(spend))], cancellation);

    /// <summary>What is known, or null before the first measurement.</summary>
    public static async ValueTask<RunSpend?> FindAsync(IRowStore rows, string run, CancellationToken cancellation) =>
        (await rows.FindAsync<RunSpend>(Tables.Campaigns, Partition, run, cancellation))?.Value;

    /// <summary>True where nothing more may be sent.</summary>
    public bool Reaches(long budgetMicros) => SpentMicros >= budgetMicros;
}
