using Campaigns.Core.Jobs;

namespace Campaigns.Core.Dispatch;

/// <summary>When a message may arrive, in the recipient's own time zone. Pure; safe on days when clocks change.</summary>
public static class QuietHours
{
    /// <summary>
    /// The first instant from <paramref name="now"/> on at which a message may go out: <paramref name="now"/> itself within
    /// the hours [<see cref="WorkspaceSettings.SendFromHour"/>, <see cref="WorkspaceSettings.SendUntilHour"/>) of the zone,
    /// else when they next begin. Equal hours mean no quiet hours; from above until means a span over midnight.
    /// </summary>
    public static DateTimeOffset NextOpen(DateTimeOffset now, TimeZoneInfo zone, int fromHour, int untilHour)
    {
        var local = TimeZoneInfo.ConvertTime(now, zone);
        if (fromHour == untilHour || IsOpen(local.Hour, fromHour, untilHour))
        {
            return now;
        }

        var day = local.Hour < fromHour ? local.Date : local.Date.AddDays(1);
        var opening = ToInstant(day.AddHours(fromHour), zone);
        // The hour may exist twice (clocks go back): the first passage can lie behind us already.
        return opening > now ? opening : now;
    }

    /// <summary>The recipient's zone, else the workspace's, else UTC.</summary>
    public static TimeZoneInfo ZoneOf(string? recipient, string workspace) =>
        recipient is not null && TimeZoneInfo.TryFindSystemTimeZoneById(recipient, out var own) ? own
        : TimeZoneInfo.TryFindSystemTimeZoneById(workspace, out var shops) ? shops
        : TimeZoneInfo.Utc;

    private static bool IsOpen(int hour, int from, int until) => from < until ? hour >= from && hour < until : hour >= from || hour < until;

    private static DateTimeOffset ToInstant(DateTime local, TimeZoneInfo zone)
    {
        // A gap (clocks go forward) has no such time: the first minute after it is the opening.
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(1);
        }

        // Of two passages the first: the one with the larger offset from UTC.
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), offset).ToUniversalTime();
    }
}
