using Campaigns.Core.Dispatch;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using CsCheck;

namespace Campaigns.Core.Tests.Dispatch;

public class SendGateTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Zones = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "America/Sao_Paulo", "Pacific/Apia"];
    private static readonly CustomerRow Reachable = DispatchWorld.Customer("1", "Europe/London");

    private static SendDecision Decide(CustomerRow? customer, DateTimeOffset? now = null, CampaignStatus status = CampaignStatus.Active, string segment = "loyal", DateTimeOffset? lastOrderAt = null, string[]? silent = null, bool? skips = null) =>
        SendGate.Decide(
            customer, DispatchWorld.Assignment("1", Channel.Email, Noon.AddHours(-1)) with { Segment = segment }, "run-x", Inputs(silent, skips), status, lastOrderAt, DispatchWorld.Settings, now ?? Noon);

    private static RunInputs Inputs(string[]? silent, bool? skips)
    {
        var inputs = DispatchWorld.Inputs(Noon);
        return inputs with { SilentSegments = silent, Campaign = inputs.Campaign with { SkipsWhoOrdered = skips } };
    }

    private static void Skips(string why, SendDecision decision) => Assert.Equal(new SendDecision.Skip(why), decision);

    [Fact]
    public void Whoever_passes_every_gate_gets_the_message() => Assert.Equal(new SendDecision.Send(), Decide(Reachable));

    [Fact]
    public void Each_gate_says_its_own_reason()
    {
        Skips(SendReasons.Suppressed, Decide(Reachable with { EmailSuppression = "unsubscribed" }));
        Skips(SendReasons.NoConsent, Decide(Reachable with { EmailConsent = Consent.Unknown }));
        Skips(SendReasons.NoConsent, Decide(Reachable with { EmailConsent = new Consent(false, "form", Noon) }));
        Skips(SendReasons.NoAddress, Decide(Reachable with { Email = null }));
        Skips(SendReasons.Objection, Decide(Reachable with { Profiling = new Consent(false, "letter", Noon) }));
        Skips(SendReasons.NoCustomer, Decide(null));
        Skips(SendReasons.NoCustomer, Decide(Reachable with { CustomerId = "another" }));
        Skips(SendReasons.CampaignStopped, Decide(Reachable, status: CampaignStatus.Stopped));
        Skips(SendReasons.TooLate, Decide(Reachable, Noon.AddDays(8)));
        Skips(SendReasons.Capped, Decide(Reachable with { RecentSends = [new RecentSend(Channel.Email, "other", "run-y", Noon.AddHours(-2))] }));
    }

    [Fact]
    public void Consent_to_the_campaigns_purpose_is_looked_up_again_at_the_moment_of_sending()
    {
        var inputs = DispatchWorld.Inputs(Noon);
        var news = inputs with { Campaign = inputs.Campaign with { ConsentPurpose = "newsletter" } };
        SendDecision At(CustomerRow customer) => SendGate.Decide(
            customer, DispatchWorld.Assignment("1", Channel.Email, Noon.AddHours(-1)), "run-x", news, CampaignStatus.Active, null, DispatchWorld.Settings, Noon);

        Skips(SendReasons.NoConsent, At(Reachable));
        Assert.Equal(new SendDecision.Send(), At(Reachable with { EmailConsent = Consent.Unknown, PurposeConsents = [new("newsletter", Channel.Email, new Consent(true, "form", Noon))] }));
        Skips(SendReasons.NoConsent, At(Reachable with { PurposeConsents = [new("newsletter", Channel.Email, new Consent(false, "form", Noon))] }));
    }

    [Fact]
    public void A_runs_own_claim_does_not_stand_in_its_way() =>
        Assert.Equal(new SendDecision.Send(), Decide(Reachable with { RecentSends = [new RecentSend(Channel.Email, "c", "run-x", Noon.AddHours(-2))] }));

    [Fact]
    public void Only_a_win_back_is_pointless_after_an_order()
    {
        Skips(SendReasons.OrderedSince, Decide(Reachable, segment: "at-risk", lastOrderAt: Noon.AddMinutes(-5)));
        Assert.Equal(new SendDecision.Send(), Decide(Reachable, segment: "at-risk", lastOrderAt: Noon.AddDays(-5)));
        Assert.Equal(new SendDecision.Send(), Decide(Reachable, segment: "loyal", lastOrderAt: Noon.AddMinutes(-5)));
    }

    [Fact]
    public void A_segment_that_an_order_ends_decides_and_the_campaign_before_it()
    {
        var ordered = Noon.AddMinutes(-5);
        Skips(SendReasons.OrderedSince, Decide(Reachable, segment: "quiet", lastOrderAt: ordered, silent: ["quiet"]));
        Assert.Equal(new SendDecision.Send(), Decide(Reachable, segment: "at-risk", lastOrderAt: ordered, silent: ["quiet"]));
        Assert.Equal(new SendDecision.Send(), Decide(Reachable, segment: "quiet", lastOrderAt: ordered, silent: ["quiet"], skips: false));
        Skips(SendReasons.OrderedSince, Decide(Reachable, segment: "loyal", lastOrderAt: ordered, silent: [], skips: true));
    }

    [Fact]
    public void Whoever_left_the_audience_gets_nothing_unless_it_was_promised()
    {
        SendDecision In(string? segment, CampaignPurpose purpose = CampaignPurpose.Marketing) => SendGate.Decide(
            Reachable, DispatchWorld.Assignment("1", Channel.Email, Noon), "run-x", Inputs([], null) is var i ? i with { Campaign = i.Campaign with { Purpose = purpose } } : i, CampaignStatus.Active, null, DispatchWorld.Settings, Noon, segment);
        Skips(SendReasons.LeftAudience, In("at-risk"));
        Skips(SendReasons.LeftAudience, In(""));
        Assert.Equal(new SendDecision.Send(), In("loyal"));
        Assert.Equal(new SendDecision.Send(), In(null));
        Assert.Equal(new SendDecision.Send(), In("at-risk", CampaignPurpose.PromisedBenefit));
    }

    [Fact]
    public void A_win_back_expires_after_three_days_and_a_campaign_may_say_otherwise()
    {
        Assert.Equal(new SendDecision.Send(), Decide(Reachable, Noon.AddDays(2), segment: "at-risk"));
        Skips(SendReasons.TooLate, Decide(Reachable, Noon.AddDays(3), segment: "at-risk"));
        var inputs = Inputs(null, null);
        var row = DispatchWorld.Assignment("1", Channel.Email, Noon);
        Assert.Equal(TimeSpan.FromDays(7), SendGate.ExpiresAfter(row, inputs));
        Assert.Equal(TimeSpan.FromDays(14), SendGate.ExpiresAfter(row, inputs with { Campaign = inputs.Campaign with { Purpose = CampaignPurpose.ServiceMessage } }));
        Assert.Equal(TimeSpan.FromHours(5), SendGate.ExpiresAfter(row, inputs with { Campaign = inputs.Campaign with { ExpiryHours = 5 } }));
    }

    [Fact]
    public void Caps_are_the_workspaces_per_channel_and_in_all()
    {
        FrequencyCap[] caps = [.. ContactRules.BankCaps, new FrequencyCap(null, 30, 2)];
        CustomerRow Sent(params RecentSend[] sends) => Reachable with { RecentSends = sends };
        RecentSend At(Channel channel, int days) => new(channel, "c", "run-" + days, Noon.AddDays(-days));
        Assert.False(Caps.Allow(Sent(At(Channel.Email, 6)), Channel.Email, Noon, caps));
        Assert.True(Caps.Allow(Sent(At(Channel.Email, 8)), Channel.Email, Noon, caps));
        Assert.True(Caps.Allow(Sent(At(Channel.Email, 6)), Channel.Sms, Noon, caps));
        Assert.False(Caps.Allow(Sent(At(Channel.Email, 8), At(Channel.Email, 20)), Channel.Sms, Noon, caps));
    }

    [Fact]
    public void Text_messages_never_go_out_before_eight_or_from_nine_in_the_evening_on() =>
        Gen.Select(Gen.Int[0, Zones.Length - 1].Select(i => Zones[i]), Gen.Int[0, 23], Gen.Int[0, 24], Gen.Long[0, 2L * 365 * 86_400]).Sample((zone, from, until, second) =>
        {
            var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + second);
            var settings = DispatchWorld.Settings with { SendFromHour = from, SendUntilHour = until };
            var open = QuietHours.NextOpen(now, Reachable with { TimeZone = zone }, Channel.Sms, settings);
            var hour = TimeZoneInfo.ConvertTime(open, TimeZoneInfo.FindSystemTimeZoneById(zone)).Hour;
            Assert.InRange(hour, ContactRules.SmsFromHour, ContactRules.SmsUntilHour - 1);
            Assert.InRange(open, now, now.AddHours(26));
        });

    [Fact]
    public void Whose_zone_is_not_known_is_written_to_when_it_is_day_everywhere_in_the_country()
    {
        var american = Reachable with { TimeZone = null, Country = "US" };
        var zones = RecipientPlace.ZonesOf(null, "US", DispatchWorld.Settings);
        Gen.Long[0, 2L * 365 * 86_400].Sample(second =>
        {
            var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + second);
            var open = QuietHours.NextOpen(now, american, Channel.Email, DispatchWorld.Settings);
            Assert.All(zones, z => Assert.InRange(TimeZoneInfo.ConvertTime(open, z).Hour, 9, 19));
            Assert.InRange(open, now, now.AddDays(1).AddHours(2));
        });
        Assert.Equal("Europe/Berlin", Assert.Single(RecipientPlace.ZonesOf("No/Where", RecipientPlace.CountryOf(Reachable with { Phone = "+4915112345678" }, DispatchWorld.Settings), DispatchWorld.Settings)).Id);
        Assert.Equal(DispatchWorld.Settings.TimeZone, Assert.Single(RecipientPlace.ZonesOf(null, "GB", DispatchWorld.Settings)).Id);
    }

    [Fact]
    public void Closed_days_and_hours_of_a_country_hold_there_and_put_off_but_never_drop()
    {
        var settings = DispatchWorld.Settings with { Contact = new ContactRules { ClosedDays = ["sundays", "DE 10-03", "2026-12-25", "12-26"], Hours = [new CountryHours("FR", 10, 18)] } };
        Assert.Null(settings.Contact.Problem());
        var german = Reachable with { TimeZone = "Europe/Berlin", Country = "DE" };
        DateTimeOffset Open(CustomerRow customer, string now) => QuietHours.NextOpen(DateTimeOffset.Parse(now), customer, Channel.Email, settings);
        Assert.Equal(DateTimeOffset.Parse("2026-10-05T07:00:00Z"), Open(german, "2026-10-03T10:00:00Z")); // Unity Day, then a Sunday.
        Assert.Equal(DateTimeOffset.Parse("2026-10-03T10:00:00Z"), Open(Reachable, "2026-10-03T10:00:00Z"));
        Assert.Equal(DateTimeOffset.Parse("2026-12-28T09:00:00Z"), Open(Reachable, "2026-12-24T21:00:00Z"));
        Assert.Equal(DateTimeOffset.Parse("2026-03-11T09:00:00Z"), Open(Reachable with { TimeZone = "Europe/Paris", Country = "FR" }, "2026-03-10T17:30:00Z"));
        Assert.All((string[])["someday", "13-40", "GERMANY 10-03", "2026-1-1"], d => Assert.NotNull(new ContactRules { ClosedDays = [d] }.Problem()));
    }

    [Fact]
    public void Quiet_hours_are_those_of_the_recipient()
    {
        Assert.IsType<SendDecision.Defer>(Decide(Reachable with { TimeZone = "Pacific/Auckland" }));
        var defer = Assert.IsType<SendDecision.Defer>(Decide(Reachable with { TimeZone = "America/Los_Angeles" }));
        Assert.Equal(new DateTimeOffset(2026, 3, 10, 16, 0, 0, TimeSpan.Zero), defer.Until);
        Assert.Equal(new SendDecision.Send(), Decide(Reachable with { TimeZone = "No/Where" }));
    }

    [Theory]
    [InlineData("2026-03-28T22:00:00Z", "2026-03-29T08:00:00Z")] // London: clocks go forward in the night; 9:00 is 8:00 UTC.
    [InlineData("2026-10-24T22:00:00Z", "2026-10-25T09:00:00Z")] // Clocks go back.
    [InlineData("2026-03-10T08:59:59Z", "2026-03-10T09:00:00Z")]
    [InlineData("2026-03-10T20:00:00Z", "2026-03-11T09:00:00Z")]
    [InlineData("2026-03-10T19:59:59Z", "2026-03-10T19:59:59Z")]
    public void Waiting_ends_at_nine_by_the_wall_clock(string now, string open) =>
        Assert.Equal(DateTimeOffset.Parse(open), QuietHours.NextOpen(DateTimeOffset.Parse(now), TimeZoneInfo.FindSystemTimeZoneById("Europe/London"), 9, 20));

    [Fact]
    public void An_opening_hour_that_does_not_exist_begins_after_the_gap() =>
        // London, 29 March 2026: 1:00 to 2:00 is skipped.
        Assert.Equal(
            DateTimeOffset.Parse("2026-03-29T01:00:00Z"),
            QuietHours.NextOpen(DateTimeOffset.Parse("2026-03-29T00:10:00Z"), TimeZoneInfo.FindSystemTimeZoneById("Europe/London"), 1, 20));

    [Fact]
    public void Waiting_once_is_enough_in_every_zone_at_every_hour() =>
        Gen.Select(
                Gen.Int[0, Zones.Length - 1].Select(i => Zones[i]),
                Gen.Int[0, 23], Gen.Int[0, 24], Gen.Long[0, 3L * 365 * 86_400])
            .Sample((zone, from, until, second) =>
            {
                var (tz, now) = (TimeZoneInfo.FindSystemTimeZoneById(zone), DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + second));
                var open = QuietHours.NextOpen(now, tz, from, until);
                Assert.InRange(open, now, now.AddHours(26));
                Assert.Equal(open, QuietHours.NextOpen(open, tz, from, until));
            });
}
