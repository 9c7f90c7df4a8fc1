using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Functions.Console;
using CsCheck;

namespace Campaigns.Functions.Tests.Console;

public class LimitFieldsTests
{
    private static readonly Gen<SendLimit> Limits = Gen.Select(
        Gen.OneOf(Gen.Const((double?)null), Gen.Int[1, 1_000_000].Select(n => (double?)n / 100)),
        Gen.OneOf(Gen.Const((int?)null), Gen.Int[1, 100_000_000].Select(n => (int?)n)),
        Gen.OneOf(Gen.Const((WarmUp?)null), Gen.Select(Gen.Int[0, 3650], Gen.Int[1, 100_000], Gen.Int[100, 1000]).Select(w => (WarmUp?)new WarmUp(new DateOnly(2026, 1, 1).AddDays(w.Item1), w.Item2, w.Item3 / 100.0))))
        .Select((second, day, warm) => new SendLimit { Channel = Channel.Sms, PerSecond = second, PerDay = day, WarmUp = warm });

    [Fact]
    public void What_the_form_shows_is_read_as_what_was_set() => Limits.Sample(limit =>
    {
        var problems = new List<Problem>();
        SendLimit[] set = limit is { PerSecond: null, PerDay: null, WarmUp: null } ? [] : [limit];
        Assert.Equal(set, LimitFields.Read(LimitFields.Write(set), problems));
        Assert.Empty(problems);
    });

    [Theory]
    [InlineData("email: fast")]
    [InlineData("email: 0 a second")]
    [InlineData("email: 0 a day")]
    [InlineData("pigeon: 5 a day")]
    [InlineData("email: from 200 a day, 99 times as many each day, since 2026-03-02")]
    public void What_is_not_understood_or_out_of_range_is_said_at_the_field(string line)
    {
        var problems = new List<Problem>();
        LimitFields.Read(line, problems);
        Assert.Equal(LimitFields.Field, Assert.Single(problems).Field);
    }
}
