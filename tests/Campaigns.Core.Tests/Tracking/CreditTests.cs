using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Tests.Dispatch;
using Campaigns.Core.Tracking;

namespace Campaigns.Core.Tests.Tracking;

public class CreditTests
{
    private static readonly DateTimeOffset Sent = DispatchWorld.Start;

    private static AssignmentRow Mail(params DateTimeOffset[] clicks) =>
        DispatchWorld.Assignment("1", Channel.Email, Sent) with { State = SendState.Accepted, SentAt = Sent, Clicks = clicks };

    private static AssignmentRow Sms(DateTimeOffset? delivered) =>
        DispatchWorld.Assignment("1", Channel.Sms, Sent) with { State = SendState.Accepted, SentAt = Sent, DeliveredAt = delivered };

    [Fact]
    public void A_click_counts_for_five_days_after_it()
    {
        Assert.True(Credit.Credits(Mail(Sent), Sent.AddDays(5)));
        Assert.False(Credit.Credits(Mail(Sent), Sent.AddDays(5).AddTicks(1)));
        Assert.False(Credit.Credits(Mail(Sent), Sent.AddTicks(-1)));
        Assert.False(Credit.Credits(Mail(), Sent.AddHours(1)));
    }

    [Fact]
    public void A_click_after_the_order_takes_nothing_from_the_one_before() =>
        Assert.Equal(new CreditingTouch(true, Sent), Credit.TouchBefore(Mail(Sent, Sent.AddDays(3)), Sent.AddDays(1)));

    [Fact]
    public void A_text_message_counts_for_twelve_hours_after_its_delivery_or_acceptance()
    {
        Assert.True(Credit.Credits(Sms(Sent.AddHours(1)), Sent.AddHours(13)));
        Assert.False(Credit.Credits(Sms(Sent.AddHours(1)), Sent.AddHours(14)));
        Assert.True(Credit.Credits(Sms(null), Sent.AddHours(12)));
        Assert.False(Credit.Credits(Sms(null) with { State = SendState.Unknown }, Sent.AddHours(1)));
    }

    [Fact]
    public void Nobody_is_credited_for_a_message_that_was_held_back() =>
        Assert.False(Credit.Credits(Mail(Sent) with { HeldOut = true }, Sent.AddHours(1)));

    [Fact]
    public void One_message_gets_the_order_whatever_their_sequence()
    {
        var clicked = Mail(Sent) with { Campaign = "a" };
        var clickedLater = Mail(Sent.AddHours(2)) with { Campaign = "b" };
        var text = Sms(Sent.AddHours(3)) with { Campaign = "c" };
        var order = Sent.AddHours(4);
        Assert.Equal("b", Credit.Creditor(order, [clicked, text, clickedLater])!.Campaign);
        Assert.Equal("b", Credit.Creditor(order, [clickedLater, clicked, text])!.Campaign);
        Assert.Equal("c", Credit.Creditor(order, [text])!.Campaign);
        Assert.Equal("a", Credit.Creditor(order, [clicked with { Campaign = "z" }, clicked])!.Campaign);
        Assert.Null(Credit.Creditor(order, [Mail()]));
    }
}
