using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;

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

    /// <summary>
    /// The first instant from <paramref name="now"/> on at which a message to the recipient may go out: within the hours of the
    /// country, else the workspace's; text messages never outside <see cref="ContactRules.SmsFromHour"/> to
    /// <see cref="ContactRules.SmsUntilHour"/>; not on a closed day. Where the zone is not known, at an instant that is open in
    /// every zone in which the recipient may be; where there is none within a month, by the workspace's clock.
    /// </summary>
    public static DateTimeOffset NextOpen(DateTimeOffset now, CustomerRow customer, Channel channel, WorkspaceSettings settings)
    {
        var country = RecipientPlace.CountryOf(customer, settings);
        var (from, until) = HoursOf(channel, country, settings);
        var zones = RecipientPlace.ZonesOf(customer.TimeZone, country, settings);
        var at = now;
        for (var step = 0; step < MaxSteps; step++)
        {
            var next = zones.Max(z => NextOpenDay(at, z, country, from, until, settings.Contact));
            if (next == at)
            {
                return at;
            }

            at = next;
        }

        return NextOpen(now, ZoneOf(null, settings.TimeZone), from, until);
    }

    /// <summary>A month of days, with a few zones each.</summary>
    private const int MaxSteps = 120;

    private static (int From, int Until) HoursOf(Channel channel, string country, WorkspaceSettings settings)
    {
        var own = Array.Find(settings.Contact.Hours, h => string.Equals(h.Country, country, StringComparison.OrdinalIgnoreCase));
        var (from, until) = own.Country is null ? (settings.SendFromHour, settings.SendUntilHour) : (own.From, own.Until);
        var (smsFrom, smsUntil) = (Math.Max(from, ContactRules.SmsFromHour), Math.Min(until, ContactRules.SmsUntilHour));
        return channel != Channel.Sms ? (from, until)
            : from < until && smsFrom < smsUntil ? (smsFrom, smsUntil)
            : (ContactRules.SmsFromHour, ContactRules.SmsUntilHour);
    }

    /// <summary>The first open hour in the zone, on a day that is not closed; after a month of closed days, whatever day it is.</summary>
    private static DateTimeOffset NextOpenDay(DateTimeOffset now, TimeZoneInfo zone, string country, int fromHour, int untilHour, ContactRules rules)
    {
        var at = NextOpen(now, zone, fromHour, untilHour);
        for (var day = 0; day < 31 && rules.IsClosed(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime), country); day++)
        {
            at = NextOpen(ToInstant(TimeZoneInfo.ConvertTime(at, zone).Date.AddDays(1), zone), zone, fromHour, untilHour);
        }

        return at;
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
