using MemoryPack;

namespace Campaigns.Core.Jobs;

/// <summary>
/// What keeps a mistake small: how a send begins, and what stops it. Part of the settings; a send freezes them at launch. On in every
/// new store; each can be switched off by name, none is off by itself.
/// </summary>
[MemoryPackable]
public sealed partial record SendBrakes
{
    /// <summary>Minutes of business time between launch and the first message, in which the send can be cancelled; 0 … 1,440, 0 = none.</summary>
    public int LaunchWaitMinutes { get; init; } = 10;

    /// <summary>Share of the messages that goes out first, above 0, at most 1; 1 = all at once.</summary>
    public double FirstShare { get; init; } = 0.05;

    /// <summary>Minutes of business time between the first message of the first share and the rest, 0 … 1,440: bounces and complaints come in meanwhile.</summary>
    public int FirstMinutes { get; init; } = 30;

    /// <summary>Calls of a provider that fail in a row before the send pauses itself; 0 = it never does.</summary>
    public int ProviderErrors { get; init; } = 10;

    /// <summary>Complaints as a share of delivered messages above which the send pauses itself, in [0, 1]; 1 = it never does. Mailbox providers ask for less than 0.1 %.</summary>
    public double ComplaintShare { get; init; } = 0.001;

    /// <summary>Days since the newest order after which campaigns do not send by themselves; 0 = any number.</summary>
    public int StaleOrderDays { get; init; } = 2;

    /// <summary>Change of a segment's size since the campaign's last send, as a share, above which it does not send by itself; 0 = any.</summary>
    public double SegmentMoveShare { get; init; } = 0.3;

    /// <summary>No brake at all: for stores whose business time is moved by a program.</summary>
    public static SendBrakes Off { get; } = new()
    {
        LaunchWaitMinutes = 0,
        FirstShare = 1,
        FirstMinutes = 0,
        ProviderErrors = 0,
        ComplaintShare = 1,
        StaleOrderDays = 0,
        SegmentMoveShare = 0,
    };

    /// <summary>What is wrong, as a sentence; null where nothing is.</summary>
    public string? Problem() =>
        LaunchWaitMinutes is < 0 or > MostMinutes || FirstMinutes is < 0 or > MostMinutes ? "Waits lie between 0 and 1,440 minutes."
        : FirstShare is not (> 0 and <= 1) ? "The share that goes out first is above 0 and at most 1."
        : ProviderErrors is < 0 or > 1000 ? "Provider errors in a row lie between 1 and 1,000; 0 switches the brake off."
        : ComplaintShare is not (>= 0 and <= 1) ? "The share of complaints lies between 0 and 1; 1 switches the brake off."
        : StaleOrderDays is < 0 or > 365 ? "Days since the newest order lie between 1 and 365; 0 switches the brake off."
        : SegmentMoveShare is not (>= 0 and <= 100) ? "The change of a segment is a share of its size, at most 100; 0 switches the brake off."
        : null;

    /// <summary>A day: what waits for longer is forgotten.</summary>
    private const int MostMinutes = 1440;
}
