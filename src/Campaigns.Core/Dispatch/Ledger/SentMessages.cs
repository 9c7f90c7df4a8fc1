using Campaigns.Core.Jobs;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Dispatch.Ledger;

/// <summary>What making a sent message again came to.</summary>
public abstract record SentMessage
{
    private SentMessage()
    {
    }

    /// <summary>The message.</summary>
    /// <param name="Message">As it is made now from what was kept.</param>
    /// <param name="Row">Its sending record.</param>
    /// <param name="Same">Its fingerprint is that of what was sent. False where this version of the program makes messages differently.</param>
    public sealed record Found(OutgoingMessage Message, AssignmentRow Row, bool Same) : SentMessage;

    /// <summary>There is none to show; the sentence says why.</summary>
    public sealed record None(string Sentence) : SentMessage;
}

/// <summary>Makes sent messages again, from the run's template and offer, the sending record and what it kept.</summary>
public sealed class SentMessages(IRowStore rows, Workspace workspace, Runs runs, MessageRenderer renderer, Func<WorkspaceSettings, IMessageLinks> links)
{
    private readonly Letterheads letterheads = new(rows);

    /// <summary>The message of a run to a customer; null where there is no such run.</summary>
    public async ValueTask<SentMessage?> FindAsync(string run, string customerId, CancellationToken cancellation)
    {
        if (await runs.FindAsync(run, cancellation) is not { } found)
        {
            return null;
        }

        var settings = await workspace.SettingsAsync(cancellation);
        if (customerId.Length is 0 or > CustomerKey.MaxIdLength)
        {
            return new SentMessage.None("There is no such customer.");
        }

        var key = CustomerKey.Of(settings.Salt, customerId);
        var partition = new Bucketing(settings.Buckets).PartitionOf(key);
        if (await rows.FindAsync<AssignmentRow>(Tables.Customers, partition, Tables.Assignment(run, key), cancellation) is not { Value: var row })
        {
            return new SentMessage.None("The customer has no sending record in this run.");
        }

        if (row.Sent is not { } sent || row.SentAt is null)
        {
            return new SentMessage.None(row.HeldOut ? "The customer is in the control group: nothing was sent." : row.WasSent ? "The message was sent by a version of the program that kept too little to make it again." : "Nothing was sent to the customer.");
        }

        if (await letterheads.FindAsync(sent.Letterhead, cancellation) is not { } letterhead)
        {
            throw new InvalidDataException($"The letterhead {sent.Letterhead} of a message of run {run} is gone.");
        }

        return Again(new SendId(run, key), row, sent, found.Inputs, letterhead.On(settings));
    }

    private SentMessage Again(SendId id, AssignmentRow row, SentFields sent, RunInputs inputs, WorkspaceSettings settings)
    {
        var treatment = Array.Find(inputs.Campaign.Treatments, t => string.Equals(t.Id, row.Treatment, StringComparison.Ordinal))
            ?? throw new InvalidDataException($"Run {id.Run} has no variant {row.Treatment}.");
        var offer = treatment.Offer with { Code = row.CodeOf(treatment.Offer) };
        var products = sent.Products.Select(p => new RecommendedProduct(p.Sku, p.Name, p.Reason)).ToList();
        var fields = MessageFields.Of(id, row.Campaign, sent, offer, row.OfferEndsAt, products, settings, links(settings), row.SentAt!.Value);
        return renderer.Render(treatment.Template, fields, row.Channel) switch
        {
            RenderResult.Rendered { Message: var message } => new SentMessage.Found(message, row, SentFields.FingerprintOf(message.Subject, message.Html, message.Text) == sent.Fingerprint),
            RenderResult.Refused refused => new SentMessage.None($"The message cannot be made again: {refused.Problem}"),
            _ => throw new InvalidOperationException("A rendering is either made or refused."),
        };
    }
}
