using Campaigns.Core.Primitives;
using CsCheck;

namespace Campaigns.Core.Tests.Dispatch;

public class GsmTextTests
{
    [Theory]
    [InlineData("Zażółć gęślą jaźń – już „dziś”…", "Zazolc gesla jazn - juz \"dzis\"...")]
    [InlineData("Příliš žluťoučký kůň", "Prilis zlutoucky kun")]
    [InlineData("Őszi vásár", "Oszi vasar")]
    [InlineData("Grüße à Ñandú @ £5", "Grüße à Ñandu @ £5")]
    [InlineData("don’t", "don't")]
    public void Letters_lose_the_marks_that_the_alphabet_does_not_know_and_keep_the_others(string text, string expected) =>
        Assert.Equal(expected, GsmText.Of(text));

    [Theory]
    [InlineData("Sale 🎉 – only today")]
    [InlineData("Скидка 20 %")]
    public void Text_that_cannot_be_rewritten_keeps_all_its_letters(string text) => Assert.Equal(text, GsmText.Of(text));

    [Fact]
    public void Rewriting_never_costs_more_parts_and_is_done_once() => Gen.String.Sample(text =>
    {
        var plain = GsmText.Of(text);
        Assert.Equal(plain, GsmText.Of(plain));
        Assert.True(SmsLength.Of(plain).IsGsm || plain == text);
        Assert.True(SmsLength.Of(plain).Units <= (3 * text.Length) + SmsLength.Of(text).Units);
    });
}
