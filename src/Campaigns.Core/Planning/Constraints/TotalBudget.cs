using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning.Constraints;

/// <summary>
/// A campaign's budget over all its runs, and what earlier runs took of it. Until a run's outcome window has closed and was
/// measured, it takes what it reserved, or what it has cost where that is more; from then on what it has cost. A run that has
/// not been counted yet takes its whole budget, so that two runs never share an amount. Runs of a time without any budget reserved
/// nothing: they take what they cost, once measured. All in micro-units of the major unit.
/// </summary>
/// <param name="TotalMicros">The budget.</param>
/// <param name="SpentMicros">What earlier runs have cost.</param>
/// <param name="ReservedMicros">What earlier runs still reserve beyond that.</param>
[MemoryPackable]
public sealed partial record TotalBudget(long TotalMicros, long SpentMicros, long ReservedMicros)
{
    /// <summary>A share of the budget below which it counts as used up: the rest would go out in runs of a few messages that nobody could measure.</summary>
    public const double UsedUpShare = 0.01;

    /// <summary>What is left for the next run, ≥ 0.</summary>
    [MemoryPackIgnore]
    public long LeftMicros => Math.Max(0, TotalMicros - SpentMicros - ReservedMicros);

    /// <summary>Why a run cannot be launched, and what to do; null where it can.</summary>
    /// <param name="inputs">The run: what a message costs.</param>
    /// <param name="currency">ISO 4217.</param>
    public string? Refusal(RunInputs inputs, string currency)
    {
        var cheapest = inputs.Campaign.Treatments.SelectMany(t => t.Channels.Where(t.CanGoBy).Select(c => SendCost.Micros(t, c, inputs))).DefaultIfEmpty().Min();
        string Text(long micros) => new Money((long)Math.Round(micros / Money.MicrosPerMinor(currency), MidpointRounding.AwayFromZero), currency).ToString();
        return LeftMicros > 0 && LeftMicros >= cheapest && LeftMicros >= UsedUpShare * TotalMicros
            ? null
            : $"Total budget: of {Text(TotalMicros)}, earlier sends have cost {Text(SpentMicros)}" + (ReservedMicros == 0 ? "" : $" and still reserve {Text(ReservedMicros)}")
                + $"; {Text(LeftMicros)} is left, too little for another send. Raise the total budget{(ReservedMicros == 0 ? "" : ", wait until an earlier send has been measured")}, or finish the campaign.";
    }

    /// <summary>The campaign's as its next run finds it; null where it has none.</summary>
    internal static async ValueTask<TotalBudget?> OfAsync(IRowStore rows, IBlobStore blobs, Campaign campaign, string currency, CancellationToken cancellation)
    {
        if (campaign.TotalBudgetMinor is not { } total)
        {
            return null;
        }

        var (spent, reserved) = (0L, 0L);
        for (var occurrence = 0; occurrence < campaign.Occurrences; occurrence++)
        {
            var run = Campaign.RunId(campaign.Id, occurrence);
            var known = await RunSpend.FindAsync(rows, run, cancellation);
            spent += known?.SpentMicros ?? 0;
            reserved += known is { Closed: true } ? 0 : Math.Max(0, await ReservedAsync(rows, blobs, run, cancellation) - (known?.SpentMicros ?? 0));
        }

        return new TotalBudget((long)Math.Floor(total * Money.MicrosPerMinor(currency)), spent, reserved);
    }

    private static async ValueTask<long> ReservedAsync(IRowStore rows, IBlobStore blobs, string run, CancellationToken cancellation)
    {
        if (await rows.FindAsync<JobHead>(Tables.Work, run, JobRows.Head, cancellation) is not { Value: var head } || RowCodec.Decode<RunInputs>(head.Inputs).BudgetMicros is not { } budget)
        {
            return 0;
        }

        return await JobRows.ResultAsync(rows, blobs, run, CountStep.StageName, cancellation) is { } counted ? RowCodec.Decode<CeilingPlan>(counted).Allowances.Sum(a => a.ReservedMicros)
            : head.Status == JobStatus.Failed ? 0
            : budget;
    }
}
