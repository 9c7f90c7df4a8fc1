using System.Text.Json;

namespace Campaigns.Functions.Tests.Api;

/// <summary>Files put into a watched folder.</summary>
public sealed class InboxTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("campaigns-inbox-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_file_is_imported_once_and_again_only_when_it_is_written_anew()
    {
        await using var app = await AppUnderTest.StartAsync(false, "--Campaigns:Inbox=" + folder);
        Put("orders.csv", "order_id,customer_id,ordered_at,total\n1,ann,2025-01-01,1\n", ageMinutes: 10);
        for (var i = 0; i < 3; i++)
        {
            await app.TickAsync("TakeInFiles");
        }

        var file = Assert.Single(await FilesAsync(app));
        Assert.Equal("orders.csv", file.GetProperty("name").GetString());
        var import = await app.GetAsync("/api/imports/" + file.GetProperty("import").GetString());
        Assert.Equal(("Done", "orders.csv", 1), (import.GetProperty("status").GetString(), import.GetProperty("name").GetString(), import.GetProperty("summary").GetProperty("new").GetInt32()));

        Put("orders.csv", "order_id,customer_id,ordered_at,total\n1,ann,2025-01-01,1\n2,ann,2025-01-02,1\n", ageMinutes: 5);
        await app.TickAsync("TakeInFiles");
        var again = await app.GetAsync("/api/imports/" + (await FilesAsync(app))[0].GetProperty("import").GetString());
        Assert.Equal((1, 1), (again.GetProperty("summary").GetProperty("new").GetInt32(), again.GetProperty("summary").GetProperty("unchanged").GetInt32()));
        Assert.Equal(2, (await app.GetAsync("/api/imports")).GetArrayLength());
        Assert.True(File.Exists(Path.Combine(folder, "orders.csv")));
    }

    [Fact]
    public async Task What_is_no_data_is_refused_with_a_sentence_and_what_may_still_be_on_its_way_waits()
    {
        await using var app = await AppUnderTest.StartAsync(false, "--Campaigns:Inbox=" + folder);
        Put("picture.png", "x", ageMinutes: 10);
        Put("empty.csv", "", ageMinutes: 10);
        Put("young.csv", "email\nann@example.com\n", ageMinutes: 0);
        Put(".hidden.csv", "email\nann@example.com\n", ageMinutes: 10);
        await app.TickAsync("TakeInFiles");

        var files = (await FilesAsync(app)).ToDictionary(f => f.GetProperty("name").GetString()!, f => f.GetProperty("refusal").GetString()!, StringComparer.Ordinal);
        Assert.Equal(["empty.csv", "picture.png"], files.Keys.Order(StringComparer.Ordinal));
        Assert.StartsWith("The file is empty", files["empty.csv"], StringComparison.Ordinal);
        Assert.StartsWith("This is no file of data", files["picture.png"], StringComparison.Ordinal);
        var page = await app.Admin.GetStringAsync("/imports", Cancelled);
        Assert.Contains("picture.png", page, StringComparison.Ordinal);
        Assert.Contains(folder, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_folder_the_timer_does_nothing()
    {
        await using var app = await AppUnderTest.StartAsync();
        await app.TickAsync("TakeInFiles");
        Assert.Empty(await FilesAsync(app));
        Assert.DoesNotContain("Watched folder", await app.Admin.GetStringAsync("/imports", Cancelled), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void Put(string name, string content, int ageMinutes)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, content);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-ageMinutes));
    }

    private static async Task<List<JsonElement>> FilesAsync(AppUnderTest app) => [.. (await app.GetAsync("/api/inbox")).GetProperty("files").EnumerateArray()];
}
