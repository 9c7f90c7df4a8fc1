using Campaigns.Core.Planning;

namespace Campaigns.Cli.Demo;

/// <summary>Where the demo's orders come from: a generated market or a real file.</summary>
internal interface IDemoSource
{
    /// <summary>What it is, in one line.</summary>
    string Description { get; }

    /// <summary>Business time at which the campaigns are launched: the end of the history.</summary>
    DateTimeOffset LaunchAt { get; }

    /// <summary>End of what follows.</summary>
    DateTimeOffset EndAt { get; }

    /// <summary>The shop's settings.</summary>
    object Settings { get; }

    /// <summary>Imports customers and the orders up to the launch.</summary>
    Task ImportHistoryAsync(DemoShop shop, CancellationToken cancellation);

    /// <summary>Feeds in what happened in [from, to): touches, then orders.</summary>
    Task FeedAsync(DemoShop shop, IReadOnlyList<DemoRunRecord> runs, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation);

    /// <summary>The true lift of a run, incremental profit (or revenue) per 1,000 assigned in minor units; null where nobody knows it.</summary>
    double? TruePer1000Minor(DemoRunRecord run, IReadOnlyList<DemoRunRecord> all);

    /// <summary>What is to be said about the truth.</summary>
    string TruthNote { get; }
}

/// <summary>A run of the demo with its assignments.</summary>
internal sealed record DemoRunRecord(string Run, RunInputs Inputs, DateTimeOffset AssignedAt, IReadOnlyList<AssignmentRow> Assignments);
