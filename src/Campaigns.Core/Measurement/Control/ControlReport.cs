using Campaigns.Core.Primitives;

namespace Campaigns.Core.Measurement.Control;

/// <summary>
/// What all campaigns of a quarter together changed: customers outside the global control group against those in it, by the
/// draw, whatever was sent to them. Group and others have been drawn once, so one stratum.
/// </summary>
public sealed class ControlReport
{
    /// <summary>The report of a summary.</summary>
    public ControlReport(ControlSummary summary)
    {
        Summary = summary;
        var (group, others) = (summary.Group, summary.Others);
        var inputs = summary.Inputs;
        Closed = summary.MeasuredAt >= inputs.Until;
        MarginKnown = inputs.Margin.Known;
        var elapsed = Math.Clamp((summary.MeasuredAt - inputs.From) / (inputs.Until - inputs.From), 0, 1);
        var customers = group.Customers + others.Customers;
        Effect Judge(Sums treated, Sums heldOut, double unit) => Verdicts.Judge(
            [new Stratum(treated, heldOut)], unit, (others.Buyers, group.Buyers), customers * elapsed, customers, Closed);
        Revenue = Judge(others.CappedRevenue, group.CappedRevenue, 1);
        Profit = MarginKnown ? Judge(others.CappedProfit, group.CappedProfit, inputs.MicrosPerMinor) : null;
        Uncapped = MarginKnown ? Judge(others.Profit, group.Profit, inputs.MicrosPerMinor) : Judge(others.Revenue, group.Revenue, 1);
        var expected = customers * (double)inputs.Group.PartsPerMillion / StableHash.Million;
        SampleRatioP = SampleRatio.PValue([(group.Customers, expected), (others.Customers, customers - expected)]);
    }

    /// <summary>The sums.</summary>
    public ControlSummary Summary { get; }

    /// <summary>The quarter.</summary>
    public Quarter Quarter => Quarter.OfIndex(Summary.Inputs.Group.QuarterIndex);

    /// <summary>The quarter is over.</summary>
    public bool Closed { get; }

    /// <summary>Margins are known: there is profit to speak of.</summary>
    public bool MarginKnown { get; }

    /// <summary>Extra revenue per 1,000 customers, minor units, spending up to the cap.</summary>
    public Effect Revenue { get; }

    /// <summary>Extra profit per 1,000 customers, minor units, spending up to the cap; null where margins are unknown.</summary>
    public Effect? Profit { get; }

    /// <summary>The same as the headline on all spending: no verdict rests on it.</summary>
    public Effect Uncapped { get; }

    /// <summary>The headline: profit where margins are known, else revenue.</summary>
    public Effect Headline => Profit ?? Revenue;

    /// <summary>"profit" or "revenue".</summary>
    public string Figure => MarginKnown ? "profit" : "revenue";

    /// <summary>The headline over all customers outside the group, minor units; null where nothing can be compared.</summary>
    public double? TotalMinor => Headline.Per1000 * Summary.Others.Customers / Verdicts.Per;

    /// <summary>p-value of the two sides' sizes against the share that was drawn; null where one was not to be expected at all.</summary>
    public double? SampleRatioP { get; }

    /// <summary>The sizes do not fit the draw: customers of one side get lost, and no figure can be believed.</summary>
    public bool SampleRatioAlert => SampleRatioP < SampleRatio.AlertBelow;

    /// <summary>The headline in words.</summary>
    public string Describe(string currency) => Verdicts.Describe(Headline, currency, Figure);
}
