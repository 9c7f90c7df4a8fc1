using Campaigns.Core.Jobs;

namespace Campaigns.Core.Profiles.Scores;

/// <summary>What the workspace decided about models and scores: row <c>models</c> of partition <c>workspace</c> in table work.</summary>
public static class WorkspaceModels
{
    private const string Row = "models";

    /// <summary>The settings; the defaults where nobody changed them.</summary>
    public static async ValueTask<ModelSettings> ModelSettingsAsync(this Workspace workspace, CancellationToken cancellation) =>
        (await workspace.FindAsync<ModelSettings>(Row, cancellation))?.Value ?? new ModelSettings();

    /// <summary>Changes the settings, from the next recompute on. They must have no <see cref="ModelSettings.Faults"/>.</summary>
    public static async ValueTask SetModelSettingsAsync(this Workspace workspace, ModelSettings settings, CancellationToken cancellation) =>
        await workspace.UpdateAsync<ModelSettings>(Row, _ => settings, cancellation);

    /// <summary>Changes how RFM is cut and named, and leaves the rest. It must have no <see cref="RfmSettings.Faults"/>.</summary>
    public static async ValueTask SetRfmAsync(this Workspace workspace, RfmSettings rfm, CancellationToken cancellation) =>
        await workspace.UpdateAsync<ModelSettings>(Row, found => (found ?? new ModelSettings()) with { Rfm = rfm }, cancellation);
}
