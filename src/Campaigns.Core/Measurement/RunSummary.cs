using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Measurement;

/// <summary>A cell with its key.</summary>
[MemoryPackable]
public readonly partial record struct KeyedCell(CellKey Key, Cell Sums);

/// <summary>What was drawn against what the logged probabilities led to expect. <paramref name="Treatment"/> is "" for nothing.</summary>
/// <param name="Treatment">Variant.</param>
/// <param name="Observed">Customers who drew it.</param>
/// <param name="ExpectedPartsPerMillion">Sum of its logged probabilities over all assigned customers.</param>
[MemoryPackable]
public readonly partial record struct Drawn(string Treatment, long Observed, long ExpectedPartsPerMillion);

/// <summary>Customers of the audience who took no part in the draw, for a reason.</summary>
[MemoryPackable]
public readonly partial record struct NotAssigned(string Segment, string Reason, long Customers);

/// <summary>
/// A run's summary, of one bucket or of all: cells in key order. Row {run} of partition <c>measured</c> in table work once the
/// run is frozen.
/// </summary>
[MemoryPackable]
public sealed partial record RunSummary : IStoredRow
{
    /// <summary>2: cells know who could have drawn what, and the capped figures.</summary>
    public static byte Version => 2;

    /// <summary>Partition of frozen runs.</summary>
    public const string Frozen = "measured";

    /// <summary>Run.</summary>
    public required string Run { get; init; }

    /// <summary>Campaign.</summary>
    public required string Campaign { get; init; }

    /// <summary>Its name when the run began.</summary>
    public required string CampaignName { get; init; }

    /// <summary>Which run of the campaign, from 0.</summary>
    public required int Occurrence { get; init; }

    /// <summary>Business time of the run.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>End of the outcome window.</summary>
    public required DateTimeOffset WindowEnd { get; init; }

    /// <summary>Business time of the measurement.</summary>
    public required DateTimeOffset MeasuredAt { get; init; }

    /// <summary>Margins are known: figures may be called profit.</summary>
    public required bool MarginKnown { get; init; }

    /// <summary>Days of the churn horizon.</summary>
    public required int ChurnDays { get; init; }

    /// <summary>Micro-units in one minor unit.</summary>
    public required long MicrosPerMinor { get; init; }

    /// <summary>Cells by key.</summary>
    public KeyedCell[] Cells { get; init; } = [];

    /// <summary>Draws by treatment.</summary>
    public Drawn[] Draws { get; init; } = [];

    /// <summary>Customers whom planning took out of the audience before the draw: they belong to no arm.</summary>
    public NotAssigned[] NotAssigned { get; init; } = [];

    /// <summary>What of a customer's spending counts in the headline, minor units; null = all of it (see <see cref="SpendCap"/>).</summary>
    public long? SpendCapMinor { get; init; }

    /// <summary>What was sent had been promised to everyone: there is nobody to compare with.</summary>
    public bool Promised { get; init; }

    /// <summary>The days after the window are over as well, so that orders pulled forward would show.</summary>
    [MemoryPackIgnore]
    public bool AfterKnown => MeasuredAt >= WindowEnd.AddDays(RunInputs.LateDays);

    /// <summary>The window is over.</summary>
    [MemoryPackIgnore]
    public bool Closed => MeasuredAt >= WindowEnd;

    /// <summary>Share of the window that has passed, in [0, 1].</summary>
    [MemoryPackIgnore]
    public double Elapsed => WindowEnd <= At ? 1 : Math.Clamp((MeasuredAt - At) / (WindowEnd - At), 0, 1);

    /// <summary>What the run taught, by segment and eligibility. Arms by what was drawn: who drew nothing is nothing's, whatever variant would have been sent.</summary>
    public RunEvidence ToEvidence() => new()
    {
        Run = Run,
        Occurrence = Occurrence,
        Cells = [.. Cells.GroupBy(c => (c.Key.Segment, c.Key.Eligible))
            .OrderBy(g => g.Key.Segment, StringComparer.Ordinal).ThenBy(g => g.Key.Eligible, StringComparer.Ordinal)
            .Select(g => new CellEvidence(
                g.Key.Segment,
                g.Key.Eligible,
                g.Where(c => c.Key.HeldOut).Aggregate(default(ArmTotals), (sum, c) => sum + c.Sums.Learnt),
                [.. g.Where(c => !c.Key.HeldOut).GroupBy(c => c.Key.Treatment, StringComparer.Ordinal).OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => new ArmEvidence(
                    a.Key,
                    a.Aggregate(default(ArmTotals), (sum, c) => sum + c.Sums.Learnt),
                    a.Sum(c => c.Sums.RedeemedMinor - c.Sums.BenefitMinor),
                    a.Sum(c => c.Sums.BenefitMinor),
                    a.Sum(c => c.Sums.SendCostMicros)))]))],
    };

    /// <summary>What it has really cost.</summary>
    public RunSpend ToSpend() => new()
    {
        SpentMicros = Cells.Where(c => !c.Key.HeldOut).Sum(c => c.Sums.SendCostMicros + (c.Sums.RedeemedMinor * MicrosPerMinor)),
        MeasuredAt = MeasuredAt,
        Closed = Closed,
    };

    /// <summary>Customers assigned.</summary>
    [MemoryPackIgnore]
    public long Customers => Cells.Sum(c => c.Sums.Customers);
}

/// <summary>Adds up a <see cref="RunSummary"/>, customer by customer or summary by summary.</summary>
public sealed class RunTally(RunSummary empty)
{
    private readonly Dictionary<CellKey, Cell> cells = [];
    private readonly Dictionary<string, Drawn> draws = new(StringComparer.Ordinal);

    /// <summary>Adds a customer. <paramref name="churn"/> is null while it is not known.</summary>
    public void Add(AssignmentRow row, Outcome outcome, (bool Counts, bool Churned)? churn)
    {
        var day = DateOnly.FromDateTime(row.AssignedAt.UtcDateTime).DayNumber;
        Add(new KeyedCell(
            new CellKey(row.Segment, row.Treatment, row.Offer, row.Channel, row.HeldOut, day, row.Eligible, row.Candidates[0].PartsPerMillion),
            Cell.Of(row, outcome, empty.MicrosPerMinor, empty.SpendCapMinor, churn)));
        Add(new Drawn(row.HeldOut ? "" : row.Treatment, 1, 0));
        foreach (var candidate in row.Candidates)
        {
            Add(new Drawn(candidate.Treatment, 0, candidate.PartsPerMillion));
        }
    }

    /// <summary>Adds another summary of the same run.</summary>
    public void Add(RunSummary other)
    {
        Array.ForEach(other.Cells, Add);
        Array.ForEach(other.Draws, Add);
    }

    /// <summary>The summary, in key order.</summary>
    public RunSummary ToSummary() => empty with
    {
        Cells = [.. cells.OrderBy(c => c.Key).Select(c => new KeyedCell(c.Key, c.Value))],
        Draws = [.. draws.Values.OrderBy(d => d.Treatment, StringComparer.Ordinal)],
    };

    private void Add(KeyedCell cell) => cells[cell.Key] = cells.TryGetValue(cell.Key, out var sum) ? sum + cell.Sums : cell.Sums;

    private void Add(Drawn drawn)
    {
        var sum = draws.GetValueOrDefault(drawn.Treatment);
        draws[drawn.Treatment] = new(drawn.Treatment, sum.Observed + drawn.Observed, sum.ExpectedPartsPerMillion + drawn.ExpectedPartsPerMillion);
    }
}
