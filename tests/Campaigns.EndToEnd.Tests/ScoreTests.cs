using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace Campaigns.EndToEnd.Tests;

/// <summary><c>./campaigns score</c> as a program, on published data and on files of our own.</summary>
[Collection(Processes.Name)]
public sealed class ScoreTests
{
    /// <summary>Many times what it takes on two busy cores.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Campaigns.Cli.dll");

    [Fact]
    public async Task CDNOW_gives_the_published_parameters_and_a_ranking_that_holds_out_of_sample()
    {
        using var folder = new TempFolder();
        await System.IO.File.WriteAllLinesAsync(folder.Combine("cdnow.csv"), Cdnow(), TestContext.Current.CancellationToken);
        var report = await ScoreAsync(folder, folder.Combine("cdnow.csv"), "--calibration-end", "1997-09-30", "--time-unit", "week");

        Assert.Equal((2_357, 6_919, "1998-06-30"), (report.GetProperty("customers").GetInt32(), report.GetProperty("orders").GetInt32(), report.GetProperty("asOf").GetString()));

        // Fader, Hardie and Lee (2005); Fader and Hardie (2005, 2013): 39 weeks of calibration, orders of one day merged.
        Near(report, "bg-nbd", ("r", .243, .001), ("alpha", 4.414, .001), ("a", .793, .001), ("b", 2.426, .001), ("logLikelihood", -9582.4, .05));
        Near(report, "pareto-nbd", ("r", .553, .001), ("alpha", 10.578, .002), ("s", .606, .001), ("beta", 11.669, .005), ("logLikelihood", -9595.0, .05));
        Near(report, "gamma-gamma", ("p", 6.25, .01), ("q", 3.74, .01), ("v", 15.44, .05));

        var holdout = report.GetProperty("holdout");
        Assert.Equal(("1997-10-01", "1998-06-30", 2_357), (holdout.GetProperty("from").GetString(), holdout.GetProperty("to").GetString(), holdout.GetProperty("customers").GetInt32()));
        Assert.Equal(1_882, holdout.GetProperty("actualOrders").GetInt32());
        Assert.InRange(holdout.GetProperty("predictedOrders").GetDouble() / 1_882, .8, 1.2);
        var auc = holdout.GetProperty("auc");
        Assert.InRange(auc.GetProperty(holdout.GetProperty("chosen").GetString()!).GetDouble(), .765, 1);
        Assert.InRange(auc.GetProperty("bg-nbd.active").GetDouble(), 0, .5);
        Whole(report);
    }

    [Fact]
    public async Task The_order_of_the_rows_changes_nothing()
    {
        using var folder = new TempFolder();
        var lines = Cdnow();
        await System.IO.File.WriteAllLinesAsync(folder.Combine("orders.csv"), lines, TestContext.Current.CancellationToken);
        var one = await ScoreAsync(folder, folder.Combine("orders.csv"));
        await System.IO.File.WriteAllLinesAsync(folder.Combine("orders.csv"), [lines[0], .. lines.Skip(1).Reverse()], TestContext.Current.CancellationToken);
        var other = await ScoreAsync(folder, folder.Combine("orders.csv"));

        Assert.Equal(one.GetRawText(), other.GetRawText());
        Assert.False(one.TryGetProperty("holdout", out _));
    }

    [Fact]
    public async Task Online_Retail_is_scored_as_it_is()
    {
        var file = SharedFiles.Require("data/online_retail.csv.gz");
        using var folder = new TempFolder();
        var report = await ScoreAsync(folder, file);

        Assert.Equal(("Online Retail", "GBP", "2011-12-09"), (report.GetProperty("format").GetString(), report.GetProperty("currency").GetString(), report.GetProperty("asOf").GetString()));
        // Customers with an id: £8,911,407.90 bought and £611,342.09 taken back; what matches a purchase is subtracted.
        var unmatched = report.GetProperty("unmatchedRefunds").GetDecimal();
        Assert.InRange(report.GetProperty("revenue").GetDecimal() - (8_911_407.90m - 611_342.09m + unmatched), -5m, 5m);
        Assert.InRange(report.GetProperty("customers").GetInt32(), 4_300, 4_339);
        Assert.Contains(report.GetProperty("warnings").EnumerateArray(), w => w.GetString()!.StartsWith("135,080 of 541,909 rows left out", StringComparison.Ordinal));
        Assert.Equal(4, report.GetProperty("models").EnumerateObject().Count());
        Whole(report);
    }

