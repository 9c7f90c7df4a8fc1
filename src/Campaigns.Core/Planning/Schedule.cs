namespace Campaigns.Core.Planning;

/// <summary>When a campaign's runs are due. Pure.</summary>
public static class Schedule
{
    /// <summary>
    /// Business time at which the next run is due, or null where none is. Repeated runs keep to a grid of
    /// <see cref="Campaign.RepeatDays"/> from the first one's due time, so that late ticks do not add up; runs that were
    /// missed (a pause, an outage) come as one, not as many.
    /// </summary>
    public static DateTimeOffset? NextDueAt(Campaign campaign)
    {
        if (campaign.Status != CampaignStatus.Active || (campaign.StartAt ?? campaign.ActivatedAt) is not { } first)
        {
            return null;
        }

        if (campaign.Occurrences == 0 || campaign.LastRunAt is not { } last)
        {
            return first;
        }

        if (campaign.RepeatDays == 0)
        {
            return null;
        }

        var passed = last < first ? 0 : (long)Math.Floor((last - first).TotalDays / campaign.RepeatDays) + 1;
        return first.AddDays(passed * campaign.RepeatDays);
    }

    /// <summary>No run is to come and the last one's window has closed.</summary>
    public static bool IsOver(Campaign campaign, DateTimeOffset now) =>
        campaign is { Status: CampaignStatus.Active, RepeatDays: 0, Occurrences: > 0, LastRunAt: { } last } && last.AddDays(campaign.OutcomeWindowDays) <= now;
}
