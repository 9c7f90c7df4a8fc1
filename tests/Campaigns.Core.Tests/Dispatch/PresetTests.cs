using Campaigns.Core.Dispatch;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;

namespace Campaigns.Core.Tests.Dispatch;

public sealed class PresetTests
{
    public static TheoryData<string> Segments => [.. SegmentNames.ByPriority];

    [Theory]
    [MemberData(nameof(Segments))]
    public void Every_draft_is_a_campaign_that_the_form_accepts(string segment)
    {
        var draft = CampaignPresets.DraftFor(segment, "draft-1");
        Assert.Empty(CampaignValidation.Problems(draft, MessageRenderer.Validate));
    }

    [Fact]
    public void The_campaigns_of_the_demo_are_ones_that_the_form_accepts()
    {
        Assert.All(CampaignPresets.Demo, campaign => Assert.Empty(CampaignValidation.Problems(campaign, MessageRenderer.Validate)));
    }

    [Theory]
    [InlineData("Ann")]
    [InlineData("")]
    public void A_preset_reads_well_with_and_without_a_first_name(string firstName)
    {
        foreach (var campaign in CampaignPresets.Demo)
        {
            foreach (var channel in new[] { Channel.Email, Channel.Sms })
            {
                var message = RenderedWith(campaign, channel, firstName);
                var start = channel == Channel.Email ? message.Subject : message.Text;
                Assert.Matches("^[A-Z0-9]", start);
                Assert.DoesNotContain(" ,", start, StringComparison.Ordinal);
                Assert.DoesNotContain(", .", start, StringComparison.Ordinal);
            }
        }
    }

    private static OutgoingMessage RenderedWith(Campaign campaign, Channel channel, string firstName)
    {
        var at = new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
        var treatment = campaign.Treatments[0];
        var fields = new MessageFields
        {
            Id = new SendId("run-1", new CustomerKey(new string('0', CustomerKey.Length))),
            To = "ann@example.com",
            Campaign = campaign.Id,
            FirstName = firstName,
            ShopName = "Shop",
            Offer = treatment.Offer,
            OfferEndsAt = at.AddHours(48),
            Zone = TimeZoneInfo.Utc,
            UnsubscribeUrl = "https://shop.example/u/1",
            ShopUrl = "https://shop.example/t/c/1",
            OpenUrl = "https://shop.example/t/o/1",
            PostalAddress = "1 Example Street",
            SentAt = at,
        };
        return Assert.IsType<RenderResult.Rendered>(new MessageRenderer().Render(treatment.Template, fields, channel)).Message;
    }
}
