using System.Globalization;
using System.Text.RegularExpressions;
using PhoneNumbers;

namespace Campaigns.Simulation.Tests;

public partial class MadeUpContactsTests
{
    private static readonly string[] CountriesOfTest =
        ["United Kingdom", "Germany", "France", "EIRE", "Netherlands", "Spain", "Sweden", "USA", "Australia", "Belgium", "Unspecified"];

    private static readonly MadeUpContact[] Many =
        [.. Enumerable.Range(0, 22_000).Select(i => MadeUpContacts.For(i.ToString(CultureInfo.InvariantCulture), CountriesOfTest[i % CountriesOfTest.Length]))];

    [Fact]
    public void Addresses_lie_in_reserved_domains_only() =>
        Assert.All(Many.Where(c => c.Email is not null), c => Assert.Matches(Reserved(), c.Email));

    [Fact]
    public void Numbers_lie_in_fictional_ranges_only() =>
        Assert.All(Many.Where(c => c.Phone is not null), c => Assert.Matches(Fictional(), c.Phone));

    [Fact]
    public void Every_country_with_a_range_gives_possible_numbers_and_the_others_none()
    {
        var phones = PhoneNumberUtil.GetInstance();
        foreach (var country in Many.GroupBy(c => c.Country))
        {
            var expected = country.Key is "Netherlands" or "Spain" or "Belgium" or "Unspecified" ? 0 : MadeUpContacts.PhoneShare;
            Assert.InRange(country.Count(c => c.Phone is not null) / 2_000.0, expected - (expected * 0.15), expected * 1.15);
            Assert.All(country.Where(c => c.Phone is not null), c => Assert.True(phones.IsPossibleNumber(phones.Parse(c.Phone, null)), c.Phone));
        }
    }

    [Fact]
    public void Shares_are_the_documented_ones()
    {
        var withEmail = Many.Where(c => c.Email is not null).ToArray();
        var withPhone = Many.Where(c => c.Phone is not null).ToArray();
        Assert.InRange(withEmail.Length / 22_000.0, 0.81, 0.83);
        Assert.InRange(withEmail.Count(c => c.EmailConsent.Given == true) / (double)withEmail.Length, 0.68, 0.72);
        Assert.InRange(withEmail.Count(c => c.EmailConsent.Given == false) / (double)withEmail.Length, 0.13, 0.17);
        Assert.InRange(withPhone.Count(c => c.SmsConsent.Given == true) / (double)withPhone.Length, 0.57, 0.63);
        Assert.InRange(withPhone.Count(c => c.SmsConsent.Given == false) / (double)withPhone.Length, 0.17, 0.23);
        Assert.All(Many.Where(c => c.Email is null), c => Assert.Null(c.EmailConsent.Given));
        Assert.All(Many.Where(c => c.EmailConsent.Given is not null), c => Assert.NotNull(c.EmailConsent.Source));
    }

    [Fact]
    public void Addresses_are_unique_and_a_customer_always_gets_the_same()
    {
        var addresses = Many.Select(c => c.Email).OfType<string>().ToArray();
        Assert.Equal(addresses.Length, addresses.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(Many[5], MadeUpContacts.For("5", CountriesOfTest[5]));
        Assert.NotEqual(Enumerable.Range(0, 20).Select(i => MadeUpContacts.For(i.ToString(CultureInfo.InvariantCulture), "GB", salt: "other")), Many[..20]);
        Assert.NotEqual(MadeUpContacts.For("ab", "GB").Email ?? "a", MadeUpContacts.For("AB", "GB").Email ?? "b", StringComparer.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("")]
    [InlineData("weird id @ with, signs")]
    [InlineData("Ünïcode")]
    public void Any_customer_id_gives_an_ascii_address(string id) =>
        Assert.All(Enumerable.Range(0, 30), i => Assert.Matches(Reserved(), MadeUpContacts.For(id, "FR", salt: i.ToString(CultureInfo.InvariantCulture)).Email ?? "nobody.x@example.com"));

    [GeneratedRegex(@"^[a-z]+\.[a-z0-9]+@(example\.(com|org|net)|(mail|post)\.example)$")]
    private static partial Regex Reserved();

    [GeneratedRegex(@"^(\+447700900\d{3}|\+1\d{3}55501\d{2}|\+493023125\d{3}|\+3363998\d{4}|\+3532091\d{5}|\+4670174060[5-9]|\+467017406[1-9]\d|\+6149157015[6-9])$")]
    private static partial Regex Fictional();
}
