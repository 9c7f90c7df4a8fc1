using System.Text;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Simulation;

namespace Campaigns.Cli.Demo;

/// <summary>
/// A real file of orders. The last tenth of its time span is kept back and fed in as what follows. No message of ours
/// caused those orders, so the true lift is zero. The file has no addresses: they are made up from the customer ids.
/// </summary>
internal sealed class FileSource : IDemoSource
{
    /// <summary>Share of the time span that is history.</summary>
    private const double HistoryShare = 0.9;

    /// <summary>Currency of files that name none: the Online Retail export's.</summary>
    private const string Currency = "GBP";

    private readonly string path;
    private readonly OrderSurvey survey;
    private readonly DemoOptions options;

    private FileSource(string path, OrderSurvey survey, DemoOptions options)
    {
        (this.path, this.survey, this.options) = (path, survey, options);
        var split = survey.FirstAt + ((survey.LastAt - survey.FirstAt) * HistoryShare);
        LaunchAt = new DateTimeOffset(split.UtcDateTime.Date, TimeSpan.Zero);
    }

    public string Description => $"{Path.GetFileName(path)}: {survey.Customers.Count:N0} customers, {survey.FirstAt:yyyy-MM-dd} to {survey.LastAt:yyyy-MM-dd}";

    public DateTimeOffset LaunchAt { get; }

    public DateTimeOffset EndAt => survey.LastAt.AddSeconds(1);

    public object Settings => new
    {
        name = "Your shop",
        currency = survey.Currency,
        holdoutShare = options.Holdout,
        postalAddress = "Your shop, your street, your town",
    };

    public string TruthNote => "No message of ours caused these orders, so the true lift is zero.";

    /// <summary>Reads the file once for its time span and customers.</summary>
    public static async Task<FileSource> OpenAsync(DemoOptions options, CancellationToken cancellation)
    {
        var file = Path.GetFullPath(options.Orders!);
        await using var stream = File.OpenRead(file);
        try
        {
            return new FileSource(file, await OrderSurvey.ReadAsync(stream, Currency, cancellation), options);
        }
        catch (JobFailedException refused)
        {
            throw new InvalidOperationException($"{Path.GetFileName(file)}: {refused.Message}", refused);
        }
    }

    public async Task ImportHistoryAsync(DemoShop shop, CancellationToken cancellation)
    {
        var contacts = survey.Customers.Select(c => MadeUpContacts.For(c.Key, c.Value, survey.FirstAt));
        await shop.ImportAsync(
            "/api/customers?name=made-up-contacts.csv",
            stream => CsvBody.WriteAsync(stream, writer => MarketCsv.WriteCustomers(writer, contacts), cancellation),
            "Customers",
            cancellation);
        await ImportAsync(shop, DateTimeOffset.MinValue, LaunchAt, "Orders", cancellation);
    }

    public Task FeedAsync(DemoShop shop, IReadOnlyList<DemoRunRecord> runs, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        ImportAsync(shop, from, to, "Orders that follow", cancellation);

    public double? TruePer1000Minor(DemoRunRecord run, IReadOnlyList<DemoRunRecord> all) => 0;

    private Task ImportAsync(DemoShop shop, DateTimeOffset from, DateTimeOffset before, string what, CancellationToken cancellation) => shop.ImportAsync(
        $"/api/orders?name={Uri.EscapeDataString(Path.GetFileName(path))}",
        async stream =>
        {
            await using var file = File.OpenRead(path);
            await using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
            await survey.CopyAsync(file, writer, from, before, cancellation);
        },
        what,
        cancellation);
}
