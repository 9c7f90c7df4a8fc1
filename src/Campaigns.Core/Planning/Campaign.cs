using Campaigns.Core.Offers;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Planning;

/// <summary>State of a campaign. Values are stored: never renumber.</summary>
public enum CampaignStatus : byte
{
    /// <summary>Being written; never sends.</summary>
    Draft = 0,

    /// <summary>Launched: <c>LaunchCampaigns</c> starts its runs when they are due.</summary>
    Active = 1,

    /// <summary>Held: nothing further is claimed until resumed.</summary>
    Paused = 2,

    /// <summary>Over: no further runs.</summary>
    Finished = 3,

    /// <summary>Stopped by hand: no further runs, and what is decided but not yet sent is skipped. Cannot be resumed.</summary>
    Stopped = 4,
}

/// <summary>How a campaign chooses between its message variants. Values are stored: never renumber.</summary>
public enum Strategy : byte
{
    /// <summary>By itself: adaptive once there are two variants and margins are known, else alike.</summary>
    Automatic = 0,

    /// <summary>Always the first variant that reaches the customer.</summary>
    Fixed = 1,

    /// <summary>All variants alike (A/B/n).</summary>
    Split = 2,

    /// <summary>Variants by the probability that they earn most over sending nothing, as learnt from earlier sends.</summary>
    Adaptive = 3,
}

/// <summary>A segment of a campaign that chooses between the message variants in its own way.</summary>
/// <param name="Segment">Id of one of the campaign's segments.</param>
/// <param name="Strategy">How; automatic looks at the variants that are for the segment.</param>
[MemoryPackable]
public readonly partial record struct SegmentStrategy(string Segment, Strategy Strategy);

/// <summary>What a campaign is for. Values are stored: never renumber.</summary>
public enum CampaignPurpose : byte
{
    /// <summary>To earn more than without it: some are held out, so that it can be told.</summary>
    Marketing = 0,

    /// <summary>A benefit that customers were promised: nobody is held out.</summary>
    PromisedBenefit = 1,

    /// <summary>Something customers must be told: nobody is held out.</summary>
    ServiceMessage = 2,
}

