using System.Text.RegularExpressions;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Storage;

namespace Campaigns.Functions.Console;

/// <summary>Renders messages to look at, and sends them to the one who asks. Never touches a customer's records.</summary>
public sealed partial class ExampleMessages(
    IRowStore rows, Workspace workspace, MessageRenderer renderer, IRecommendations recommendations, IEnumerable<IMessageChannel> channels, TimeProvider time)
{
    /// <summary>Run under which test messages stand: no run has that id, so nothing that becomes of them changes a record.</summary>
    public const string TestRun = "test";

    /// <summary>The message that the customer would get now.</summary>
    public async ValueTask<RenderResult> RenderAsync(Treatment treatment, Channel channel, CustomerRow customer, string campaign, CancellationToken cancellation)
    {
        var settings = await workspace.SettingsAsync(cancellation);
        var key = CustomerKey.Of(settings.Salt, customer.CustomerId);
        return await RenderAsync(treatment, channel, customer, new SendId(TestRun, key), campaign, settings, cancellation);
    }

    /// <summary>Sends a test message to the address. Null when it is sent, else why not and what to do.</summary>
    public async ValueTask<string?> SendTestAsync(Treatment treatment, Channel channel, string to, CustomerRow? like, string campaign, CancellationToken cancellation)
    {
        if (await workspace.IsStoppedAsync(cancellation))
        {
            return "All sending is stopped: lift the stop first.";
        }

        var settings = await workspace.SettingsAsync(cancellation);
        var address = channel == Channel.Email ? Addresses.Email(to) : Addresses.Phone(to, settings.Country);
        if (address is null)
        {
            return channel == Channel.Email ? "This is no e-mail address: write it like you@example.com." : "This is no phone number: write it like +447700900123.";
        }

        if (channels.FirstOrDefault(c => c.Channel == channel) is not { } adapter)
        {
            return $"No provider is set up for {Words.Channel(channel)}.";
        }

        // A key that no customer has: the id holds a character that imports do not keep.
        var id = new SendId(TestRun, CustomerKey.Of(settings.Salt, "\0test " + Guid.NewGuid().ToString("N")));
        var reader = new CustomerRow
        {
            CustomerId = like?.CustomerId ?? "test",
            CreatedAt = time.GetUtcNow(),
            FirstName = like?.FirstName,
            Email = channel == Channel.Email ? address : null,
            Phone = channel == Channel.Sms ? address : null,
        };
        return await RenderAsync(treatment, channel, reader, id, campaign, settings, cancellation) switch
        {
            RenderResult.Refused refused => refused.Problem,
            RenderResult.Rendered rendered => (await adapter.SendAsync([rendered.Message], cancellation))[0] switch
            {
                SendResult.Accepted => null,
                SendResult.NotSent notSent => $"The provider did not take it: {notSent.Reason}",
                SendResult.Rejected rejected => $"The provider refused it: {rejected.Reason}",
                _ => "The provider's answer was lost: it may or may not arrive.",
            },
            _ => throw new InvalidOperationException("A message is rendered or refused."),
        };
    }

    /// <summary>Stands where a recipient finds a code of its own.</summary>
    private const string ExampleCode = "YOUR-OWN-CODE";

    /// <summary>HTML to show here: without the picture that would record an open.</summary>
    public static string WithoutOpenPicture(string html) => OpenPicture().Replace(html, "");

    [GeneratedRegex("<img src=\"[^\"]*/t/o/[^\"]*\"[^>]*>", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OpenPicture();

    private async ValueTask<RenderResult> RenderAsync(
        Treatment treatment, Channel channel, CustomerRow customer, SendId id, string campaign, WorkspaceSettings settings, CancellationToken cancellation)
    {
        var now = await workspace.NowAsync(cancellation);
        IReadOnlyList<RecommendedProduct> products = [];
        if (treatment.Offer.Kind == OfferKind.Bundle)
        {
            products = await recommendations.NamedAsync(treatment.Offer.BundleSkus, cancellation);
        }
        else if (MessageRenderer.UsesProducts(treatment.Template, channel))
        {
            var key = CustomerKey.Of(settings.Salt, customer.CustomerId);
            var history = await rows.FindAsync<PurchaseHistory>(Tables.Customers, new Bucketing(settings.Buckets).PartitionOf(key), Tables.History(key), cancellation);
            products = await recommendations.RecommendAsync(key, history?.Value ?? new PurchaseHistory { CustomerId = customer.CustomerId }, cancellation);
        }

        var end = treatment.Offer.ValidHours > 0 || treatment.Offer.ValidUntil is not null ? MessageFields.OfferEnd(treatment.Offer, now, DateTimeOffset.MaxValue) : (DateTimeOffset?)null;
        // A code of a pool is nobody's until a send is planned.
        var offer = treatment.Offer with { Code = treatment.Offer.CodePool is null ? treatment.Offer.Code : ExampleCode };
        var fields = MessageFields.Of(id, campaign, customer, channel, channels.Any(c => c.Channel == channel && c.OneWay), offer, end, products, settings, new ExampleLinks(settings.PublicBaseUrl), now);
        return renderer.Render(treatment.Template, fields, channel);
    }

    /// <summary>Links that lead nowhere special: nothing may be recorded from an example.</summary>
    private sealed class ExampleLinks(string baseUrl) : IMessageLinks
    {
        public string Click(SendId id, Uri destination) => destination.AbsoluteUri;

        public string Open(SendId id) => baseUrl + "/t/o/example";

        public string Unsubscribe(SendId id) => baseUrl + "/u/example";
    }
}
