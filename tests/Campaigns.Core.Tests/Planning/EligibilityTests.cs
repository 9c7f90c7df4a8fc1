using Campaigns.Core.Ingest;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;

namespace Campaigns.Core.Tests.Planning;

public sealed class EligibilityTests
{
    private static readonly DateTimeOffset Now = PlanWorld.Start;
    private static readonly Campaign Spring = PlanWorld.TwoVariants();
    private static readonly Consent Yes = new(true, "test", Now);

    private static readonly CustomerRow Both = new()
    {
        CustomerId = "c",
        CreatedAt = Now,
        Email = "c@example.com",
        EmailConsent = Yes,
        Phone = "+447700900001",
        SmsConsent = Yes,
    };

    private static Eligibility Of(CustomerRow? customer, Standing standing = default, Campaign? campaign = null) =>
        Eligibility.Of(campaign ?? Spring, "run-1", SegmentNames.Loyal, customer, standing, Now);

    private static string Reason(CustomerRow? customer, Standing standing = default, Campaign? campaign = null) =>
        Assert.IsType<Eligibility.Excluded>(Of(customer, standing, campaign)).Reason;

    private static string Reach(CustomerRow? customer, Campaign? campaign = null) =>
        string.Join(", ", Assert.IsType<Eligibility.Eligible>(Of(customer, default, campaign)).Treatments.Select(t => $"{t.Treatment.Id} {t.Channel}"));

    private static RecentSend Sent(double daysAgo, Channel channel = Channel.Email, string campaign = "other", string run = "run-0") =>
        new(channel, campaign, run, Now.AddDays(-daysAgo));

    [Fact]
    public void Each_variant_takes_the_first_of_its_channels_that_is_open()
    {
        Assert.Equal("gift Email, picks Email", Reach(Both));
        Assert.Equal("gift Sms", Reach(Both with { EmailConsent = Consent.Unknown }));
        Assert.Equal("gift Sms", Reach(Both with { RecentSends = [Sent(0.5)] }));
    }

    [Fact]
    public void Who_objects_to_profiling_gets_what_was_promised_and_nothing_else()
    {
        var objecting = Both with { Profiling = new Consent(false, "letter", Now) };

        Assert.Equal(ExclusionReasons.Objection, Reason(objecting));
        Assert.Equal("gift Email, picks Email", Reach(objecting, Spring with { Purpose = CampaignPurpose.ServiceMessage }));
        Assert.Equal("gift Email, picks Email", Reach(objecting with { Profiling = new Consent(true, "letter", Now) }));
    }

    [Fact]
    public void A_campaign_for_a_purpose_goes_only_to_those_who_consented_to_it()
    {
        var news = Spring with { ConsentPurpose = "newsletter" };
        var reader = Both with { EmailConsent = Consent.Unknown, SmsConsent = Consent.Unknown, PurposeConsents = [new("newsletter", Channel.Email, Yes), new("club", Channel.Sms, Yes)] };

        Assert.Equal(ExclusionReasons.NoConsent, Reason(Both, campaign: news));
        Assert.Equal(ExclusionReasons.NoConsent, Reason(reader));
        Assert.Equal("gift Email, picks Email", Reach(reader, news));
    }

    [Fact]
    public void A_variant_without_text_for_SMS_cannot_go_by_SMS()
    {
        var silent = Spring with { Treatments = [.. Spring.Treatments.Select(t => t with { Template = t.Template with { Sms = null } })] };
        Assert.Equal(ExclusionReasons.NoAddress, Reason(Both with { Email = null }, campaign: silent));
    }

    [Fact]
    public void The_first_gate_that_is_shut_names_the_reason()
    {
        Assert.Equal(ExclusionReasons.NoAddress, Reason(null, standing: Standing.BeingMeasured));
        Assert.Equal(ExclusionReasons.NoAddress, Reason(Both with { Email = null, Phone = null }, standing: Standing.BeingMeasured));
        Assert.Equal(ExclusionReasons.NoConsent, Reason(Both with { EmailConsent = Consent.Unknown, Phone = null }, standing: Standing.BeingMeasured));
        Assert.Equal(ExclusionReasons.DoNotContact, Reason(Both with { EmailSuppression = "complaint", SmsConsent = new(false, "test", Now) }, standing: Standing.BeingMeasured));
        Assert.Equal(ExclusionReasons.NoAddress, Reason(Both with { Email = null, Phone = null }, Standing.InControlGroup));
        Assert.Equal(ExclusionReasons.ControlGroup, Reason(Both with { RecentSends = [Sent(89, campaign: "spring")] }, Standing.InControlGroup));
        Assert.Equal(ExclusionReasons.Outranked, Reason(Both with { RecentSends = [Sent(89, campaign: "spring")] }, Standing.Outranked));
        Assert.Equal(ExclusionReasons.ReentryPause, Reason(Both with { RecentSends = [Sent(89, campaign: "spring")] }, standing: Standing.BeingMeasured));
        Assert.Equal(ExclusionReasons.StillMeasured, Reason(Both with { RecentSends = [Sent(91, campaign: "spring")] }, standing: Standing.BeingMeasured));
        Assert.Equal(ExclusionReasons.FrequencyCap, Reason(Both with { RecentSends = [Sent(0.5), Sent(3, Channel.Sms)] }));
        Assert.Equal(ExclusionReasons.NoTreatment, Reason(Both, campaign: Spring with { Treatments = [Spring.Treatments[0] with { Segments = [SegmentNames.AtRisk] }] }));
    }

    [Fact]
    public void A_runs_own_message_never_stands_in_its_own_way() =>
        Assert.Equal("gift Email, picks Email", Reach(Both with { RecentSends = [Sent(0, campaign: "spring", run: "run-1")] }));

    [Theory]
    [InlineData(Channel.Email, 1, 1)]
    [InlineData(Channel.Email, 7, 3)]
    [InlineData(Channel.Sms, 7, 1)]
    [InlineData(Channel.Sms, 30, 4)]
    public void Caps_are_rolling_windows(Channel channel, int days, int sends)
    {
        // Spread over the window, so that only this cap is reached.
        var within = Enumerable.Range(1, sends).Select(i => Sent(days - ((i - 0.5) * days / sends * 0.99), channel)).ToArray();
        if (sends > 1 || days > 1)
        {
            Assert.False(Caps.Allow(Both with { RecentSends = within }, channel, Now, null));
        }

        Assert.True(Caps.Allow(Both with { RecentSends = [.. Enumerable.Range(0, sends).Select(_ => Sent(31, channel))] }, channel, Now, null));
        Assert.False(Caps.Allow(Both with { RecentSends = [.. Enumerable.Range(0, sends).Select(_ => Sent(days - 0.01, channel))] }, channel, Now, null));
        Assert.True(Caps.Allow(Both with { RecentSends = [.. Enumerable.Range(0, sends).Select(_ => Sent(0.2, channel))] }, channel, Now, null, "run-0"));
    }
}
