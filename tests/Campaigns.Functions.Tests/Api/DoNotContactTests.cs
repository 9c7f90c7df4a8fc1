using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;

namespace Campaigns.Functions.Tests.Api;

/// <summary>The do-not-contact list by hand.</summary>
public sealed class DoNotContactTests
{
    private const string Email = "ann@example.com";
    private const string Phone = "+447700900123";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_address_put_on_the_list_by_hand_holds_for_all_who_have_it_also_later_until_it_is_taken_off()
    {
        await using var app = await AppUnderTest.StartAsync(false);
        await ImportAsync(app, $"ann,{Email},{Phone}\n");

        var listed = await app.SendAsync(HttpMethod.Post, "/api/do-not-contact", new { addresses = new[] { "ANN@EXAMPLE.COM", "+44 7700 900123" } });

        Assert.Equal(2, listed.GetProperty("listed").GetInt32());
        Assert.Equal([("manual", "manual")], await ListedAsync(app));
        await ImportAsync(app, $"bob,{Email},{Phone}\n");
        Assert.Equal([("manual", "manual"), ("manual", "manual")], await ListedAsync(app));

        var removed = await app.SendAsync(HttpMethod.Post, "/api/do-not-contact/remove", new { addresses = new[] { Email } });

        Assert.Equal(1, removed.GetProperty("removed").GetInt32());
        Assert.Equal([(null, "manual"), (null, "manual")], await ListedAsync(app));
    }

    [Theory]
    [InlineData("unsubscribed", true)]
    [InlineData("unsubscribed", false)]
    [InlineData("hard bounce", true)]
    [InlineData("complaint", false)]
    public async Task Taking_off_never_uncovers_another_reason_whichever_came_first(string reason, bool first)
    {
        await using var app = await AppUnderTest.StartAsync(false);
        await ImportAsync(app, $"ann,{Email},\n");
        for (var i = 0; i < 2; i++)
        {
            await app.Get<AddressBook>().SuppressAsync(Channel.Email, Email, first == (i == 0) ? reason : SuppressionRow.Manual, DateTimeOffset.UtcNow, Cancelled);
        }

        var answer = await app.SendAsync(HttpMethod.Post, "/api/do-not-contact/remove", new { addresses = new[] { Email } });

        Assert.Equal(0, answer.GetProperty("removed").GetInt32());
        Assert.Equal(reason, Assert.Single(answer.GetProperty("stay").EnumerateArray()).GetProperty("reason").GetString());
        Assert.Equal([(reason, null)], await ListedAsync(app));
    }

    [Fact]
    public async Task What_is_no_address_is_refused_by_its_place_and_nothing_is_changed()
    {
        await using var app = await AppUnderTest.StartAsync(false);
        await ImportAsync(app, $"ann,{Email},\n");

        using var wrong = await app.Admin.PostAsJsonAsync("/api/do-not-contact", new { addresses = new[] { Email, "nobody" } }, Cancelled);
        using var none = await app.Admin.PostAsJsonAsync("/api/do-not-contact", new { }, Cancelled);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (wrong.StatusCode, none.StatusCode));
        var sentence = (await wrong.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("error").GetString()!;
        Assert.StartsWith("Entry 2 is neither", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody", sentence, StringComparison.Ordinal); // A mistyped address is personal data too.
        Assert.Equal([(null, null)], await ListedAsync(app));
    }

    [Fact]
    public async Task The_customers_page_puts_an_address_on_the_list_and_takes_it_off_unless_the_recipient_forbade_it()
    {
        await using var app = await AppUnderTest.StartAsync(false);
        await ImportAsync(app, $"ann,{Email},\n");

        Assert.Contains("Put on the list", await app.Admin.GetStringAsync("/customers/ann", Cancelled), StringComparison.Ordinal);
        Assert.Contains("Take off the list", await PressAsync(app, "no more"), StringComparison.Ordinal);
        Assert.Equal([("manual", null)], await ListedAsync(app));
        Assert.Contains("Put on the list", await PressAsync(app, "again"), StringComparison.Ordinal);
        Assert.Equal([(null, null)], await ListedAsync(app));

        await app.Get<AddressBook>().SuppressAsync(Channel.Email, Email, SuppressionRow.Unsubscribed, DateTimeOffset.UtcNow, Cancelled);
        var page = await PressAsync(app, "again");
        Assert.Contains("Only the recipient can take that back", page, StringComparison.Ordinal);
        Assert.DoesNotContain("off the list", page, StringComparison.Ordinal);
    }

    /// <summary>Presses the button of the e-mail address; gives the page that follows.</summary>
    private static async Task<string> PressAsync(AppUnderTest app, string contact)
    {
        using var form = new FormUrlEncodedContent([new("customer", "ann"), new("channel", "Email"), new("contact", contact)]);
        using var answer = await app.Admin.PostAsync("/do-not-contact", form, Cancelled);
        return answer.StatusCode is HttpStatusCode.SeeOther or HttpStatusCode.Found
            ? await app.Admin.GetStringAsync("/customers/ann", Cancelled)
            : await answer.Content.ReadAsStringAsync(Cancelled);
    }

    private static async Task ImportAsync(AppUnderTest app, string lines)
    {
        using var body = ImportTests.Body("customer_id,email,phone\n" + lines, "text/csv");
        await app.ImportAsync("/api/customers", body);
    }

    private static async Task<IEnumerable<(string? Email, string? Sms)>> ListedAsync(AppUnderTest app) =>
        (await app.Get<AddressBook>().FindAsync(Email, Cancelled)).Select(c => (c.Value.EmailSuppression, c.Value.SmsSuppression));
}
