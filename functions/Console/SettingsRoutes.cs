using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Functions.Console.Pages;

namespace Campaigns.Functions.Console;

/// <summary>The settings' page.</summary>
/// <param name="Form">The form.</param>
/// <param name="Providers">By channel, what takes its messages.</param>
public sealed record SettingsModel(SettingsForm Form, IReadOnlyList<(Channel Channel, string Provider)> Providers);

/// <summary>Settings of the workspace.</summary>
public static class SettingsRoutes
{
    /// <summary>Maps <c>/settings</c>.</summary>
    public static void MapSettingsPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/settings", async (HttpContext context, PageFrames frames, Workspace workspace, IEnumerable<IMessageChannel> channels, CancellationToken c) =>
            Page.Show<SettingsPage>(await frames.OfAsync(context, c), Model(SettingsForm.Of(await workspace.SettingsAsync(c)), channels)));
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

    private static SettingsModel Model(SettingsForm form, IEnumerable<IMessageChannel> channels) => new(form, [.. channels.Select(c => (c.Channel, c.Name))]);
}
