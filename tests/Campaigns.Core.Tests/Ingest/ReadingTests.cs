using System.Globalization;
using Campaigns.Core.Ingest;
using CsCheck;

namespace Campaigns.Core.Tests.Ingest;

public class ReadingTests
{
    [Fact]
    public void Every_amount_is_read_back_exactly() =>
        Gen.Long[-10_000_000_000, 10_000_000_000].Sample(e4 =>
        {
            var text = (e4 / 10_000m).ToString(CultureInfo.InvariantCulture);
            Assert.True(Amounts.TryParseE4(text, false, out var read));
            Assert.Equal(e4, read);
            Assert.True(Amounts.TryParseE4(text.Replace('.', ','), true, out var comma));
            Assert.Equal(e4, comma);
        });

    [Theory]
    [InlineData("1,234.565", 123457)]
    [InlineData("2.994", 299)]
    [InlineData("-0.005", -1)]
    [InlineData(" 12 ", 1200)]
    [InlineData(".5", 50)]
    public void Amounts_round_half_away_from_zero(string text, long minor)
    {
        Assert.True(Amounts.TryParseMinor(text, false, "GBP", out var read));
        Assert.Equal(minor, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1.2.3")]
    [InlineData("1e5")]
    [InlineData("NaN")]
    [InlineData("99999999999999999999")]
    public void What_is_no_number_is_not_read(string text) => Assert.False(Amounts.TryParseMinorE4(text, false, "GBP", out _));

    [Fact]
    public void Every_utc_time_is_read_back_in_every_zone()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Australia/Lord_Howe");
        var dates = new Dates(zone);
        Gen.Int[0, 2_000_000_000].Sample(seconds =>
        {
            var utc = DateTime.UnixEpoch.AddSeconds(seconds);
            var text = utc.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            Assert.True(dates.TryParse(text, out var ticks));
            Assert.Equal(utc.Ticks, ticks);
            var local = TimeZoneInfo.ConvertTimeFromUtc(utc, zone);
            if (!zone.IsAmbiguousTime(local))
            {
                Assert.True(dates.TryParse(local.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), out var fromLocal));
                Assert.Equal(utc.Ticks, fromLocal);
            }
        }, threads: 1);
    }

    [Theory]
    [InlineData("2025-02-29")]
    [InlineData("2025-13-01")]
    [InlineData("2025-01-01 24:00")]
    [InlineData("2025-01-01T10")]
    [InlineData("yesterday")]
    [InlineData("")]
    public void What_is_no_date_is_not_read(string text) => Assert.False(new Dates(TimeZoneInfo.Utc).TryParse(text, out _));

    [Theory]
    [InlineData(" Ann.Lee@EXAMPLE.Com ", "Ann.Lee@example.com")]
    [InlineData("ann@example", null)]
    [InlineData("ann example@example.com", null)]
    [InlineData("a@b@example.com", null)]
    [InlineData("@example.com", null)]
    public void Mailboxes_are_trimmed_and_their_domains_in_lower_case(string text, string? expected) => Assert.Equal(expected, Addresses.Email(text));

    [Theory]
    [InlineData("020 7946 0018", "GB", "+442079460018")]
    [InlineData("+33 6 12 34 56 78", "GB", "+33612345678")]
    [InlineData("123", "GB", null)]
    [InlineData("call me", "GB", null)]
    public void Numbers_become_e164(string text, string country, string? expected) => Assert.Equal(expected, Addresses.Phone(text, country));
}
