using Campaigns.Channels.Sender;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Functions.Console.Pages;

namespace Campaigns.Functions.Console;

/// <summary>The settings' page.</summary>
/// <param name="Form">The form.</param>
/// <param name="Providers">By channel, what takes its messages.</param>
public sealed record SettingsModel(SettingsForm Form, IReadOnlyList<(Channel Channel, string Provider)> Providers);

/// <summary>The page about the domain that e-mails come from.</summary>
/// <param name="Report">What its records say; null where no e-mail really goes out.</param>
public sealed record SenderModel(SenderReport? Report);

/// <summary>Settings of the workspace.</summary>
public static class SettingsRoutes
{
    /// <summary>Maps <c>/settings</c> and <c>/settings/sender</c>.</summary>
    public static void MapSettingsPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/settings", async (HttpContext context, PageFrames frames, Workspace workspace, IEnumerable<IMessageChannel> channels, CancellationToken c) =>
            Page.Show<SettingsPage>(await frames.OfAsync(context, c), Model(SettingsForm.Of(await workspace.SettingsAsync(c)), channels)));
        app.MapGet("/settings/sender", async (HttpContext context, PageFrames frames, IEnumerable<IMessageChannel> channels, ITextRecords records, CancellationToken c) =>
            Page.Show<SenderPage>(await frames.OfAsync(context, c), new SenderModel(await ReportAsync(channels, records, c))));
        app.MapPost("/settings", async (HttpContext context, PageFrames frames, Workspace workspace, IEnumerable<IMessageChannel> channels, CancellationToken c) =>
        {
            var form = SettingsForm.Of(await context.Request.ReadFormAsync(c));
            var (change, problems) = form.Read(await workspace.NowAsync(c));
            if (problems.Count > 0)
            {
                return Page.Show<SettingsPage>((await frames.OfAsync(context, c)) with { Path = "/settings" }, Model(form.With(problems), channels), StatusCodes.Status422UnprocessableEntity);
            }

            await workspace.ChangeAsync(change, c);
            return Page.GoTo("/settings", "saved");
        });
    }

    /// <summary>What the records of the domain say that e-mails come from; null where none really go out.</summary>
    internal static async ValueTask<SenderReport?> ReportAsync(IEnumerable<IMessageChannel> channels, ITextRecords records, CancellationToken cancellation) =>
        channels.Select(c => c.Sender).FirstOrDefault(s => s is not null) is { } sender ? await SenderCheck.RunAsync(sender, records, cancellation) : null;

    private static SettingsModel Model(SettingsForm form, IEnumerable<IMessageChannel> channels) => new(form, [.. channels.Select(c => (c.Channel, c.Name))]);
}
