using Campaigns.Core.Dispatch.Ledger;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Dispatch;

/// <summary>What a batch is claimed under: attempt, end of the claim (system time) and business time.</summary>
internal readonly record struct ClaimTerms(string Attempt, DateTimeOffset Until, DateTimeOffset Now);

/// <summary>Decides about decided messages once more and renders those that go out, a batch at a time. Writes nothing.</summary>
internal sealed class Preparation(JobContext context, string partition, IRecommendations recommendations, MessageRenderer renderer, IMessageLinks links)
{
    private readonly string run = context.Head.Job;
    private readonly RunInputs inputs = context.Inputs<RunInputs>();
    private readonly Letterheads letterheads = new(context.Rows);
    private Dictionary<CustomerKey, MembershipRow> memberships = [];
    private Dictionary<CustomerKey, Stored<CustomerRow>> customers = [];
    private Dictionary<CustomerKey, PurchaseHistory> histories = [];

    /// <summary>The customer in a record's key.</summary>
    public static CustomerKey KeyOf(Stored<AssignmentRow> record) => new(record.Key[^CustomerKey.Length..]);

    /// <summary>Reads what the batch needs at once: ranges of rows instead of some reads per customer. The claim fails where a customer's row has changed since.</summary>
    public async ValueTask LoadAsync(IReadOnlyList<Stored<AssignmentRow>> batch, CancellationToken cancellation)
    {
        var keys = batch.Select(KeyOf).Order().ToList();
        customers = await RowJoin.StoredAsync<CustomerRow>(context.Rows, partition, "c|", keys, cancellation);
        memberships = inputs.Campaign.IsPromised ? [] : await RowJoin.LoadAsync<MembershipRow>(context.Rows, partition, "m|", keys, cancellation);
        var readers = batch.Where(r => UsesProducts(r.Value) || SendGate.IsWinBack(r.Value, inputs)).Select(KeyOf).Order().ToList();
        histories = await RowJoin.LoadAsync<PurchaseHistory>(context.Rows, partition, "h|", readers, cancellation);
    }

    /// <summary><see cref="Prepared"/>, or the record as it stands without a sending.</summary>
    public async ValueTask<object> PrepareAsync(
        Stored<AssignmentRow> record, IMessageChannel channel, CampaignStatus status, DispatchHold hold, ClaimTerms terms, CancellationToken cancellation)
    {
        var now = terms.Now;
        var (row, key) = (record.Value, KeyOf(record));
        if (hold.Cancelled)
        {
            return SendLedger.Skip(row, SendReasons.SendCancelled);
        }

        var segment = memberships.GetValueOrDefault(key)?.Primary;
        var customer = customers.GetValueOrDefault(key);
        var treatment = TreatmentOf(row);
        var history = histories.GetValueOrDefault(key);
        switch (SendGate.Decide(customer?.Value, row, run, inputs, status, history is { Orders: > 0 } ? history.LastOrderAt : null, context.Settings, now, segment))
        {
            case SendDecision.Skip skip: return SendLedger.Skip(row, skip.Why);
            case SendDecision.Defer defer: return SendLedger.Defer(row, defer.Until, defer.Why);
        }

        if (hold.BudgetSpent || treatment is null)
        {
            return SendLedger.Skip(row, hold.BudgetSpent ? SendReasons.BudgetSpent : SendReasons.NotRendered);
        }

        var products = !UsesProducts(row) ? []
            : treatment.Offer.Kind == OfferKind.Bundle ? await recommendations.NamedAsync(treatment.Offer.BundleSkus, cancellation)
            : await recommendations.RecommendAsync(key, history is not null && !customer!.Value.ObjectsToProfiling ? history : new PurchaseHistory { CustomerId = row.CustomerId }, cancellation);
        var (offer, offerEndsAt) = (treatment.Offer with { Code = row.CodeOf(treatment.Offer) }, MessageFields.OfferEnd(treatment.Offer, now, inputs.WindowEnd));
        var fields = MessageFields.Of(new SendId(run, key), row.Campaign, customer!.Value, row.Channel, channel.OneWay, offer, offerEndsAt, products, context.Settings, links, now);
        if (renderer.Render(treatment.Template, fields, row.Channel) is not RenderResult.Rendered { Message: var message })
        {
            return SendLedger.Skip(row, SendReasons.NotRendered);
        }

        var cost = row.Channel == Channel.Email ? inputs.EmailCostMicros : inputs.SmsCostMicros * SmsLength.Of(message.Text).Segments;
        var sent = fields.Kept(await letterheads.KeepAsync(context.Settings, cancellation), message);
        var claimed = SendLedger.Claim(row, terms.Attempt, terms.Until, now, offerEndsAt, sent, cost);
        var counted = SendLedger.Count(customer.Value, new RecentSend(row.Channel, row.Campaign, run, now), offer.Code);
        return new Prepared(record.Key, record.ETag, claimed, customer.Key, customer.ETag, counted, message);
    }

    private Treatment? TreatmentOf(AssignmentRow row) => Array.Find(inputs.Campaign.Treatments, t => string.Equals(t.Id, row.Treatment, StringComparison.Ordinal));

    private bool UsesProducts(AssignmentRow row) => TreatmentOf(row) is { } treatment && MessageRenderer.UsesProducts(treatment.Template, row.Channel);
}
