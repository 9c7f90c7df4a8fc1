using Campaigns.Core.Dispatch;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Tracking;

namespace Campaigns.Core.Tests.Dispatch;

public class MessageRendererTests
{
    private static readonly SignedLinks Links = new([1, 2, 3], "https://news.shop.example");
    private static readonly SendId Id = new("run-1", DispatchWorld.Key(1));
    private static readonly MessageRenderer Renderer = new();

    private static readonly MessageFields Fields = MessageFields.Of(
        Id,
        "spring",
        DispatchWorld.Customer("1", "America/New_York") with { FirstName = "<b>Ada</b>" },
        Channel.Email,
        false,
        new Offer { Id = "o", Name = "Tea & cake", Kind = OfferKind.TimeLimitedDiscount, DiscountShare = 0.15, ValidHours = 48, Code = "TEA" },
        DispatchWorld.Start.AddHours(48),
        [new RecommendedProduct("1", "Teapot", "goes with your cups"), new RecommendedProduct("2", "Spoons", "often bought together")],
        DispatchWorld.Settings,
        Links,
        DispatchWorld.Start);

    private static MessageTemplate Template(string html, string subject = "Hello", string? text = null, string? sms = null) => new() { Subject = subject, Html = html, Text = text, Sms = sms };

    private static OutgoingMessage Render(MessageTemplate template, Channel channel = Channel.Email, MessageFields? fields = null) =>
        Assert.IsType<RenderResult.Rendered>(Renderer.Render(template, fields ?? Fields, channel)).Message;

