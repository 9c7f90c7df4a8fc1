using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Campaigns.EndToEnd.Tests;

/// <summary>
/// A real browser on the console. It notes what the browser complains about: errors in scripts, violations of the content
/// policy, files that are missing. Each page that is looked at is held against what every page must have.
/// </summary>
public sealed partial class BrowserWindow : IAsyncDisposable
{
    /// <summary>Longest wait for something to appear: the machine may be busy.</summary>
    private const float Patience = 60_000;

    private readonly IPlaywright playwright;
    private readonly IBrowser browser;
    private readonly List<string> complaints = [];
    private readonly Uri address;
    private readonly bool script;
    private int pictures;

    private BrowserWindow(IPlaywright playwright, IBrowser browser, IPage page, Uri address, bool script)
    {
        (this.playwright, this.browser, Page, this.address, this.script) = (playwright, browser, page, address, script);
        page.SetDefaultTimeout(Patience);
        page.Console += (_, message) =>
        {
            // For pictures, the browser's driver adds a style of its own to hide the text cursor; the content policy refuses it, rightly.
            if (message.Type is "error" or "warning" && (Pictures is null || !message.Text.Contains("inline style", StringComparison.Ordinal)))
            {
                complaints.Add($"{page.Url}: {message.Text}");
            }
        };
        page.PageError += (_, error) => complaints.Add($"{page.Url}: {error}");
    }

    public IPage Page { get; }

    private static string? Pictures => Environment.GetEnvironmentVariable("CAMPAIGNS_SCREENSHOTS") is { Length: > 0 } folder ? folder : null;

    /// <summary>Opens it; skips the calling test where there is no Chromium.</summary>
    public static async Task<BrowserWindow> OpenAsync(AppUnderTest app, bool script = true)
    {
        var chromium = Environment.GetEnvironmentVariable("CAMPAIGNS_CHROMIUM") is { Length: > 0 } named ? named : "/usr/bin/chromium";
        if (!File.Exists(chromium))
        {
            Assert.Skip("needs Chromium: install it, or name it in CAMPAIGNS_CHROMIUM");
        }

        var driver = await Playwright.CreateAsync();
        var chrome = await driver.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            Timeout = Patience,
        });
        var context = await chrome.NewContextAsync(new BrowserNewContextOptions { JavaScriptEnabled = script, ViewportSize = new ViewportSize { Width = 1280, Height = 900 } });
        return new BrowserWindow(driver, chrome, await context.NewPageAsync(), app.Anonymous.BaseAddress!, script);
    }

    /// <summary>Signs in with the admin's key, as a person does.</summary>
    public async Task SignInAsync(string key)
    {
        await GoAsync("/");
        await Assertions.Expect(Page).ToHaveURLAsync(new Regex("/signin$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await CheckAsync();
        await Page.GetByLabel("API key").FillAsync(key);
        await ClickAsync("Sign in");
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).Not.ToContainTextAsync("Sign in");
    }

    /// <summary>Opens a page and holds it against what every page must have.</summary>
    public async Task VisitAsync(string path)
    {
        await GoAsync(path);
        await CheckAsync();
    }

    /// <summary>Presses a button.</summary>
    public Task ClickAsync(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).First.ClickAsync();

    /// <summary>Presses a button that asks first, and the button in its question.</summary>
    public async Task ConfirmAsync(string name, string confirm)
    {
        await Page.Locator("details.ask > summary", new() { HasText = name }).First.ClickAsync();
        await Page.Locator("details.ask[open]").GetByRole(AriaRole.Button, new() { Name = confirm, Exact = true }).ClickAsync();
    }

    /// <summary>Waits until the page says so.</summary>
    public Task SeesAsync(string text) => Assertions.Expect(Page.GetByText(text).First).ToBeVisibleAsync(new() { Timeout = Patience });

    /// <summary>The page's main heading.</summary>
    public Task HeadingAsync(string text) => Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync(text, new() { Timeout = Patience });

    /// <summary>The page has a title, one main heading, a name for every field, and is not wider than the window.</summary>
    public async Task CheckAsync()
    {
        await Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        Assert.False(string.IsNullOrWhiteSpace(await Page.TitleAsync()), $"{Page.Url} has no title.");
        Assert.Equal(1, await Page.Locator("h1").CountAsync());
        var fields = await Page.Locator("input:not([type=hidden]), select, textarea").AllAsync();
        foreach (var field in fields)
        {
            var id = await field.GetAttributeAsync("id");
            var named = await field.GetAttributeAsync("aria-label") is { Length: > 0 }
                || (id is not null && await Page.Locator($"label[for='{id}']").CountAsync() == 1)
                || await field.Locator("xpath=ancestor::label").CountAsync() == 1;
            Assert.True(named, $"{Page.Url}: the field {await field.GetAttributeAsync("name")} has no label.");
        }

        Assert.Equal(0, await Page.Locator("script:not([src]), style").CountAsync());
        await PictureAsync();
    }

    /// <summary>Nothing was complained about so far.</summary>
    public void NothingWrong() => Assert.True(complaints.Count == 0, string.Join('\n', complaints));

    /// <summary>Complaints about one status of an answer are expected, for example of a form that is refused.</summary>
    public void Expect(int status)
    {
        var text = $"status of {status.ToString(CultureInfo.InvariantCulture)}";
        complaints.RemoveAll(c => c.Contains(text, StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    /// <summary>
    /// Goes to a page as soon as no bar is under way on this one: when its work ends, a bar loads its page anew, and a visit that
    /// begins at that instant would be cut off.
    /// </summary>
    private async Task GoAsync(string path)
    {
        if (script)
        {
            await Assertions.Expect(Page.Locator(".working")).ToHaveCountAsync(0, new() { Timeout = Patience });
        }

        await Page.GotoAsync(new Uri(address, path).AbsoluteUri);
    }

    /// <summary>A picture of the page, where CAMPAIGNS_SCREENSHOTS names a folder: for whoever changes how pages look.</summary>
    private async Task PictureAsync()
    {
        if (Pictures is { } folder)
        {
            var name = Unsafe().Replace(new Uri(Page.Url).AbsolutePath.Trim('/'), "-");
            await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{++pictures:00}-{name}.png")), FullPage = true });
        }
    }

    [GeneratedRegex("[^A-Za-z0-9]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Unsafe();
}
