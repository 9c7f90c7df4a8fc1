using System.Text;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Segments;
using Campaigns.Functions.Hosting;
using Campaigns.Simulation;

namespace Campaigns.Functions.Console;

/// <summary>How far the example shop is: a sentence, and a share of the way in [0, 1]. <paramref name="Failed"/>: it cannot go on.</summary>
public sealed record ExampleProgress(string Sentence, double Share, bool Failed = false);

/// <summary>
/// "Try the example shop": a generated market, imported as any shop would be. It keeps no state of its own: each look at its
/// progress takes the next step where one is due, and every step can be repeated, so that it goes on after a restart and
/// on whichever instance answers.
/// </summary>
public sealed class ExampleShop(Imports imports, Workspace workspace, SegmentReader segments, Recompute recompute, WorkQueues queues, CampaignsOptions options)
{
    /// <summary>Customers of the example: enough for campaigns to be measured, few enough to be there in seconds.</summary>
    public const int Customers = 2_000;

    /// <summary>Ids of the two imports: fixed, so that pressing the button twice makes one shop.</summary>
    public const string CustomersImport = "example-customers", OrdersImport = "example-orders";

    /// <summary>The example begins in the morning after its last day: messages go out at once, not after a night.</summary>
    public static readonly TimeSpan Morning = TimeSpan.FromHours(10);

    private static readonly MarketOptions Options = new() { Customers = Customers };

    /// <summary>Begins: clock, settings, customers. Only in a store without orders: an example would mix with a real shop's.</summary>
    public async ValueTask<string?> BeginAsync(CancellationToken cancellation)
    {
        if ((await imports.ListAsync(cancellation)).Any(i => i.Id is not (CustomersImport or OrdersImport)))
        {
            return "There are imports already. The example shop wants an empty store: start the app with another file, ./campaigns serve --data example.db";
        }

        await workspace.SetNowAsync(Options.EndAt + Morning, cancellation);
        await workspace.ChangeAsync(
            s => s with
            {
                Name = "Example shop",
                Currency = Options.Currency,
                MarginShare = 0.4,
                PostalAddress = "1 Example Street, London",
                // Its clock moves by days at a time, and no orders come in.
                Brakes = SendBrakes.Off,
            },
            cancellation);
        await ImportAsync(CustomersImport, ImportSubject.Customers, "Example customers", (writer, market) => MarketCsv.WriteCustomers(writer, market.Contacts()), cancellation);
        return null;
    }

    /// <summary>Where it stands, after taking the step that is due; null where it was never begun or is ready.</summary>
    public async ValueTask<ExampleProgress?> ProgressAsync(CancellationToken cancellation)
    {
        if (await imports.FindAsync(CustomersImport, cancellation) is not { } customers)
        {
            return null;
        }

        if (customers.Status != JobStatus.Done)
        {
            return Of("Importing customers", 0.05, 0.2, customers);
        }

        if (await imports.FindAsync(OrdersImport, cancellation) is not { } orders)
        {
            await ImportAsync(OrdersImport, ImportSubject.Orders, "Example orders", (writer, market) => MarketCsv.WriteOrders(writer, market, market.History()), cancellation);
            return new ExampleProgress("Importing two years of orders", 0.3);
        }

        if (orders.Status != JobStatus.Done)
        {
            return Of("Importing two years of orders", 0.3, 0.5, orders);
        }

        if (await segments.LatestAsync(cancellation) is { Report.Customers: > 0 })
        {
            return null;
        }

        if (!options.FollowUps)
        {
            await queues.SendAsync(await recompute.StartAsync(await workspace.NowAsync(cancellation), OrdersImport, cancellation), cancellation);
        }

        return new ExampleProgress("Finding segments", 0.9);
    }

    private static ExampleProgress Of(string what, double from, double span, ImportProgress import) => import.Status == JobStatus.Failed
        ? new ExampleProgress(import.Problem ?? "The import failed.", from, Failed: true)
        : new ExampleProgress(what, from + (span * Share(import)), Failed: false);

    private static double Share(ImportProgress import) =>
        ((import.Stage == "parse" ? 0 : 1) + (import.Total == 0 ? 0 : (double)import.Done / import.Total)) / 2;

    private async ValueTask ImportAsync(string id, ImportSubject subject, string name, Action<TextWriter, Market> write, CancellationToken cancellation)
    {
        // A few megabytes: the example is small on purpose.
        using var content = new MemoryStream();
        await using (var writer = new StreamWriter(content, new UTF8Encoding(false), leaveOpen: true))
        {
            write(writer, new Market(Options));
        }

        content.Position = 0;
        var started = await imports.StartAsync(new ImportRequest { Id = id, Subject = subject, Format = ImportFormat.Csv, Name = name }, content, cancellation);
        await queues.SendAsync(started.Messages, cancellation);
    }
}
