using Campaigns.Core.Ingest;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Tracking;
using Campaigns.Simulation;

namespace Campaigns.Cli.Demo;

/// <summary>A generated market whose customers react to messages with effects that the generator knows.</summary>
internal sealed class MarketSource(DemoOptions options) : IDemoSource
{
    /// <summary>What follows is fed in for so long: past the churn horizon of 90 days, in whole weeks.</summary>
    private const int FollowUpDays = 91;

    /// <summary>Send costs as the settings have them: see <see cref="Settings"/>.</summary>
    private const long EmailCostMicros = 1_000, SmsCostMicros = 40_000;

    private readonly Market market = new(new MarketOptions { Seed = options.Seed, Customers = options.Customers });

    public string Description => $"a generated shop: {market.Options.Customers:N0} customers, {market.Options.Years} years, seed {market.Options.Seed}";

    public DateTimeOffset LaunchAt => market.Options.EndAt;

    public DateTimeOffset EndAt => LaunchAt.AddDays(FollowUpDays);

    public object Settings => new
    {
        name = "Example shop",
        currency = market.Options.Currency,
        timeZone = "Europe/London",
        country = "GB",
        // Margins come from the unit costs on the order lines; the share stands where a line has none.
        marginShare = 0.4,
        holdoutShare = options.Holdout,
        emailCostMicros = EmailCostMicros,
        smsCostMicros = SmsCostMicros,
        postalAddress = "Example shop, 1 Example Street, London",
    };

    public string TruthNote => "True: the mean, over the customers assigned, of expected profit under assignment minus under nothing, as the generator knows it.";

    public async Task ImportHistoryAsync(DemoShop shop, CancellationToken cancellation)
    {
        await shop.ImportAsync("/api/customers?name=customers.csv", s => CsvBody.WriteAsync(s, w => MarketCsv.WriteCustomers(w, market.Contacts()), cancellation), "Customers", cancellation);
        await shop.ImportAsync("/api/orders?name=orders.csv", s => CsvBody.WriteAsync(s, w => MarketCsv.WriteOrders(w, market, market.History()), cancellation), "Orders", cancellation);
    }

    public async Task FeedAsync(DemoShop shop, IReadOnlyList<DemoRunRecord> runs, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var sent = SentTo(runs);
        var settings = await shop.Workspace.SettingsAsync(cancellation);
        await shop.TouchAsync(TouchesOf(runs, settings.Salt, from, to), cancellation);
        var orders = market.FollowUp(i => sent.GetValueOrDefault(i), from, to);
        await shop.ImportAsync("/api/orders?name=later.csv", s => CsvBody.WriteAsync(s, w => MarketCsv.WriteOrders(w, market, orders), cancellation), "Orders that follow", cancellation);
    }

    public double? TruePer1000Minor(DemoRunRecord run, IReadOnlyList<DemoRunRecord> all)
    {
        var sentByZone = run.Assignments.Where(a => a.SentAt is not null).OrderBy(a => a.SentAt).ToLookup(ZoneOf, a => a.SentAt!.Value);
        var assigned = run.Assignments.Select(a => new AssignedCustomer(IndexOf(a), SpecOf(run, a, WouldBeSentAt(a, sentByZone))));
        var terms = new ProfitTerms(EmailCostMicros, MeanCost(run, Channel.Sms) ?? SmsCostMicros);
        return market.TrueLift(assigned, run.AssignedAt, run.Inputs.WindowEnd, terms).ProfitPerThousandMinor;
    }

    /// <summary>The messages that really went out, by customer.</summary>
    private Dictionary<int, IReadOnlyList<TreatmentSpec>> SentTo(IReadOnlyList<DemoRunRecord> runs) => runs
        .SelectMany(r => r.Assignments.Where(a => a is { HeldOut: false, SentAt: not null }).Select(a => (Index: IndexOf(a), Spec: SpecOf(r, a, a.SentAt))))
        .GroupBy(x => x.Index)
        .ToDictionary(g => g.Key, g => (IReadOnlyList<TreatmentSpec>)[.. g.Select(x => x.Spec)]);

    private IEnumerable<Touch> TouchesOf(IReadOnlyList<DemoRunRecord> runs, byte[] salt, DateTimeOffset from, DateTimeOffset to)
    {
        foreach (var (run, assignment) in runs.SelectMany(r => r.Assignments.Where(a => a is { HeldOut: false, SentAt: not null }).Select(a => (r, a))))
        {
            var id = new SendId(run.Run, CustomerKey.Of(salt, assignment.CustomerId)).ToString();
            var touches = market.TouchesOf(IndexOf(assignment), SpecOf(run, assignment, assignment.SentAt));
            if (touches.OpenedAt is { } opened && opened >= from && opened < to)
            {
                yield return new Touch(id, TouchKind.Opened, opened);
            }

            if (touches.ClickedAt is { } clicked && clicked >= from && clicked < to)
            {
                yield return new Touch(id, TouchKind.Clicked, clicked);
            }
        }
    }

    private static TreatmentSpec SpecOf(DemoRunRecord run, AssignmentRow assignment, DateTimeOffset? sentAt)
    {
        var offer = run.Inputs.Campaign.Treatments.First(t => t.Id == assignment.Treatment).Offer;
        var ends = assignment.OfferEndsAt ?? (offer.ValidHours > 0 ? sentAt?.AddHours(offer.ValidHours) : run.Inputs.WindowEnd);
        return TreatmentSpec.Of(run.Run, offer with { Code = assignment.CodeOf(offer) }, assignment.Channel, sentAt, ends);
    }

    /// <summary>
    /// When the message went out, or would have: a held-out customer would have been sent it when others of the same time
    /// zone were, whose median stands in. Null where it was skipped.
    /// </summary>
    private DateTimeOffset? WouldBeSentAt(AssignmentRow assignment, ILookup<string, DateTimeOffset> sentByZone)
    {
        if (!assignment.HeldOut)
        {
            return assignment.SentAt;
        }

        var times = sentByZone[ZoneOf(assignment)].ToList();
        return times.Count == 0 ? null : times[times.Count / 2];
    }

    private string ZoneOf(AssignmentRow assignment) => market.ContactOf(IndexOf(assignment)).TimeZone;

    private int IndexOf(AssignmentRow assignment) =>
        market.IndexOf(assignment.CustomerId) ?? throw new InvalidOperationException($"{assignment.CustomerId} is no customer of the market.");

    private static long? MeanCost(DemoRunRecord run, Channel channel)
    {
        var costs = run.Assignments.Where(a => a.Channel == channel && a.SendCostMicros > 0).Select(a => a.SendCostMicros).ToList();
        return costs.Count == 0 ? null : (long)Math.Round(costs.Average());
    }
}
