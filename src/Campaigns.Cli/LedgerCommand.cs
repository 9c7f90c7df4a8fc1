using System.CommandLine;
using System.Globalization;
using Campaigns.Core.Dispatch.Ledger;
using Campaigns.Core.Planning;
using Campaigns.Functions.Console;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Campaigns.Cli;

/// <summary>
/// <c>./campaigns ledger RUN</c>: what became of everybody in a run's audience, with totals that add up to it; with
/// <c>--state</c> the customers in a state. Reads the store of <c>serve</c>, which may go on running; changes nothing.
/// </summary>
internal static class LedgerCommand
{
    /// <summary>Exit code where the records do not add up to the audience.</summary>
    private const int Differs = 1;

    /// <summary>Records listed unless told otherwise: a screen.</summary>
    private const int UsualLimit = 50;

    public static Command Create()
    {
        var (run, store) = (StoredRun.Argument(), new StoreOptions());
        var state = new Option<SendState?>("--state") { Description = "List the customers in this state: " + string.Join(", ", Enum.GetNames<SendState>()) };
        var reason = new Option<string?>("--reason") { Description = "Only those with this reason, as the totals show it" };
        var limit = new Option<int>("--limit") { Description = "Customers to list at most", DefaultValueFactory = _ => UsualLimit };
        var command = new Command("ledger", "Lists what became of a run's messages, by state and reason; the totals add up to the audience.") { run, state, reason, limit, store.Storage, store.Data };
        command.SetAction((result, cancellation) => store.ReadAsync(result, async services =>
        {
            var (ledger, id) = (services.GetRequiredService<RunLedger>(), result.GetValue(run)!);
            if (await ledger.CountAsync(id, cancellation) is not { } totals)
            {
                return await StoredRun.MissingAsync(services, id, cancellation);
            }

            var filter = new LedgerFilter(result.GetValue(state), result.GetValue(reason));
            if (filter != default)
            {
                await ListAsync(ledger, id, filter, result.GetValue(limit), cancellation);
            }

            return Print(totals);
        }));
        return command;
    }

    private static async Task ListAsync(RunLedger ledger, string run, LedgerFilter filter, int limit, CancellationToken cancellation)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("Customer", "State", "Reason", "Variant", "By", "When");
        var (from, left) = ("", Math.Max(1, limit));
        while (left > 0)
        {
            var page = await ledger.ListAsync(run, filter, from, Math.Min(left, RunLedger.MaxPage), cancellation);
            foreach (var entry in page.Entries)
            {
                var when = entry.DeliveredAt ?? entry.SentAt ?? entry.DueAt;
                table.AddRow(
                    Markup.Escape(entry.CustomerId), Words.State(entry.State), Markup.Escape(entry.Reason ?? ""), Markup.Escape(entry.Treatment), Words.Channel(entry.Channel), when?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "");
            }

            left -= page.Entries.Count;
            if (page.Next is not { } next)
            {
                break;
            }

            from = next;
        }

        AnsiConsole.Write(table);
    }

    private static int Print(LedgerTotals totals)
    {
        Say.Line($"{totals.Run}: {totals.CampaignName}, launched {totals.LaunchedAt:yyyy-MM-dd HH:mm}");
        foreach (var (reason, customers) in totals.LeftOut.OrderByDescending(l => l.Value))
        {
            Say.Line($"  {customers,10:N0}  left out: {Words.Reason(reason)}");
        }

        foreach (var count in totals.Records)
        {
            Say.Line($"  {count.Customers,10:N0}  {Words.State(count.State)}{(count.Reason.Length > 0 ? ": " + count.Reason : "")}");
        }

        if (totals.AddsUp is not { } addsUp)
        {
            Say.Line($"  Customers are still being chosen: nothing is counted yet.");
            return 0;
        }

        Say.Line($"  {totals.Audience,10:N0}  in the audience; the lines above {(addsUp ? "add up to it" : "do NOT add up to it")}.");
        return addsUp ? 0 : Differs;
    }
}
