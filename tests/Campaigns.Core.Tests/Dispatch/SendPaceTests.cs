using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using CsCheck;

namespace Campaigns.Core.Tests.Dispatch;

/// <summary>Limits over all instances: the row is what they share, so any order of purchases is any number of instances.</summary>
public class SendPaceTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 10, 22, 0, 0, TimeSpan.Zero);

    private static readonly Gen<(int AfterMs, int Wanted)[]> Requests = Gen.Select(Gen.Int[0, 4_000], Gen.Int[1, 500]).Array[1, 60];

    private static List<(DateTimeOffset At, int Count)> Sold(SendLimit limit, (int AfterMs, int Wanted)[] requests)
    {
        var (pace, now, sold) = (new SendPace(), Start, new List<(DateTimeOffset, int)>());
        foreach (var (after, wanted) in requests)
        {
            now += TimeSpan.FromMilliseconds(after);
            (pace, var answer) = pace.Buy(limit, wanted, now);
            if (answer is PaceAnswer.Tokens tokens)
            {
                sold.Add((now, tokens.Count));
            }
        }

        return sold;
    }

    [Fact]
    public void However_many_instances_buy_no_span_of_time_sees_more_than_its_rate_and_one_block_sold() =>
        Gen.Select(Gen.Double[0.05, 2_000], Requests).Sample((rate, requests) =>
        {
            var sold = Sold(new SendLimit { PerSecond = rate }, requests);
            for (var i = 0; i < sold.Count; i++)
            {
                for (var (j, sum) = (i, 0L); j < sold.Count; j++)
                {
                    sum += sold[j].Count;
                    Assert.True(sum <= (rate * (sold[j].At - sold[i].At).TotalSeconds) + Math.Ceiling(rate) + 0.01, $"{sum} at {rate}/s");
                }
            }
        });

    [Fact]
    public void A_block_lasts_at_least_a_second_so_that_buying_costs_little() =>
        Gen.Double[0.05, 2_000].Sample(rate =>
        {
            var (_, answer) = new SendPace().Buy(new SendLimit { PerSecond = rate }, 1, Start);
            Assert.True(((PaceAnswer.Tokens)answer).GoodUntil >= Start.AddSeconds(0.999));
        });

    [Fact]
    public void No_day_takes_more_than_its_allowance_and_a_warm_up_grows_by_days_on_which_messages_went_out() =>
        Gen.Select(Gen.Int[1, 900], Gen.Double[1, 3], Gen.Int[1, 5_000], Gen.Select(Gen.Int[0, 20], Gen.Int[1, 500]).Array[1, 80]).Sample((first, growth, perDay, requests) =>
        {
            var limit = new SendLimit { PerDay = perDay, WarmUp = new WarmUp(new DateOnly(2026, 3, 10), first, growth) };
            var days = Sold(limit, [.. requests.Select(r => (r.Item1 * 3_600_000, r.Item2))]).GroupBy(s => s.At.UtcDateTime.Date).OrderBy(d => d.Key).ToList();
            for (var day = 0; day < days.Count; day++)
            {
                Assert.InRange(days[day].Sum(s => s.Count), 1, Math.Min(perDay, (int)(first * Math.Pow(growth, day))));
            }
        });

    [Fact]
    public void Whoever_is_told_to_wait_gets_tokens_at_the_time_named() =>
        Gen.Select(Gen.Double[0.05, 2_000], Gen.Int[1, 50], Requests).Sample((rate, perDay, requests) =>
        {
            var limit = new SendLimit { PerSecond = rate, PerDay = perDay };
            var (pace, now) = (new SendPace(), Start);
            foreach (var (after, wanted) in requests)
            {
                now += TimeSpan.FromMilliseconds(after);
                (pace, var answer) = pace.Buy(limit, wanted, now);
                if (answer is PaceAnswer.Wait { Until: var until })
                {
                    Assert.True(until > now);
                    now = until;
                    (pace, answer) = pace.Buy(limit, wanted, now);
                    Assert.IsType<PaceAnswer.Tokens>(answer);
                }
            }
        });

    [Fact]
    public void Another_warm_up_begins_at_its_first_day()
    {
        var (pace, _) = new SendPace().Buy(new SendLimit { WarmUp = new WarmUp(new DateOnly(2026, 1, 1), 10, 2) }, 10, Start);
        var later = Start.AddDays(1);
        Assert.Equal(20, Count(pace.Buy(new SendLimit { WarmUp = new WarmUp(new DateOnly(2026, 1, 1), 10, 2) }, 500, later)));
        Assert.Equal(10, Count(pace.Buy(new SendLimit { WarmUp = new WarmUp(new DateOnly(2026, 3, 11), 10, 2) }, 500, later)));

        static int Count((SendPace, PaceAnswer Answer) bought) => ((PaceAnswer.Tokens)bought.Answer).Count;
    }

    [Fact]
    public void The_slower_of_the_providers_rate_and_ours_holds()
    {
        var settings = new WorkspaceSettings { Salt = [1], Buckets = 1, Limits = [new SendLimit { Channel = Channel.Email, PerSecond = 5 }] };
        Assert.Equal(5, SendLimit.Of(settings, Channel.Email, null)!.PerSecond);
        Assert.Equal(5, SendLimit.Of(settings, Channel.Email, 9)!.PerSecond);
        Assert.Equal(2, SendLimit.Of(settings, Channel.Email, 2)!.PerSecond);
        Assert.Equal(2, SendLimit.Of(settings, Channel.Sms, 2)!.PerSecond);
        Assert.Null(SendLimit.Of(settings, Channel.Sms, null));
    }
}
