using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Tests.Dispatch;
using Campaigns.Core.Tracking;
using CsCheck;

namespace Campaigns.Core.Tests.Tracking;

public class SignedLinksTests
{
    private static readonly byte[] Salt = [9, 8, 7];
    private static readonly SignedLinks Links = new(Salt, "https://news.shop.example/");
    private static readonly SendId Id = new("run-1", DispatchWorld.Key(1));

    private static void Refuses(LinkRefusal why, LinkReading reading) => Assert.Equal(new LinkReading.Refused(why), reading);

    [Fact]
    public void A_link_tells_what_it_was_made_with()
    {
        var destination = new Uri("https://shop.example/a?b=c#d");
        Assert.Equal(new LinkReading.Valid(Id, destination), Links.Read(LinkPurpose.Click, Links.Token(LinkPurpose.Click, Id, destination)));
        Assert.Equal(new LinkReading.Valid(Id, null), Links.Read(LinkPurpose.Unsubscribe, Links.Token(LinkPurpose.Unsubscribe, Id)));
        Assert.StartsWith("https://news.shop.example/u/v1.k1.", Links.Unsubscribe(Id), StringComparison.Ordinal);
        Assert.StartsWith("https://news.shop.example/t/o/v1.k1.", Links.Open(Id), StringComparison.Ordinal);
        Assert.StartsWith("https://news.shop.example/t/c/v1.k1.", Links.Click(Id, destination), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_serves_one_purpose()
    {
        foreach (var made in Enum.GetValues<LinkPurpose>())
        {
            foreach (var read in Enum.GetValues<LinkPurpose>().Where(p => p != made))
            {
                Refuses(LinkRefusal.WrongSignature, Links.Read(read, Links.Token(made, Id, new Uri("https://shop.example"))));
            }
        }
    }

    [Fact]
    public void Any_changed_character_makes_it_invalid()
    {
        var token = Links.Token(LinkPurpose.Click, Id, new Uri("https://shop.example/"));
        Gen.Select(Gen.Int[0, token.Length - 2], Gen.Char['0', 'z']).Sample((at, c) =>
        {
            if (token[at] != c)
            {
                Assert.IsType<LinkReading.Refused>(Links.Read(LinkPurpose.Click, token[..at] + c + token[(at + 1)..]));
            }
        });
    }

    [Fact]
    public void A_link_of_an_older_key_works_for_as_long_as_the_key_is_accepted()
    {
        var old = Links.Token(LinkPurpose.Unsubscribe, Id);
        LinkKey[] later = [new("k2", [2]), new("k3", [3]), new("k4", [4]), new("k5", [5])];
        for (var keys = 0; keys < later.Length; keys++)
        {
            var links = new SignedLinks(Salt, "https://x.example", later[..keys]);
            Assert.IsType<LinkReading.Valid>(links.Read(LinkPurpose.Unsubscribe, old));
            Assert.StartsWith($"v1.k{keys + 1}.", links.Token(LinkPurpose.Open, Id), StringComparison.Ordinal);
        }

        Refuses(LinkRefusal.UnknownKey, new SignedLinks(Salt, "https://x.example", later).Read(LinkPurpose.Unsubscribe, old));
        Refuses(LinkRefusal.UnknownKey, Links.Read(LinkPurpose.Open, new SignedLinks(Salt, "https://x.example", later).Token(LinkPurpose.Open, Id)));
        Refuses(LinkRefusal.WrongSignature, new SignedLinks([1], "https://x.example").Read(LinkPurpose.Unsubscribe, old));
    }

    [Theory]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", false)]
    [InlineData("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", false)]
    [InlineData("", false)]
    [InlineData("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", true)]
    [InlineData("BarracudaCentral", true)]
    [InlineData("python-requests/2.31.0", true)]
    [InlineData("facebookexternalhit/1.1", true)]
    public void Scanners_are_told_from_people_by_the_names_that_they_give(string userAgent, bool machine)
    {
        Assert.Equal(machine, Machines.Made(false, "", userAgent));
        Assert.True(Machines.Made(false, "prefetch;prerender", userAgent));
        Assert.True(Machines.Made(true, "", userAgent));
    }

    [Theory]
    [InlineData("")]
    [InlineData("v1")]
    [InlineData("v1.k1.a.b.c")]
    [InlineData("v2.k1.YQ.YQ")]
    [InlineData("v1.k1.!.YQ")]
    public void Nonsense_is_malformed(string token) => Refuses(LinkRefusal.Malformed, Links.Read(LinkPurpose.Open, token));

    [Fact]
    public void A_click_leads_to_the_web_only() =>
        Assert.Throws<ArgumentException>(() => Links.Token(LinkPurpose.Click, Id, new Uri("javascript:alert(1)")));
}
