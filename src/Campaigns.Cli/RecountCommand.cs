using System.CommandLine;
using Campaigns.Core.Measurement;
using Campaigns.Core.Planning.Decisions;
using Microsoft.Extensions.DependencyInjection;

namespace Campaigns.Cli;

/// <summary>
/// <c>./campaigns recount RUN</c>: refolds a run from its orders and compares with what was folded step by step, and makes its
/// decisions once more from what it froze. Reads the store of <c>serve</c>, which may go on running; changes nothing.
/// </summary>
internal static class RecountCommand
{
    /// <summary>Exit code where stored outcomes do not follow from the orders, or decisions not from what the run froze.</summary>
    private const int Differs = 1;

    public static Command Create()
    {
        var (run, store) = (StoredRun.Argument(), new StoreOptions());
        var command = new Command("recount", "Recounts a run from its orders, decides it once more, and says whether what is stored agrees.") { run, store.Storage, store.Data };
        command.SetAction((result, cancellation) => store.ReadAsync(result, services => RunAsync(services, result.GetValue(run)!, cancellation)));
        return command;
    }

    private static async Task<int> RunAsync(IServiceProvider services, string run, CancellationToken cancellation)
    {
        if (await services.GetRequiredService<Recount>().RunAsync(run, cancellation) is not { } report)
        {
            return await StoredRun.MissingAsync(services, run, cancellation);
        }

        var check = await services.GetRequiredService<RunDecisions>().CheckAsync(run, cancellation);
        return Math.Max(Print(report), Print(check!));
    }

    private static int Print(DecisionCheck check)
    {
        if (check.Agrees)
        {
            Say.Line($"{check.Run}: {check.Customers:N0} customers decided once more; every logged decision comes out again.");
            return 0;
        }

        Say.Line($"{check.Run}: of {check.Customers:N0} customers, {check.Different:N0} have a logged decision that does not come out again. The first {check.Examples.Count}:");
        foreach (var customer in check.Examples)
        {
            Say.Line($"  customer {customer}");
        }

        return Differs;
    }

    private static int Print(RecountReport report)
    {
        if (report.Agrees)
        {
            Say.Line($"{report.Run}: {report.Customers:N0} customers recounted from their orders; every stored result agrees.");
            return 0;
        }

        Say.Line($"{report.Run}: of {report.Customers:N0} customers, {report.Different:N0} have a stored result that their orders do not bear out. The first {report.Examples.Count}:");
        foreach (var example in report.Examples)
        {
            // Outcomes are figures; the id is the shop's own and is needed to look the customer up.
            Say.Line($"  customer {example.CustomerId}");
            Say.Line($"    stored    {example.Stored}");
            Say.Line($"    recounted {example.Recounted}");
        }

        return Differs;
    }
}