/// <summary>
/// A campaign as a marketer configures it: who (segments), what (message variants with their offers), how (channels),
/// when, and how much is held out. Row {campaign} of table campaigns.
/// </summary>
[MemoryPackable]
public sealed partial record Campaign : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Id: lower-case letters, digits and hyphens, at most 60 characters.</summary>
    public required string Id { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>The audience: customers whose primary segment is one of these.</summary>
    public required string[] Segments { get; init; }

    /// <summary>Message variants; each customer draws one of those that fit, or nothing.</summary>
    public required Treatment[] Treatments { get; init; }

    /// <summary>Share held out, in [0, 0.5]; null = the workspace's.</summary>
    public double? HoldoutShare { get; init; }

    /// <summary>Days from assignment in which all orders of both arms count.</summary>
    public int OutcomeWindowDays { get; init; } = 30;

    /// <summary>Days before the campaign may address a customer again.</summary>
    public int ReentryPauseDays { get; init; } = 90;

    /// <summary>Days between runs; 0 = one run.</summary>
    public int RepeatDays { get; init; }

    /// <summary>The first run is due at this business time; null = as soon as the campaign is active.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>The most messages per run; null = no ceiling.</summary>
    public int? MaxSends { get; init; }

    /// <summary>The most that a run's sending may cost, in minor units; null = no ceiling.</summary>
    public long? MaxSendCostMinor { get; init; }

    /// <summary>Lower goes first where campaigns want the same customer.</summary>
    public int Priority { get; init; } = 100;

    /// <summary>State.</summary>
    public CampaignStatus Status { get; init; }

    /// <summary>Business time at which it became active, or null.</summary>
    public DateTimeOffset? ActivatedAt { get; init; }

    /// <summary>Runs started so far; the next run's occurrence number.</summary>
    public int Occurrences { get; init; }

    /// <summary>Business time of the newest run, or null.</summary>
    public DateTimeOffset? LastRunAt { get; init; }

    /// <summary>Why the newest launch was refused and what to do, or null.</summary>
    public string? LaunchProblem { get; init; }

    /// <summary>What counts as a conversion: null = an order, else the name of another valued event ("product opened", "renewal"). Revenue is then that event's value.</summary>
    public string? ConversionEvent { get; init; }

    /// <summary>How it chooses between its variants.</summary>
    public Strategy Strategy { get; init; }

    /// <summary>
    /// Customers in an open outcome window of another campaign may take part; only the campaign's own windows keep them out.
    /// Then what the other campaign does to them is noise in both results, alike in both arms.
    /// </summary>
    public bool OnlyOwnWindows { get; init; }

    /// <summary>The most that a run may cost in all, minor units: sending, discounts taken up and benefits; null = no budget.</summary>
    public long? BudgetMinor { get; init; }

    /// <summary>What it is for.</summary>
    public CampaignPurpose Purpose { get; init; }

    /// <summary>The least that may be left of an order's price after discount, benefit and sending, as a share of it, in [0, 1]; null = the workspace's.</summary>
    public double? MarginFloorShare { get; init; }

    /// <summary>
    /// Who ordered since the decision does not get the message (true), or does (false); null = as the segment says: where an order
    /// ends it (silence, "at risk"), the message would be pointless.
    /// </summary>
    public bool? SkipsWhoOrdered { get; init; }

    /// <summary>Hours after the decision from which on a message is not sent any more, 1 … 2,160; null = by what it is for: see <c>Dispatch/SendGate</c>.</summary>
    public int? ExpiryHours { get; init; }

    /// <summary>Segments that choose in another way than <see cref="Strategy"/> says, each at most once.</summary>
    public SegmentStrategy[] SegmentStrategies { get; init => field = value ?? []; } = [];

    /// <summary>Id of the purpose that recipients must have consented to; "" = marketing: see <see cref="Jobs.ConsentPurpose"/>.</summary>
    public string ConsentPurpose { get; init => field = value ?? ""; } = "";

    /// <summary>The most that all its runs together may cost, minor units: sending, discounts taken up and benefits; null = no total budget.</summary>
    public long? TotalBudgetMinor { get; init; }

    /// <summary>Promised to everyone: nobody is held out, so that nothing can be said about its effect.</summary>
    [MemoryPackIgnore]
    public bool IsPromised => Purpose != CampaignPurpose.Marketing;

    /// <summary>The offer of a variant, or null where there is no such variant.</summary>
    public Offer? OfferOf(string treatment) => Array.Find(Treatments, t => string.Equals(t.Id, treatment, StringComparison.Ordinal))?.Offer;

    /// <summary>The strategy that a run follows in segments without one of their own. What is promised to everyone is never chosen by what it earns.</summary>
    /// <param name="marginKnown">Margins are known: without them nothing can be said of profit.</param>
    public Strategy StrategyWith(bool marginKnown) => Resolved(Strategy, Treatments.Length, marginKnown);

    /// <summary>The segments whose strategy in a run is not <see cref="StrategyWith"/>, in ordinal order.</summary>
    /// <param name="marginKnown">Margins are known.</param>
    public SegmentStrategy[] SegmentStrategiesWith(bool marginKnown) =>
        [.. SegmentStrategies
            .Where(s => Array.IndexOf(Segments, s.Segment) >= 0)
            .Select(s => s with { Strategy = Resolved(s.Strategy, Treatments.Count(t => t.FitsSegment(s.Segment)), marginKnown) })
            .Where(s => s.Strategy != StrategyWith(marginKnown))
            .OrderBy(s => s.Segment, StringComparer.Ordinal)];

    private Strategy Resolved(Strategy strategy, int treatments, bool marginKnown) =>
        strategy != Strategy.Automatic ? strategy
        : treatments > 1 && !IsPromised && marginKnown && ConversionEvent is null ? Strategy.Adaptive
        : Strategy.Split;

    /// <summary>The id of a campaign's run: hash(campaign, occurrence), so that a launch that is repeated is the same run.</summary>
    public static string RunId(string campaign, int occurrence) =>
        "run-" + StableHash.Id(campaign, occurrence.ToString(System.Globalization.CultureInfo.InvariantCulture))[..16];
}

/// <summary>A message variant: offer × channels × content.</summary>
[MemoryPackable]
public sealed partial record Treatment
{
    /// <summary>Id within the campaign: lower-case letters, digits and hyphens.</summary>
    public required string Id { get; init; }

    /// <summary>The offer.</summary>
    public required Offer Offer { get; init; }

    /// <summary>Segments that it is for; empty = all of the campaign's.</summary>
    public string[] Segments { get; init; } = [];

    /// <summary>Channels in order of preference; the first on which the customer can be contacted is used.</summary>
    public Channel[] Channels { get; init; } = [Channel.Email, Channel.Sms];

    /// <summary>Content.</summary>
    public required MessageTemplate Template { get; init; }

    /// <summary>The variant is meant for customers of the segment.</summary>
    public bool FitsSegment(string segment) => Segments.Length == 0 || Array.IndexOf(Segments, segment) >= 0;

    /// <summary>There is content for the channel.</summary>
    public bool CanGoBy(Channel channel) => channel == Channel.Email || Template.Sms is not null;
}

/// <summary>Handlebars sources of a message. See <c>Dispatch/MessageRenderer</c> for the fields that they may use.</summary>
[MemoryPackable]
public sealed partial record MessageTemplate
{
    /// <summary>Subject of the e-mail.</summary>
    public required string Subject { get; init; }

    /// <summary>HTML body; values are encoded.</summary>
    public required string Html { get; init; }

    /// <summary>Plain-text body; null = made from the HTML.</summary>
    public string? Text { get; init; }

    /// <summary>SMS text; null = the variant is not sent by SMS.</summary>
    public string? Sms { get; init; }
}
