using System.Text.Json;
using Campaigns.Channels.Sender;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Primitives;
using Campaigns.Functions.Console;

namespace Campaigns.Functions.Api;

/// <summary>Settings as others see them: all but the salt and the signing key.</summary>
public sealed record SettingsView
{
    public string? Name { get; init; }
    public string? Currency { get; init; }
    public string? TimeZone { get; init; }
    public string? Country { get; init; }
    public double? MarginShare { get; init; }
    public Dictionary<string, double>? MarginShareByCategory { get; init; }
    public double? HoldoutShare { get; init; }
    /// <summary>Share of the global control group as set last; a change holds from the next quarter on.</summary>
    public double? ControlShare { get; init; }

    /// <summary>The share is chosen for each run. In a change: true ends a fixed share, and naming a share ends this.</summary>
    public bool? HoldoutAutomatic { get; init; }
    public int? ChurnDays { get; init; }
    public long? EmailCostMicros { get; init; }
    public long? SmsCostMicros { get; init; }
    public string? PostalAddress { get; init; }
    public string? PublicBaseUrl { get; init; }
    public string? ShopUrl { get; init; }
    public int? SendFromHour { get; init; }
    public int? SendUntilHour { get; init; }
    public double? MarginFloorShare { get; init; }
    public int? DiscountDays { get; init; }
    public int? MaxDiscounts { get; init; }
    public double? MaxDiscountDepth { get; init; }
    public bool? TellPersonalPrice { get; init; }
    /// <summary>How sends begin and what stops them; a change names all of it.</summary>
    public SendBrakes? Brakes { get; init; }

    /// <summary>Text messages keep letters outside the GSM alphabet.</summary>
    public bool? KeepSmsLetters { get; init; }
    /// <summary>How often and when customers may be written to; a change names all of it.</summary>
    public ContactRules? Contact { get; init; }
    /// <summary>How fast messages go out, at most one for each channel; a change names all of them.</summary>
    public SendLimit[]? Limits { get; init; }
    public bool? Stopped { get; init; }
    public DateTimeOffset? SimulatedNow { get; init; }

    /// <summary>The view of stored settings.</summary>
    public static SettingsView Of(WorkspaceSettings s, DateTimeOffset? simulatedNow) => new()
    {
        Name = s.Name,
        Currency = s.Currency,
        TimeZone = s.TimeZone,
        Country = s.Country,
        MarginShare = s.MarginShare,
        MarginShareByCategory = s.MarginShareByCategory,
        HoldoutShare = s.HoldoutShare,
        ControlShare = ControlGroup.ShareSet(s),
        HoldoutAutomatic = s.HoldoutShare is null,
        ChurnDays = s.ChurnDays,
        EmailCostMicros = s.EmailCostMicros,
        SmsCostMicros = s.SmsCostMicros,
        PostalAddress = s.PostalAddress,
        PublicBaseUrl = s.PublicBaseUrl,
        ShopUrl = s.ShopUrl,
        SendFromHour = s.SendFromHour,
        SendUntilHour = s.SendUntilHour,
        MarginFloorShare = s.MarginFloorShare,
        DiscountDays = s.DiscountDays,
        MaxDiscounts = s.MaxDiscounts,
        MaxDiscountDepth = s.MaxDiscountDepth,
        TellPersonalPrice = s.TellPersonalPrice,
        Brakes = s.Brakes,
        KeepSmsLetters = s.KeepSmsLetters,
        Contact = s.Contact,
        Limits = s.Limits,
        Stopped = s.Stopped,
        SimulatedNow = simulatedNow,
    };

