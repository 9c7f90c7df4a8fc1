using Campaigns.Core.Primitives;

namespace Campaigns.Core.Tests.Dispatch;

/// <summary>Reference values: 3GPP TS 23.038 and the segment tables that providers publish.</summary>
public class SmsLengthTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(160, 1)]
    [InlineData(161, 2)]
    [InlineData(306, 2)]
    [InlineData(307, 3)]
    [InlineData(459, 3)]
    public void Gsm_text_is_charged_160_then_153_characters_a_part(int characters, int segments) =>
        Assert.Equal(new SmsLength(true, characters, segments), SmsLength.Of(new string('a', characters)));

    [Theory]
    [InlineData(70, 1)]
    [InlineData(71, 2)]
    [InlineData(134, 2)]
    [InlineData(135, 3)]
    [InlineData(201, 3)]
    public void Other_text_is_charged_70_then_67_units_a_part(int characters, int segments) =>
        Assert.Equal(new SmsLength(false, characters, segments), SmsLength.Of(new string('ш', characters)));

    [Fact]
    public void Extension_characters_count_two()
    {
        Assert.Equal(new SmsLength(true, 160, 1), SmsLength.Of(new string('€', 80)));
        Assert.Equal(new SmsLength(true, 162, 2), SmsLength.Of(new string('€', 81)));
    }

    [Fact]
    public void An_extension_character_is_never_split_between_parts()
    {
        // 152 + 2 do not fit a part of 153: the euro moves on, and 153 more fill the second part beyond it.
        var text = new string('a', 152) + "€" + new string('a', 151);
        Assert.Equal(new SmsLength(true, 305, 2), SmsLength.Of(text));
        Assert.Equal(new SmsLength(true, 306, 3), SmsLength.Of(text + "a"));
    }

    [Fact]
    public void A_surrogate_pair_is_never_split_between_parts()
    {
        var text = new string('ш', 66) + "😀" + new string('ш', 65);
        Assert.Equal(new SmsLength(false, 133, 2), SmsLength.Of(text));
        Assert.Equal(new SmsLength(false, 134, 3), SmsLength.Of(text + "ш"));
    }

    [Fact]
    public void The_whole_gsm_alphabet_is_gsm_and_a_curly_quote_is_not()
    {
        Assert.True(SmsLength.Of("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ ÄÖÑÜ§¿äöñüà^{}\\[~]|€").IsGsm);
        Assert.False(SmsLength.Of("it’s").IsGsm);
    }
}
