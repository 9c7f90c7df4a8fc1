using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Segments.Rules;

/// <summary>What the customer did with our messages: among the last <see cref="MessageHistory.Limit"/> of them. A touch counts from the next recompute or order.</summary>
internal static class ResponseFields
{
    /// <summary>What may be asked of a channel within the last days: see <see cref="RecentFields"/>.</summary>
    public static IReadOnlyList<string> Steps { get; } = ["sent", "delivered", "opened", "clicked"];

    public static IReadOnlyList<Field> All { get; } =
    [
        Days("email.days_since_sent", "days since an e-mail was last sent; unknown without", Channel.Email, "sent"),
        Days("email.days_since_open", "days since an e-mail was last opened for the first time, mail programs that open by themselves left out; unknown without", Channel.Email, "opened"),
        Days("email.days_since_click", "days since a link of an e-mail was last followed; unknown without", Channel.Email, "clicked"),
        Days("sms.days_since_sent", "days since a text message was last sent; unknown without", Channel.Sms, "sent"),
        Days("sms.days_since_click", "days since a link of a text message was last followed; unknown without", Channel.Sms, "clicked"),
        Days("days_since_click", "days since a link of any message was last followed; unknown without", null, "clicked"),
        Number("coupons_received", FieldUnit.Messages, "messages sent with an offer's code, among the last 32", (in f) => FieldValue.Of(Coupons(f).Received)),
        Number("coupons_redeemed", FieldUnit.Messages, "of these, messages whose code the customer used on an order after they were sent", (in f) => FieldValue.Of(Coupons(f).Redeemed)),
        Number("coupon_use", FieldUnit.Share, "coupons redeemed over coupons received; unknown without one received", (in f) => FieldValue.Of(Coupons(f) is { Received: > 0 } c ? (double)c.Redeemed / c.Received : double.NaN)),
    ];

    /// <summary>Messages of the channel that got so far within the last days; null where there is no such step.</summary>
    public static FieldReader? CountWithin(int days, Channel channel, string step) =>
        Steps.Contains(step) ? (in f) => FieldValue.Of(Count(f, f.AsOf.AddDays(-days).ToUnixTimeSeconds(), channel, step)) : null;

    private static int Count(in CustomerFacts facts, long after, Channel channel, string step)
    {
        var count = 0;
        var until = facts.AsOf.ToUnixTimeSeconds();
        foreach (ref readonly var message in (facts.Customer?.Messages ?? []).AsSpan())
        {
            count += message.Channel == channel && At(message, step) is var at && at > after && at <= until ? 1 : 0;
        }

        return count;
    }

    private static long At(in MessageHistory message, string step) => step switch
    {
        "sent" => message.SentAt,
        "delivered" => message.DeliveredAt,
        "opened" => message.OpenedAt,
        _ => message.ClickedAt,
    };

    private static double Since(in CustomerFacts facts, Channel? channel, string step)
    {
        var last = 0L;
        foreach (ref readonly var message in (facts.Customer?.Messages ?? []).AsSpan())
        {
            last = channel is null || message.Channel == channel ? Math.Max(last, At(message, step)) : last;
        }

        return last == 0 ? double.NaN : BehaviourFields.Since(DateTimeOffset.FromUnixTimeSeconds(last), facts.AsOf);
    }

    private static (int Received, int Redeemed) Coupons(in CustomerFacts facts)
    {
        var (received, redeemed) = (0, 0);
        foreach (ref readonly var message in (facts.Customer?.Messages ?? []).AsSpan())
        {
            if (message.Code != 0)
            {
                received++;
                redeemed += UsedAfter(facts, message.Code, message.SentAt) ? 1 : 0;
            }
        }

        return (received, redeemed);
    }

    private static bool UsedAfter(in CustomerFacts facts, ulong code, long sentAt)
    {
        foreach (ref readonly var coupon in (facts.History?.Coupons ?? []).AsSpan())
        {
            if (coupon.LastAt.ToUnixTimeSeconds() >= sentAt && MessageHistory.HashOfCode(coupon.Code) == code)
            {
                return true;
            }
        }

        return false;
    }

    private static Field Days(string name, string meaning, Channel? channel, string step) =>
        Number(name, FieldUnit.Days, meaning, (in f) => FieldValue.Of(Since(f, channel, step)));

    private static Field Number(string name, FieldUnit unit, string meaning, FieldReader read) => new(name, FieldType.Number, unit, FieldGroup.Responses, meaning, read);
}
