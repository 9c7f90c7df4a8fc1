using Campaigns.Core.Segments;

namespace Campaigns.Core.Tests.Segments;

public class MembershipSinceTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_reason_says_since_when() => Assert.Equal(
        "at risk since 3 Nov: 94 days since the last order, usual gap 31; leaves by ordering",
        MembershipSince.InWords("at risk: 94 days since the last order, usual gap 31; leaves by ordering", "At risk", new(2026, 11, 3, 23, 30, 0, TimeSpan.Zero), Now));

    [Fact]
    public void Another_year_is_named() =>
        Assert.Equal("VIP since 31 Dec 2025: 12 orders", MembershipSince.InWords("VIP: 12 orders", "VIP", new(2025, 12, 31, 0, 0, 0, TimeSpan.Zero), Now));

    [Theory]
    [InlineData("placed by hand by admin: an old friend")]
    [InlineData("not at risk: days since last order 3 (at least 90)")]
    [InlineData("at risky: x")]
    public void Other_sentences_stay(string reason) => Assert.Equal(reason, MembershipSince.InWords(reason, "At risk", Now, Now));
}
