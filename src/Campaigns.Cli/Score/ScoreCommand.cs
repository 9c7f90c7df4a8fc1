using System.CommandLine;
using Campaigns.Core.Ingest.Csv;

namespace Campaigns.Cli.Score;

/// <summary><c>./campaigns score ORDERS.csv</c>: models, segments and scores from a file of orders, without any server or store.</summary>
internal static class ScoreCommand
{
    private const string About =
        "Fits purchase models to a file of orders and puts its customers into segments. Exports of Shopify and WooCommerce, Online Retail "
        + "and our own columns (order_id, customer_id, ordered_at, and total or sku, quantity, unit_price) are recognised by their headers.";

    public static Command Create()
    {
        var orders = new Argument<string>("orders") { Description = "CSV file of orders, gzip or not" };
        var map = new Option<string[]>("--map") { Description = "Columns by our names: order_id=InvoiceNo,customer_id=Account,… (+ adds columns up: discount_amount=a+b)" };
        var dateFormat = new Option<string?>("--date-format") { Description = "Format of dates that are not ISO 8601, as .NET writes it: dd/MM/yyyy" };
        var asOf = new Option<string?>("--as-of") { Description = "Day to count to; by default that of the newest order" };
        var calibration = new Option<string?>("--calibration-end") { Description = "Last day to fit models on; later orders check them. By default the as-of day" };
        var unit = new Option<string>("--time-unit") { Description = "day or week: the unit of time of the models' parameters", DefaultValueFactory = _ => "week" };
        var segments = new Option<string?>("--segments") { Description = "JSON file of a segment scheme; by default the built-in retail segments" };
        var rfm = new Option<string?>("--rfm") { Description = "JSON file of RFM settings (bins or fixed cuts, window, map); by default fifths and the usual map" };
        var json = new Option<string?>("--json") { Description = "Writes the report as JSON" };
        var customers = new Option<string?>("--out") { Description = "Writes a CSV with every customer's scores, segment and reason" };
        var command = new Command("score", About) { orders, map, dateFormat, asOf, calibration, unit, segments, rfm, json, customers };
        command.SetAction((result, cancellation) => RunAsync(
            () => new ScoreOptions
            {
                Orders = result.GetValue(orders)!,
                Map = ColumnMap.Parse(string.Join(',', result.GetValue(map) ?? [])),
                DateFormat = result.GetValue(dateFormat),
                AsOf = ScoreOptions.Date("--as-of", result.GetValue(asOf)),
                CalibrationEnd = ScoreOptions.Date("--calibration-end", result.GetValue(calibration)),
                DaysPerUnit = ScoreOptions.Unit(result.GetValue(unit)!),
                Segments = result.GetValue(segments),
                Rfm = result.GetValue(rfm),
                Json = result.GetValue(json),
                Out = result.GetValue(customers),
            },
            cancellation));
        return command;
    }

    private static Task<int> RunAsync(Func<ScoreOptions> read, CancellationToken cancellation)
    {
        var file = "";
        return CommandFrame.RunAsync(() => file, async () =>
        {
            var options = read();
            file = Path.GetFileName(options.Orders);
            var scored = await CommandProgress.RunAsync(progress => Scoring.RunAsync(options, progress, cancellation));
            if (options.Json is { } report)
            {
                await ScoreReport.WriteAsync(scored, report, cancellation);
            }

            ScoreTables.Print(scored);
            ScoreTables.PrintFiles(options);
            return 0;
        });
    }
}