    [Fact]
    public void Every_field_is_filled_and_names_cannot_act_as_html()
    {
        var message = Render(Template("<p>{{firstName}} {{shopName}} {{offer.name}} {{offer.code}} {{offer.discountPercent}} {{offer.endsAt}}</p>{{#each products}}<li>{{name}}: {{reason}}</li>{{/each}}"));
        Assert.Contains("&lt;b&gt;Ada&lt;/b&gt; My shop Tea &amp; cake TEA 15 Thursday 12 March, 08:00", message.Html, StringComparison.Ordinal);
        Assert.Contains("<li>Teapot: goes with your cups</li><li>Spoons: often bought together</li>", message.Html, StringComparison.Ordinal);
        Assert.Contains("- Teapot: goes with your cups\n- Spoons", message.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_lacks_what_the_law_asks_for_gets_it_once()
    {
        var bare = Render(Template("<p>Hi</p>"));
        Assert.Single(Occurrences(bare.Html!, "/u/"));
        Assert.Single(Occurrences(bare.Html!, "1 High Street, Exeter"));
        Assert.Single(Occurrences(bare.Text, "/u/"));
        Assert.Single(Occurrences(bare.Text, "1 High Street, Exeter"));
        var own = Render(Template("<p>Hi</p><a href=\"{{unsubscribeUrl}}\">stop</a> {{postalAddress}}"));
        Assert.Single(Occurrences(own.Html!, "/u/"));
        Assert.Single(Occurrences(own.Html!, "1 High Street, Exeter"));
        Assert.Single(Occurrences(own.Text, "/u/"));
        Assert.Equal(Links.Unsubscribe(Id), own.UnsubscribeUrl);
    }

    [Fact]
    public void Where_nobody_can_reply_the_way_out_of_a_text_message_is_a_link()
    {
        var oneWay = Fields with { OneWay = true };
        Assert.Equal("Off. STOP. Opt out: " + Links.Unsubscribe(Id), Render(Template("", sms: "Off. STOP."), Channel.Sms, oneWay).Text);
        Assert.Single(Occurrences(Render(Template("", sms: "Off {{unsubscribeUrl}}"), Channel.Sms, oneWay).Text, "/u/"));
    }

    [Fact]
    public void A_text_message_stays_in_the_sms_alphabet_unless_the_shop_keeps_its_letters()
    {
        Assert.StartsWith("Lodz -15 %", Render(Template("", sms: "Łódź –15 %"), Channel.Sms).Text, StringComparison.Ordinal);
        Assert.StartsWith("Łódź –15 %", Render(Template("", sms: "Łódź –15 %"), Channel.Sms, Fields with { KeepSmsLetters = true }).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shop_link_is_signed_and_leads_to_the_shop()
    {
        var html = Render(Template("<a href=\"{{shopUrl}}\">shop</a>")).Html!;
        var token = html.Split("/t/c/")[1].Split('"')[0];
        var link = Assert.IsType<LinkReading.Valid>(Links.Read(LinkPurpose.Click, token));
        Assert.Equal((Id, new Uri("https://shop.example/")), (link.Id, link.Destination));
        Assert.Contains("/t/o/", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_subject_stays_one_line_and_is_not_encoded_as_html()
    {
        var message = Render(Template("<p>x</p>", "{{firstName}} & co"), fields: Fields with { FirstName = "Ada\r\nBcc: all@shop.example" });
        Assert.Equal("Ada  Bcc: all@shop.example & co", message.Subject);
    }

    [Fact]
    public void A_text_message_names_a_way_out_once()
    {
        Assert.Equal("15 % off Reply STOP to opt out", Render(Template("", sms: "{{offer.discountPercent}} % off"), Channel.Sms).Text);
        Assert.Equal("Off. STOP: text STOP", Render(Template("", sms: "Off. STOP: text STOP"), Channel.Sms).Text);
    }

    [Fact]
    public void What_is_too_large_is_refused()
    {
        Assert.IsType<RenderResult.Refused>(Renderer.Render(Template(new string('a', MessageRenderer.MaxHtmlLength)), Fields, Channel.Email));
        var exploding = string.Concat(Enumerable.Repeat("{{#each products}}" + new string('a', 300) + "{{/each}}", 600));
        Assert.IsType<RenderResult.Refused>(Renderer.Render(Template(exploding), Fields, Channel.Email));
        Assert.IsType<RenderResult.Refused>(Renderer.Render(Template("", sms: new string('a', 1601)), Fields, Channel.Sms));
        Assert.IsType<RenderResult.Refused>(Renderer.Render(Template("<p>x</p>", new string('a', 251)), Fields, Channel.Email));
        Assert.IsType<RenderResult.Refused>(Renderer.Render(Template("<p>x</p>"), Fields, Channel.Sms));
    }

    [Theory]
    [InlineData("{{lastName}}", "no field 'lastName'")]
    [InlineData("{{{firstName}}}", "two braces")]
    [InlineData("{{lookup this 'x'}}", "not understood")]
    [InlineData("{{shout firstName}}", "no function 'shout'")]
    [InlineData("{{> footer}}", "no function '>'")]
    [InlineData("{{#with offer}}{{/with}}", "no block 'with'")]
    [InlineData("{{#if firstName}}", "never closed")]
    [InlineData("{{#if firstName}}{{/unless}}", "should be closed")]
    [InlineData("{{/if}}", "closes nothing")]
    [InlineData("{{firstName", "never closed")]
    [InlineData("{{#each offer}}{{/each}}", "only {{#each products}}")]
    [InlineData("{{name}}", "no field 'name'")]
    public void What_a_template_cannot_say_is_refused_with_a_sentence(string html, string why) =>
        Assert.Contains(MessageRenderer.Validate(Template(html)), p => p.StartsWith("HTML: ", StringComparison.Ordinal) && p.Contains(why, StringComparison.Ordinal));

    [Fact]
    public void Blocks_that_are_allowed_render()
    {
        var template = Template("{{#if firstName}}Dear {{firstName}}{{else}}Hello{{/if}}{{#unless products}}none{{/unless}}{{#each products}}[{{this.name}} {{../shopName}}]{{/each}}");
        Assert.Empty(MessageRenderer.Validate(template));
        Assert.Contains("[Teapot My shop][Spoons My shop]", Render(template).Html, StringComparison.Ordinal);
        Assert.Contains("Hellonone", Render(template, fields: Fields with { FirstName = "", Products = [] }).Html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_presets_are_in_order()
    {
        foreach (var treatment in CampaignPresets.Demo.SelectMany(c => c.Treatments))
        {
            Assert.Empty(MessageRenderer.Validate(treatment.Template));
            Assert.NotEqual("", Render(treatment.Template).Text);
            Assert.NotEqual("", Render(treatment.Template, Channel.Sms).Text);
        }
    }

    private static List<int> Occurrences(string text, string part)
    {
        var found = new List<int>();
        for (var at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + 1, StringComparison.Ordinal))
        {
            found.Add(at);
        }

        return found;
    }
}
