using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Campaigns.EndToEnd.Tests;

/// <summary>Files whose columns nobody knows, in a real browser on the real app.</summary>
public sealed class BrowserImportTests
{
    private const string Till = "Receipt number,Purchase date,Client,Article number,Qty,Price each,Till\n17,03/02/2026 10:15,ann,mug,2,3.50,A\n18,25/02/2026 11:00,bob,tea,1,4.00,B\n";

    [Fact]
    public async Task A_marketer_says_what_the_columns_are_sees_what_it_comes_to_and_is_not_asked_again()
    {
        await using var app = await AppUnderTest.StartAsync();
        await using var window = await BrowserWindow.OpenAsync(app);
        await window.SignInAsync(app.Key);
        await DropAsync(app, window, "till.csv", Till);
        await window.HeadingAsync("Columns of till.csv");
        await window.SeesAsync("The column \"customer_id\" is missing");
        await window.CheckAsync();

        await window.Page.GetByLabel("What “Client” is").SelectOptionAsync("customer_id");
        await window.ClickAsync("Check again");
        await window.SeesAsync("Read as orders: 2 of all 2 rows can be imported");
        await window.CheckAsync();
        await window.ClickAsync("Import");
        await app.QuietAsync();
        await window.HeadingAsync("Import of till.csv");

        await DropAsync(app, window, "next.csv", Till.Replace("17,", "19,", StringComparison.Ordinal));
        await window.HeadingAsync("Import of next.csv");
        await window.SeesAsync("The columns were read as was said of till.csv.");
        await window.VisitAsync("/imports");
        await window.SeesAsync("Kinds of files that you explained");
        await window.CheckAsync();
        await window.ClickAsync("Forget");
        await window.SeesAsync("Forgotten");
        window.NothingWrong();
    }

    private static async Task DropAsync(AppUnderTest app, BrowserWindow window, string name, string content)
    {
        await window.VisitAsync("/imports");
        await window.Page.GetByLabel("Choose a file, or drop it here").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(content) });
        // The import's page, or already the page that asks for its columns: both come after the upload, one may be gone at once.
        await Assertions.Expect(window.Page).ToHaveURLAsync(new Regex("/imports/.+", RegexOptions.None, TimeSpan.FromSeconds(1)), new() { Timeout = 60_000 });
        await app.QuietAsync();
    }
}
