using System.Text.Json.Serialization;
using Campaigns.Core.Primitives;
using MemoryPack;

namespace Campaigns.Core.Jobs;

/// <summary>
/// How fast messages of a channel go out, over all campaigns and instances, by the real clock. Part of the settings; what waits is put
/// off, never dropped for it.
/// </summary>
[MemoryPackable]
public sealed partial record SendLimit
{
    /// <summary>The channel.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<Channel>))]
    public Channel Channel { get; init; }

    /// <summary>Messages a second, 0.01 … 10,000; null = as many as the provider takes.</summary>
    public double? PerSecond { get; init; }

    /// <summary>Messages a day (UTC), 1 … 100,000,000; null = any number.</summary>
    public int? PerDay { get; init; }

    /// <summary>A new domain's reputation is built up slowly; null = it has one.</summary>
    public WarmUp? WarmUp { get; init; }

    /// <summary>The channel's limit with the provider's own rate; null where there is neither.</summary>
    public static SendLimit? Of(WorkspaceSettings settings, Channel channel, double? providerPerSecond)
    {
        var own = Array.Find(settings.Limits, l => l.Channel == channel);
        return (own, providerPerSecond) switch
        {
            (null, null) => null,
            (null, _) => new SendLimit { Channel = channel, PerSecond = providerPerSecond },
            (_, null) => own is { PerSecond: null, PerDay: null, WarmUp: null } ? null : own,
            _ => own with { PerSecond = Math.Min(own.PerSecond ?? double.MaxValue, providerPerSecond.Value) },
        };
    }

    /// <summary>The most messages on a day before which messages went out on <paramref name="sendingDays"/> days of the warm-up.</summary>
    public int Allowance(int sendingDays)
    {
        var warm = WarmUp is { } w ? Math.Min(w.FirstDay * Math.Pow(w.Growth, sendingDays), MostPerDay) : MostPerDay;
        return Math.Min(PerDay ?? MostPerDay, (int)warm);
    }

    /// <summary>What is wrong with the limits of a workspace, as a sentence; null where nothing is.</summary>
    public static string? Problem(IReadOnlyList<SendLimit> limits) =>
        limits.Select(l => l.Channel).Distinct().Count() < limits.Count ? "A channel has one limit."
        : limits.Any(l => !Enum.IsDefined(l.Channel)) ? "A limit names its channel: email or sms."
        : limits.Any(l => l.PerSecond is not (null or (>= 0.01 and <= 10_000))) ? "Messages a second lie between 0.01 and 10,000."
        : limits.Any(l => l.PerDay is < 1 or > MostPerDay) ? "Messages a day lie between 1 and 100,000,000."
        : limits.Any(l => l.WarmUp is { } w && (w.FirstDay is < 1 or > MostPerDay || w.Growth is not (>= 1 and <= 10))) ? "A warm-up begins with at least one message on its first day, and each day takes 1 to 10 times as many as the one before."
        : null;

    /// <summary>Above any provider.</summary>
    private const int MostPerDay = 100_000_000;
}

/// <summary>
/// The ramp-up of a new domain or number: so many messages on the first day, and on each further day on which messages go out a multiple of the
/// one before. Mailbox providers distrust a domain that sends much from nothing.
/// </summary>
/// <param name="From">When it was begun; another date begins it anew.</param>
/// <param name="FirstDay">Messages on the first day, at least 1.</param>
/// <param name="Growth">How many times as many each sending day, 1 … 10.</param>
[MemoryPackable]
public sealed partial record WarmUp(DateOnly From, int FirstDay, double Growth);