    /// <summary>The settings with what this view names changed.</summary>
    public WorkspaceSettings ApplyTo(WorkspaceSettings s, DateTimeOffset now) => (ControlShare is { } control ? ControlGroup.Set(s, control, now) : s) with
    {
        Name = Name ?? s.Name,
        Currency = Currency?.ToUpperInvariant() ?? s.Currency,
        TimeZone = TimeZone ?? s.TimeZone,
        Country = Country?.ToUpperInvariant() ?? s.Country,
        MarginShare = MarginShare ?? s.MarginShare,
        MarginShareByCategory = MarginShareByCategory ?? s.MarginShareByCategory,
        HoldoutShare = HoldoutAutomatic == true ? null : HoldoutShare ?? s.HoldoutShare,
        ChurnDays = ChurnDays ?? s.ChurnDays,
        EmailCostMicros = EmailCostMicros ?? s.EmailCostMicros,
        SmsCostMicros = SmsCostMicros ?? s.SmsCostMicros,
        PostalAddress = PostalAddress ?? s.PostalAddress,
        PublicBaseUrl = PublicBaseUrl?.TrimEnd('/') ?? s.PublicBaseUrl,
        ShopUrl = ShopUrl ?? s.ShopUrl,
        SendFromHour = SendFromHour ?? s.SendFromHour,
        SendUntilHour = SendUntilHour ?? s.SendUntilHour,
        MarginFloorShare = MarginFloorShare ?? s.MarginFloorShare,
        DiscountDays = DiscountDays ?? s.DiscountDays,
        MaxDiscounts = MaxDiscounts ?? s.MaxDiscounts,
        MaxDiscountDepth = MaxDiscountDepth ?? s.MaxDiscountDepth,
        TellPersonalPrice = TellPersonalPrice ?? s.TellPersonalPrice,
        Brakes = Brakes ?? s.Brakes,
        KeepSmsLetters = KeepSmsLetters ?? s.KeepSmsLetters,
        Contact = Contact ?? s.Contact,
        Limits = Limits ?? s.Limits,
    };

    /// <summary>What is wrong with the change, as one sentence, or null.</summary>
    public string? Problem() =>
        Name is not null && Name.Trim().Length is 0 or > MaxNameLength ? $"name has 1 to {MaxNameLength} characters."
        : PostalAddress is { Length: > MaxTextLength } || PublicBaseUrl is { Length: > MaxTextLength } || ShopUrl is { Length: > MaxTextLength } ? $"postalAddress, publicBaseUrl and shopUrl have at most {MaxTextLength} characters."
        : MarginShareByCategory is { Count: > MaxCategories } || MarginShareByCategory?.Keys.Any(k => k.Length > MaxNameLength) == true ? $"marginShareByCategory names at most {MaxCategories} categories of at most {MaxNameLength} characters."
        : MarginShare is < 0 or > 1 ? "marginShare is a share of net revenue, from 0 to 1."
        : MarginShareByCategory?.Values.Any(v => v is < 0 or > 1) == true ? "marginShareByCategory holds shares from 0 to 1."
        : HoldoutShare is < 0 or > 0.5 ? "holdoutShare lies between 0 and 0.5: more than half held out sends to fewer than it leaves alone."
        : ControlShare is < 0 or > 0.2 ? "controlShare, of the global control group, lies between 0 (none) and 0.2."
        : HoldoutShare is not null && HoldoutAutomatic == true ? "holdoutShare and holdoutAutomatic exclude each other: name a share, or leave it to each send."
        : HoldoutShare is null && HoldoutAutomatic == false ? "Name the holdoutShare instead of holdoutAutomatic: false."
        : ChurnDays is < 1 or > 730 ? "churnDays lies between 1 and 730."
        : MarginFloorShare is < 0 or > 1 ? "marginFloorShare is a share of an order's price, from 0 to 1."
        : DiscountDays is < 1 or > 365 ? "discountDays lies between 1 and 365."
        : MaxDiscounts is < 0 or > 365 || MaxDiscountDepth is <= 0 or > 10 ? "maxDiscounts lies between 0 and 365; maxDiscountDepth is a sum of shares above 0, at most 10."
        : EmailCostMicros is < 0 || SmsCostMicros is < 0 ? "Costs are not negative."
        : SendFromHour is < 0 or > 23 || SendUntilHour is < 1 or > 24 ? "Sending hours lie between 0 and 24."
        : Currency is not null && !Currencies.IsKnown(Currency) ? "currency is an ISO 4217 code of three letters, such as EUR."
        : Country is not null && (Country.Length != 2 || !Country.All(char.IsAsciiLetter)) ? "country is an ISO 3166 code of two letters, such as DE."
        : TimeZone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _) ? "timeZone is not known; use an IANA name such as Europe/Berlin."
        : PublicBaseUrl is not null && !IsWeb(PublicBaseUrl) ? "publicBaseUrl is an address such as https://mail.example.com."
        : ShopUrl is { Length: > 0 } && !IsWeb(ShopUrl) ? "shopUrl is an address such as https://shop.example.com, or empty."
        : Contact?.Problem() is { } contact ? "contact: " + contact
        : Limits is not null && SendLimit.Problem(Limits) is { } limits ? "limits: " + limits
        : Brakes?.Problem() is { } brakes ? "brakes: " + brakes
        : null;

    /// <summary>A name fits a line of a message.</summary>
    private const int MaxNameLength = 120;

    /// <summary>An address fits a message; together the settings stay far below a row's limit.</summary>
    private const int MaxTextLength = 500;

    /// <summary>The settings are read before most of what the app does, so they stay small.</summary>
    private const int MaxCategories = 500;

    private static bool IsWeb(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);
}