    [Fact]
    public async Task Lines_of_the_Complete_Journey_are_read_by_a_map_and_give_discount_shares()
    {
        var file = SharedFiles.Require("data/complete_journey_transactions_sample.csv.gz");
        using var folder = new TempFolder();
        var report = await ScoreAsync(
            folder, file, "--map", "order_id=basket_id,customer_id=household_id,ordered_at=transaction_timestamp,sku=product_id,total=sales_value,discount_amount=retail_disc");

        Assert.Equal((2_377, 47_243), (report.GetProperty("customers").GetInt32(), report.GetProperty("orders").GetInt32()));
        var (discounted, lines, sales) = Discounted(file);
        Assert.InRange(report.GetProperty("revenue").GetDecimal() - sales, -.01m, .01m);
        var shares = report.GetProperty("priceSensitivity");
        var (alpha, beta) = (shares.GetProperty("alpha").GetDouble(), shares.GetProperty("beta").GetDouble());
        Assert.InRange((alpha / (alpha + beta)) - ((double)discounted / lines), -.02, .02);
        Assert.InRange(shares.GetProperty("customers").GetInt32(), 0, 2_377);
        Whole(report);
    }

    [Theory]
    [InlineData("order_id,customer_id,total\n1,a,2\n", "", "The column \"ordered_at\" is missing")]
    [InlineData("a,b\n1,2\n", "--map|ordr=a", "There is no field \"ordr\" to map")]
    [InlineData("a,b\n1,2\n", "--map|order_id=c", "The column \"c\", mapped to order_id, is missing; the file has a, b.")]
    [InlineData("order_id,customer_id,ordered_at,total\n1,a,soon,2\n", "", "No order in the file can be used. 1 of 1 rows left out; most often: the date is not one that we can read")]
    [InlineData("order_id,customer_id,ordered_at,total\n1,a,2025-01-01,2\n", "--as-of|31.12.2025", "--as-of is \"31.12.2025\"; write a date as 2025-12-31.")]
    [InlineData("order_id,customer_id,ordered_at,total\n1,a,2025-01-01,2\n", "--calibration-end|2025-06-01", "--calibration-end 2025-06-01 lies after the as-of day 2025-01-01.")]
    [InlineData("order_id,customer_id,ordered_at,total\n1,a,2025-01-01,2\n", "--time-unit|month", "--time-unit is \"month\"; choose day or week.")]
    [InlineData("", "", "The file is empty.")]
    public async Task What_cannot_be_scored_is_refused_in_one_sentence(string content, string options, string sentence)
    {
        using var folder = new TempFolder();
        await System.IO.File.WriteAllTextAsync(folder.Combine("orders.csv"), content, TestContext.Current.CancellationToken);
        await using var score = ChildProcess.Start("dotnet", [Program, "score", folder.Combine("orders.csv"), .. options.Split('|', StringSplitOptions.RemoveEmptyEntries)], folder.Path);

        Assert.Equal(2, await score.WaitForExitAsync(Limit));
        Assert.Contains(sentence, Assert.Single(score.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_little_history_gives_segments_by_rules_and_says_why_there_are_no_models()
    {
        using var folder = new TempFolder();
        await System.IO.File.WriteAllTextAsync(
            folder.Combine("orders.csv"),
            "order_id,customer_id,ordered_at,sku,quantity,unit_price,discount_amount,currency\n"
            + "1,ann,2025-01-01,mug,2,10.00,0,EUR\n2,ann,2025-02-01,mug,1,10.00,2.50,EUR\n3,bob,2025-02-10,mug,1,10.00,0,EUR\n4,bob,2025-02-11,mug,-1,10.00,0,EUR\n"
            + "5,eve,2025-02-12,mug,1,0,0,EUR\n6,eve,2025-02-13,mug,1,9.00,0,USD\n7,eve,2025-03-01,mug,1,10.00,0,EUR\n",
            TestContext.Current.CancellationToken);
        var report = await ScoreAsync(folder, folder.Combine("orders.csv"), "--as-of", "2025-02-28");

        // Bob's mug came back, Eve's costs nothing and is an order; one row is in dollars, one order too late.
        Assert.Equal((2, 3, 27.50m), (report.GetProperty("customers").GetInt32(), report.GetProperty("orders").GetInt32(), report.GetProperty("revenue").GetDecimal()));
        Assert.Empty(report.GetProperty("models").EnumerateObject());
        Assert.True(report.GetProperty("preliminary").GetBoolean());
        var warnings = report.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()!).ToList();
        Assert.Contains(warnings, w => w.StartsWith("2 of 500 customers with an order that models need", StringComparison.Ordinal));
        Assert.Contains("1 of 7 rows left out: 1 × currency USD is not the file's EUR.", warnings);
        Assert.Contains("Orders and refunds after 2025-02-28 were left out: 1.", warnings);
        Whole(report);
    }

    [Fact]
    public async Task Every_customer_has_a_row_with_scores_and_the_reason_for_its_segment()
    {
        using var folder = new TempFolder();
        await System.IO.File.WriteAllLinesAsync(folder.Combine("cdnow.csv"), Cdnow(), TestContext.Current.CancellationToken);
        var report = await ScoreAsync(folder, folder.Combine("cdnow.csv"), "--out", folder.Combine("customers.csv"));

        var rows = await System.IO.File.ReadAllLinesAsync(folder.Combine("customers.csv"), TestContext.Current.CancellationToken);
        var columns = rows[0].Split(',').Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i, StringComparer.Ordinal);
        var customers = rows.Skip(1).Select(Cells).ToList();
        Assert.Equal(report.GetProperty("customers").GetInt32(), customers.Count);
        Assert.All(customers, c => Assert.Equal(columns.Count, c.Count));
        Assert.Equal(customers.Count, customers.Select(c => c[columns["customer_id"]]).Distinct().Count());
        Assert.Equal(report.GetProperty("orders").GetInt32(), customers.Sum(c => Number(c, "orders")));
        Assert.Equal(report.GetProperty("revenue").GetDecimal(), customers.Sum(c => Number(c, "spend")));
        foreach (var segment in report.GetProperty("primarySegments").EnumerateObject())
        {
            Assert.Equal(segment.Value.GetInt32(), customers.Count(c => c[columns["segment"]] == segment.Name));
        }

        foreach (var cell in report.GetProperty("rfmMap").EnumerateObject())
        {
            Assert.Equal(cell.Value.GetInt32(), customers.Count(c => c[columns["rfm_name"]] == cell.Name));
        }

        Assert.All(customers, c =>
        {
            Assert.InRange(Number(c, "probability_active"), 0, 1);
            Assert.InRange(Number(c, "order_probability"), 0, 1);
            Assert.InRange(Number(c, "risk_score"), 0, 1);
            Assert.InRange(Number(c, "lifetime_value"), 0, decimal.MaxValue);
            Assert.Equal(c[columns["segment"]].Length > 0, c[columns["reason"]].Length > 0);
        });
        Assert.Contains(customers, c => c[columns["segment"]] == "at-risk" && c[columns["reason"]].Contains($"{c[columns["days_since_last_order"]]} days since the last order", StringComparison.Ordinal));

        decimal Number(List<string> row, string column) => decimal.Parse(row[columns[column]], CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Segments_of_a_file_stand_in_for_the_built_in_ones_and_faults_are_named_by_path()
    {
        using var folder = new TempFolder();
        await System.IO.File.WriteAllLinesAsync(folder.Combine("cdnow.csv"), Cdnow(), TestContext.Current.CancellationToken);
        await System.IO.File.WriteAllTextAsync(
            folder.Combine("scheme.json"),
            """
            { "id": "halves", "name": "Halves", "exclusive": true, "segments": [
              { "id": "once", "name": "Once", "rule": { "field": "order_days", "is": 1 } },
              { "id": "again", "name": "Again", "rule": { "field": "order_days", "above": 1 } } ] }
            """,
            TestContext.Current.CancellationToken);
        var report = await ScoreAsync(folder, folder.Combine("cdnow.csv"), "--segments", folder.Combine("scheme.json"));

        var segments = report.GetProperty("segments");
        Assert.Equal(["once", "again"], segments.EnumerateObject().Select(s => s.Name));
        Assert.Equal(2_357, segments.EnumerateObject().Sum(s => s.Value.GetInt32()));
        Assert.Equal(0, report.GetProperty("unsegmented").GetInt32());
        Whole(report);

        await System.IO.File.WriteAllTextAsync(folder.Combine("scheme.json"), """{ "id": "x", "name": "X", "segments": [ { "id": "a", "name": "A", "rule": { "field": "ordr_days", "is": 1 } } ] }""", TestContext.Current.CancellationToken);
        await using var refused = ChildProcess.Start("dotnet", [Program, "score", folder.Combine("cdnow.csv"), "--segments", folder.Combine("scheme.json")], folder.Path);
        Assert.Equal(2, await refused.WaitForExitAsync(Limit));
        Assert.Contains("$.segments[0].rule", Assert.Single(refused.Lines), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> ScoreAsync(TempFolder folder, string file, params string[] options)
    {
        var json = folder.Combine("report.json");
        await using var score = ChildProcess.Start("dotnet", [Program, "score", file, "--json", json, .. options], folder.Path);
        Assert.True(await score.WaitForExitAsync(Limit) == 0, score.Output);
        return JsonSerializer.Deserialize<JsonElement>(await System.IO.File.ReadAllTextAsync(json, TestContext.Current.CancellationToken));
    }

    /// <summary>The sample of CDNOW's customers in our own columns; every row is an order of its own.</summary>
    private static List<string> Cdnow()
    {
        var lines = new List<string> { "order_id,customer_id,ordered_at,total" };
        foreach (var row in System.IO.File.ReadLines(SharedFiles.Require("data/cdnow_sample.txt")))
        {
            var cells = row.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            lines.Add($"{lines.Count},{cells[1]},{cells[2][..4]}-{cells[2][4..6]}-{cells[2][6..]},{cells[4]}");
        }

        return lines;
    }

    /// <summary>Cells of a row of CSV, quoted ones without their quotes.</summary>
    private static List<string> Cells(string row)
    {
        var (cells, quoted, start) = (new List<string>(), false, 0);
        for (var i = 0; i <= row.Length; i++)
        {
            if (i == row.Length || (row[i] == ',' && !quoted))
            {
                cells.Add(row[start..i].Trim('"').Replace("\"\"", "\"", StringComparison.Ordinal));
                start = i + 1;
            }
            else if (row[i] == '"')
            {
                quoted = !quoted;
            }
        }

        return cells;
    }

    private static (int Discounted, int Lines, decimal Sales) Discounted(string file)
    {
        using var text = new StreamReader(new GZipStream(System.IO.File.OpenRead(file), CompressionMode.Decompress));
        text.ReadLine();
        var (discounted, lines, sales) = (0, 0, 0m);
        while (text.ReadLine() is { } row)
        {
            var cells = row.Split(',');
            lines++;
            sales += decimal.Parse(cells[5], NumberStyles.Float, CultureInfo.InvariantCulture);
            discounted += decimal.Parse(cells[6], NumberStyles.Float, CultureInfo.InvariantCulture) > 0 ? 1 : 0;
        }

        return (discounted, lines, sales);
    }

    private static void Near(JsonElement report, string model, params (string Name, double Value, double Tolerance)[] expected)
    {
        foreach (var (name, value, tolerance) in expected)
        {
            Assert.InRange(report.GetProperty("models").GetProperty(model).GetProperty(name).GetDouble(), value - tolerance, value + tolerance);
        }
    }

    /// <summary>Every customer has a cell, and is in segments or in none.</summary>
    private static void Whole(JsonElement report)
    {
        var customers = report.GetProperty("customers").GetInt64();
        Assert.Equal(customers, report.GetProperty("rfmMap").EnumerateObject().Sum(c => c.Value.GetInt64()));
        Assert.Equal(customers, report.GetProperty("primarySegments").EnumerateObject().Sum(c => c.Value.GetInt64()) + report.GetProperty("unsegmented").GetInt64());
        Assert.All(report.GetProperty("segments").EnumerateObject(), s => Assert.InRange(s.Value.GetInt64(), report.GetProperty("primarySegments").GetProperty(s.Name).GetInt64(), customers));
    }
}
