using System.Text;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Microsoft.Playwright;

namespace Campaigns.EndToEnd.Tests;

/// <summary>Segments as a marketer reads and changes them, in a real browser on the real app.</summary>
public sealed class BrowserSegmentsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_marketer_changes_a_segment_sees_what_it_comes_to_and_places_a_customer_by_hand()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app);
        await ExampleShopAsync(app, window);
        await TheListExplainsItselfAsync(window);
        await AFaultIsSaidAtItsPlaceAsync(window);
        await TheSegmentIsPreviewedAndSavedAsync(app, window);
        await TheListShowsWhoMovedAsync(app, window);
        await ACustomerIsPlacedByHandAsync(app, window);
        await OnAPhoneNothingIsCutOffAsync(app, window);
        window.NothingWrong();
    }

    [Fact]
    public async Task Who_saves_over_the_change_of_somebody_else_is_told_so_and_what_it_was()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app);
        await window.SignInAsync(app.Key);
        await window.VisitAsync("/segments/edit?segment=new");
        await window.Page.GetByLabel("Description").First.FillAsync("Just came in");
        var theirs = Encoding.UTF8.GetString((await app.Get<SchemeCatalog>().CurrentAsync(Cancelled)).Json).Replace("\"Loyal\"", "\"Our best\"", StringComparison.Ordinal);
        Assert.IsType<SchemeSaved.Saved>(await app.Get<SchemeCatalog>().SaveAsync(Encoding.UTF8.GetBytes(theirs), 0, "Bea", Cancelled));
        await window.ClickAsync("Save");
        await window.SeesAsync("somebody else changed the segments while you were");
        await window.SeesAsync("is now called \"Our best\"");
        await window.CheckAsync();
        window.Expect(409);
        Assert.Equal("Just came in", await window.Page.GetByLabel("Description").First.InputValueAsync());
        await window.ClickAsync("Save mine instead of theirs");
        await window.SeesAsync("Saved.");
        var saved = await app.Get<SchemeCatalog>().CurrentAsync(Cancelled);
        Assert.Equal((2, "Loyal", "Just came in"), (saved.Number, saved.Scheme.Segments[saved.Scheme.IndexOf("loyal")].Name, saved.Scheme.Segments[saved.Scheme.IndexOf("new")].Description));
        window.NothingWrong();
    }

    [Fact]
    public async Task Rfm_is_cut_and_named_by_a_form_that_says_what_is_wrong()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app);
        await window.SignInAsync(app.Key);
        await window.VisitAsync("/segments/rfm");
        await window.SeesAsync("can't lose");
        await window.Page.GetByLabel("Orders", new() { Exact = true }).FillAsync("1, 4, 2");
        await window.ClickAsync("Save");
        await window.SeesAsync("must rise");
        window.Expect(400);
        await window.Page.GetByLabel("Orders", new() { Exact = true }).FillAsync("1, 4");
        await window.Page.GetByLabel("Bins").FillAsync("2");
        await window.Page.GetByLabel("Names", new() { Exact = true }).FillAsync("gone: R1, F1-2\ngone but good: R1, F3\nhere: R2, F1-3");
        await window.ClickAsync("Save");
        await window.SeesAsync("Scores follow it from the next computation");
        await window.SeesAsync("gone but good");
        await window.CheckAsync();
        window.NothingWrong();
    }

    [Fact]
    public async Task Without_script_rows_are_added_and_the_exact_form_counts_where_it_was_changed()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app, script: false);
        await window.SignInAsync(app.Key);
        await window.VisitAsync("/segments/edit");
        await window.ClickAsync("Add a segment");
        await window.Page.GetByLabel("Name", new() { Exact = true }).First.FillAsync("Often");
        await window.Page.GetByLabel("Value", new() { Exact = true }).First.FillAsync("7");
        await window.ClickAsync("Add a condition");
        await window.Page.GetByLabel("Field", new() { Exact = true }).Nth(1).SelectOptionAsync("country");
        await window.Page.GetByLabel("Comparison").Nth(1).SelectOptionAsync("one_of");
        await window.Page.GetByLabel("Value", new() { Exact = true }).Nth(1).FillAsync("GB, IE");
        await window.ClickAsync("Preview");
        await window.CheckAsync();
        await window.Page.GetByText("The exact form, for experts").ClickAsync();
        var json = window.Page.GetByLabel("Scheme as JSON");
        var text = await json.InputValueAsync();
        Assert.Contains("\"one_of\": [", text, StringComparison.Ordinal);
        await json.FillAsync(text.Replace("\"at_least\": 7", "\"at_least\": 9", StringComparison.Ordinal));
        await window.ClickAsync("Take over and preview");
        Assert.Equal("9", await window.Page.GetByLabel("Value", new() { Exact = true }).First.InputValueAsync());
        await window.ClickAsync("Save");
        await window.SeesAsync("Saved.");
        var rule = (await app.Get<SchemeCatalog>().CurrentAsync(Cancelled)).Scheme.Segments[^1];
        Assert.Equal(("Often", "often"), (rule.Name, rule.Id));
        window.NothingWrong();
    }

    [Fact]
    public async Task Versions_are_listed_looked_at_and_restored_but_not_over_a_change_that_was_not_seen()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app);
        await window.SignInAsync(app.Key);
        var schemes = app.Get<SchemeCatalog>();
        await RenameAsync(schemes, 0, "Our best");
        await window.VisitAsync("/segments/versions");
        await window.SeesAsync("is now called \"Our best\"");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "As delivered" }).ClickAsync();
        await window.SeesAsync("The segments that come with the program.");
        await window.CheckAsync();
        await RenameAsync(schemes, 1, "Our very best");
        await window.ConfirmAsync("Restore", "Restore it");
        await window.SeesAsync("Not restored: somebody saved version 2 since you looked.");
        window.Expect(409);
        await window.ConfirmAsync("Restore", "Restore it");
        await window.SeesAsync("Restored as the newest version.");
        var now = await schemes.CurrentAsync(Cancelled);
        Assert.Equal((3, "Loyal"), (now.Number, now.Scheme.Segments[now.Scheme.IndexOf("loyal")].Name));
        window.NothingWrong();
    }

    [Fact]
    public async Task Thresholds_are_added_used_and_removed_without_JSON_and_nothing_is_chosen_silently()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app);
        await window.SignInAsync(app.Key);
        await window.VisitAsync("/segments/edit?segment=loyal");
        await window.Page.GetByLabel("Name of a new threshold").FillAsync("Big order from");
        await window.ClickAsync("Add a threshold");
        await window.Page.GetByLabel("Big order from", new() { Exact = true }).FillAsync("250");
        await window.Page.Locator("#f-pu-big-order-from").SelectOptionAsync("money");
        await window.Page.Locator("#f-pl-big-order-from").FillAsync("300");
        await window.ClickAsync("Save");
        await window.SeesAsync("Not saved yet: 1 thing to put right.");
        window.Expect(422);
        await window.Page.Locator("#f-p-big-order-from").FillAsync("350");
        await window.ClickAsync("Preview");
        await window.CheckAsync();

        await window.Page.GetByText("The exact form, for experts").ClickAsync();
        var json = window.Page.GetByLabel("Scheme as JSON");
        await json.FillAsync((await json.InputValueAsync()).Replace("\"Loyal\"", "\"Faithful\"", StringComparison.Ordinal));
        await window.Page.Locator("#f-p-big-order-from").FillAsync("400");
        await window.ClickAsync("Save");
        await window.SeesAsync("Which counts?");
        window.Expect(422);
        await window.ClickAsync("Take the fields");
        await Assertions.Expect(window.Page.Locator("#f-p-big-order-from")).ToHaveValueAsync("400");
        await window.ClickAsync("Save");
        await window.SeesAsync("Saved.");
        var scheme = (await app.Get<SchemeCatalog>().CurrentAsync(Cancelled)).Scheme;
        var big = scheme.Parameters.Single(p => p.Name == "big-order-from");
        Assert.Equal((400, 300, "Big order from", "Loyal"), (big.Value, big.Least, big.Meaning, scheme.Segments[scheme.IndexOf("loyal")].Name));
        window.NothingWrong();
    }

    private static async Task RenameAsync(SchemeCatalog schemes, int read, string name)
    {
        var scheme = (await schemes.CurrentAsync(Cancelled)).Scheme;
        var changed = scheme with { Segments = [.. scheme.Segments.Select(s => s.Id == "loyal" ? s with { Name = name } : s)] };
        Assert.IsType<SchemeSaved.Saved>(await schemes.SaveAsync(SchemeJson.Write(changed), read, "Bea", Cancelled));
    }

    [Fact]
    public async Task A_preset_with_its_sample_customers_is_loaded_by_one_button()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app);
        await window.SignInAsync(app.Key);
        await window.VisitAsync("/segments/presets");
        var bank = window.Page.Locator("article.preset", new() { HasText = "Co-operative bank" });
        await bank.Locator("details.ask > summary", new() { HasText = "With sample customers" }).ClickAsync();
        await bank.GetByRole(AriaRole.Button, new() { Name = "Load with sample customers" }).ClickAsync();
        await window.SeesAsync("Saved.");
        await app.QuietAsync();
        await window.VisitAsync("/segments");
        await window.SeesAsync("Farmers");
        await window.VisitAsync("/");
        await Assertions.Expect(window.Page.Locator(".cards .card")).ToHaveCountAsync(3);
        await window.VisitAsync("/campaigns/new");
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Checkbox, new() { Name = "Farmers", Exact = true })).ToBeVisibleAsync();
        await window.VisitAsync("/segments/fields");
        await window.SeesAsync("barred");
        window.NothingWrong();
    }

    private static async Task OnAPhoneNothingIsCutOffAsync(AppUnderTest app, BrowserWindow window)
    {
        var example = (await app.Get<SegmentReader>().LatestAsync(Cancelled))!.Report.Of(SegmentNames.AtRisk).Examples[0];
        await window.Page.SetViewportSizeAsync(390, 844);
        foreach (var path in (string[])["/segments", "/segments/edit?segment=at-risk", "/segments/at-risk", "/segments/fields", "/segments/presets", "/segments/versions", "/segments/versions/1", "/customers/" + example.CustomerId])
        {
            await window.VisitAsync(path);
            Assert.True(await window.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), path + " is wider than a phone.");
        }
    }

    private static async Task ExampleShopAsync(AppUnderTest app, BrowserWindow window)
    {
        await window.SignInAsync(app.Key);
        await window.ClickAsync("Try the example shop");
        await window.SeesAsync("Who to write to");
        await app.QuietAsync();
    }

    private static async Task TheListExplainsItselfAsync(BrowserWindow window)
    {
        await window.VisitAsync("/segments");
        await window.SeesAsync("Every customer with an order is in a segment.");
        await window.Page.GetByText("How these are worked out").ClickAsync();
        await window.SeesAsync("Which risk score ranks customers best here");
        await Assertions.Expect(window.Page.Locator("table.overlap").First).ToBeVisibleAsync();
        await window.CheckAsync();
        await window.VisitAsync("/segments/fields");
        await window.SeesAsync("days since last order");
    }

    private static async Task AFaultIsSaidAtItsPlaceAsync(BrowserWindow window)
    {
        await window.VisitAsync("/segments/edit");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Change Loyal" }).ClickAsync();
        await Assertions.Expect(window.Page.Locator("#live")).ToContainTextAsync("in “Loyal”");
        var value = window.Page.GetByLabel("Value", new() { Exact = true }).First;
        // Compared with a threshold, which is chosen by what it is called.
        var threshold = window.Page.GetByLabel("Threshold", new() { Exact = true }).First;
        await Assertions.Expect(value).ToBeHiddenAsync();
        await Assertions.Expect(threshold).ToHaveValueAsync("loyal-order-days");
        var before = await window.Page.Locator("#live").TextContentAsync();
        await threshold.SelectOptionAsync(new SelectOptionValue { Label = "at risk floor" });
        await Assertions.Expect(window.Page.Locator("#live")).Not.ToHaveTextAsync(before!);
        await window.Page.GetByLabel("Compared with").First.SelectOptionAsync("value");
        await Assertions.Expect(threshold).ToBeHiddenAsync();
        await value.FillAsync("often");
        await Assertions.Expect(window.Page.Locator("#live .problem")).ToContainTextAsync("$.segments[3].rule.all[0].at_least");
        await window.ClickAsync("Save");
        await window.SeesAsync("Not saved yet: 1 thing to put right.");
        await Assertions.Expect(window.Page.Locator(".rule.condition.wrong .problem")).ToHaveCountAsync(1);
        await window.CheckAsync();
        window.Expect(422);
    }

    private static async Task TheSegmentIsPreviewedAndSavedAsync(AppUnderTest app, BrowserWindow window)
    {
        await window.Page.GetByLabel("Value", new() { Exact = true }).First.FillAsync("10");
        await Assertions.Expect(window.Page.Locator("#live")).ToContainTextAsync("Against now: +0, −");
        await window.ClickAsync("Preview");
        await window.SeesAsync("Examples of “Loyal”");
        await window.SeesAsync("Nothing is saved yet.");
        await window.CheckAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Loyal further up" }).ClickAsync();
        await Assertions.Expect(window.Page.Locator(".scheme-segments > li").Nth(2)).ToContainTextAsync("Loyal");
        await window.ClickAsync("Save");
        await window.SeesAsync("Saved.");
        var scheme = await app.Get<SchemeCatalog>().CurrentAsync(Cancelled);
        Assert.Equal((1, 2), (scheme.Number, scheme.Scheme.IndexOf("loyal")));
        await app.QuietAsync();
    }

    private static async Task TheListShowsWhoMovedAsync(AppUnderTest app, BrowserWindow window)
    {
        await app.SetNowAsync((await app.Workspace.NowAsync(Cancelled)).AddDays(30));
        await window.VisitAsync("/segments");
        await window.ClickAsync("Compute anew");
        await app.QuietAsync();
        await window.VisitAsync("/segments");
        await window.SeesAsync("Most moved from");
        await Assertions.Expect(window.Page.Locator(".plot canvas")).ToBeVisibleAsync();
        await window.VisitAsync("/segments/loyal");
        await window.SeesAsync("Stayed since the time before");
    }

    private static async Task ACustomerIsPlacedByHandAsync(AppUnderTest app, BrowserWindow window)
    {
        var example = (await app.Get<SegmentReader>().LatestAsync(Cancelled))!.Report.Of(SegmentNames.AtRisk).Examples[0];
        await window.VisitAsync("/customers/" + example.CustomerId);
        await window.Page.GetByText("Every condition, with this customer’s values").ClickAsync();
        await window.SeesAsync("not in it");
        await window.CheckAsync();
        await window.Page.GetByText("The rules decide. Put this customer into a segment by hand").ClickAsync();
        await window.Page.Locator("#place-segment").SelectOptionAsync("loyal");
        await window.ClickAsync("Decide");
        await window.SeesAsync("Give a reason of 1 to");
        window.Expect(409);
        await window.Page.GetByText("The rules decide. Put this customer into a segment by hand").ClickAsync();
        await window.Page.Locator("#place-segment").SelectOptionAsync("loyal");
        await window.Page.GetByLabel("Reason").FillAsync("Runs our fan club");
        await window.ClickAsync("Decide");
        await window.SeesAsync("Decided. It holds from now on");
        await window.SeesAsync("Runs our fan club");
        await window.CheckAsync();
        await window.ClickAsync("Let the rules decide again");
        await window.SeesAsync("The rules decide again.");
    }
}