/// <summary>Settings, and the brake that stops everything.</summary>
public static class WorkspaceApi
{
    /// <summary>Maps <c>/api/settings</c>, <c>/api/sender</c>, <c>/api/link-keys/rotate</c>, <c>/api/stop</c> and <c>/api/resume</c>.</summary>
    public static void MapWorkspace(this IEndpointRouteBuilder api)
    {
        api.MapGet("/settings", async (Workspace workspace, CancellationToken c) =>
            Results.Json(SettingsView.Of(await workspace.SettingsAsync(c), await workspace.SimulatedNowAsync(c))));
        api.MapGet("/sender", async (IEnumerable<IMessageChannel> channels, ITextRecords records, CancellationToken c) =>
            await SettingsRoutes.ReportAsync(channels, records, c) is { } report
                ? Results.Json(new { domain = (string?)report.Domain, ready = report.Ready, findings = report.Findings })
                : Results.Json(new { domain = (string?)null, ready = false, findings = (IReadOnlyList<SenderFinding>)[] }));
        api.MapPost("/link-keys/rotate", async (Workspace workspace, CancellationToken c) => Results.Json(new { key = await workspace.RotateLinkKeyAsync(c) }));
        api.MapPut("/settings", async (HttpContext context, Workspace workspace, CancellationToken c) =>
        {
            var change = await ApiRoutes.ReadAsync<SettingsView>(context, JsonSerializerOptions.Web, c);
            if (change.Problem() is { } problem)
            {
                return ApiRoutes.Refuse(StatusCodes.Status400BadRequest, problem);
            }

            var now = await workspace.NowAsync(c);
            var changed = change.ApplyTo(await workspace.SettingsAsync(c), now);
            if (changed.SendFromHour >= changed.SendUntilHour)
            {
                return ApiRoutes.Refuse(StatusCodes.Status400BadRequest, "sendFromHour must be below sendUntilHour, else nothing would ever be sent.");
            }

            return Results.Json(SettingsView.Of(await workspace.ChangeAsync(s => change.ApplyTo(s, now), c), await workspace.SimulatedNowAsync(c)));
        });
        api.MapPost("/stop", (Workspace workspace, CancellationToken c) => SetStoppedAsync(workspace, true, c));
        api.MapPost("/resume", (Workspace workspace, CancellationToken c) => SetStoppedAsync(workspace, false, c));
    }

    private static async Task<IResult> SetStoppedAsync(Workspace workspace, bool stopped, CancellationToken cancellation)
    {
        await workspace.ChangeAsync(s => s with { Stopped = stopped }, cancellation);
        return Results.Json(new { stopped });
    }
}
