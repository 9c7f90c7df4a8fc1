using System.Text.Json;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Tracking;
using Campaigns.Functions.Access;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions.Api;

/// <summary>What a shop's form says of consent.</summary>
/// <param name="Email">E-mail address, or null where it is about text messages.</param>
/// <param name="Phone">Phone number; a number without a country code belongs to the workspace's country.</param>
/// <param name="Purposes">Ids of purposes; "marketing", or none, is marketing.</param>
/// <param name="Given">Yes or no; must be said.</param>
/// <param name="Source">Where it was said: "footer form".</param>
/// <param name="Proof">What shows it: the form's version and wording.</param>
/// <param name="Confirm">Ask the recipient to confirm by a link; null = as the settings say.</param>
public sealed record ConsentBody(string? Email, string? Phone, string[]? Purposes, bool? Given, string? Source, string? Proof, bool? Confirm);

/// <summary>Consent from forms, and the page on which a recipient confirms it. GET confirms nothing, because mail scanners follow links; a button does.</summary>
public static class ConsentsApi
{
    /// <summary>What marketing is called where a purpose must be named.</summary>
    private const string Marketing = "marketing";

    /// <summary>Maps <c>/api/consents</c>.</summary>
    public static void MapConsents(this IEndpointRouteBuilder api) => api.MapPost("/consents", SayAsync);

    /// <summary>Maps <c>/o</c>, where links to confirm lead.</summary>
    public static void MapConsentLinks(this IEndpointRouteBuilder app)
    {
        var open = app.MapGroup("").WithMetadata(new OpenMark());
        open.MapGet("/o/{token}", AskAsync);
        open.MapPost("/o/{token}", ConfirmAsync);
    }

    private static async Task<IResult> SayAsync(HttpContext context, ConsentStep step, Workspace workspace, WorkQueues queues, CancellationToken cancellation)
    {
        var body = await ApiRoutes.ReadAsync<ConsentBody>(context, JsonSerializerOptions.Web, cancellation);
        var settings = await workspace.SettingsAsync(cancellation);
        var (said, problem) = Read(body, settings);
        if (said is null)
        {
            return ApiRoutes.Refuse(StatusCodes.Status400BadRequest, problem!);
        }

        var result = said.Given && (body.Confirm ?? settings.Contact.DoubleOptIn)
            ? await step.AskAsync(said, cancellation)
            : await step.StoreAsync(said, cancellation);
        switch (result)
        {
            case ConsentResult.Stored stored:
                await queues.SendAsync(stored.Import.Messages, cancellation);
                return Results.Json(new { status = "stored", import = stored.Import.Id }, statusCode: StatusCodes.Status202Accepted);
            case ConsentResult.Refused refused:
                return ApiRoutes.Refuse(StatusCodes.Status409Conflict, refused.Sentence);
            default:
                return Results.Json(new { status = "asked" }, statusCode: StatusCodes.Status202Accepted);
        }
    }

    private static (ConsentSaid? Said, string? Problem) Read(ConsentBody body, WorkspaceSettings settings)
    {
        var byEmail = body.Email is not null;
        var address = byEmail ? Addresses.Email(body.Email) : body.Phone is { } phone ? Addresses.Phone(phone, settings.Country) : null;
        var purposes = (body.Purposes is { Length: > 0 } named ? named : [Marketing])
            .Select(p => string.Equals(p, Marketing, StringComparison.Ordinal) ? ConsentPurpose.Marketing : p ?? "").Distinct(StringComparer.Ordinal).ToList();
        var unknown = purposes.Find(p => p.Length > 0 && !Array.Exists(settings.Contact.Purposes, s => string.Equals(s.Id, p, StringComparison.Ordinal)));
        return body.Email is not null && body.Phone is not null ? (null, "Send email or phone, not both: each is a channel of its own.")
            : address is null ? (null, "Send an e-mail address as email, or a phone number as phone.")
            : body.Given is not { } given ? (null, "Say given: true or false.")
            : unknown is not null ? (null, $"The workspace has no purpose of consent '{unknown}': name it in the settings (contact.purposes), or send {Marketing}.")
            : body.Proof?.Length > ImportLimits.ProofLength || body.Source?.Length > ImportLimits.TextLength ? (null, $"source has at most {ImportLimits.TextLength} characters, proof {ImportLimits.ProofLength}.")
            : (new ConsentSaid(byEmail ? Channel.Email : Channel.Sms, address, purposes, given, body.Source, body.Proof), null);
    }

    private static async Task<IResult> AskAsync(string token, Workspace workspace, ConsentStep step, CancellationToken cancellation)
    {
        var settings = await workspace.SettingsAsync(cancellation);
        return Id(token, settings) is not { } id || await step.FindAsync(id, cancellation) is not { } request
            ? Gone()
            : request.ConfirmedAt is not null ? Confirmed()
            : LinksApi.Page("Please confirm", $"<p>Do you want {Html(ConsentStep.What(request, settings))} from {Html(settings.Name)}?</p><form method=\"post\"><button type=\"submit\">Yes, confirm</button></form><p>If you did not ask for it, close this page: you will get no messages.</p>");
    }

    private static async Task<IResult> ConfirmAsync(string token, Workspace workspace, ConsentStep step, WorkQueues queues, CancellationToken cancellation)
    {
        if (Id(token, await workspace.SettingsAsync(cancellation)) is not { } id || await step.ConfirmAsync(id, cancellation) is not { } import)
        {
            return Gone();
        }

        await queues.SendAsync(import.Messages, cancellation);
        return Confirmed();
    }

    private static SendId? Id(string token, WorkspaceSettings settings) =>
        SignedLinks.Of(settings).Read(LinkPurpose.Consent, token) is LinkReading.Valid link ? link.Id : null;

    private static IResult Confirmed() => LinksApi.Page("Confirmed", "<p>Thank you: it is confirmed. Every message from us has a link to unsubscribe.</p>");

    private static IResult Gone() =>
        Results.Text("This link is not valid, or not any more. Ask for our messages again to get a new one.", "text/plain; charset=utf-8", statusCode: StatusCodes.Status404NotFound);

    private static string Html(string text) => System.Net.WebUtility.HtmlEncode(text);
}
