using System.Globalization;
using System.Text;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using Campaigns.Functions.Hosting;
using Campaigns.Simulation.Samples;

namespace Campaigns.Functions.Presets;

/// <summary>What became of loading a preset.</summary>
public abstract record PresetLoaded
{
    private PresetLoaded()
    {
    }

    /// <summary>Its scheme is in force, as version <paramref name="Number"/>; the imports of its sample were started, if asked for.</summary>
    public sealed record Loaded(Preset Preset, int Number, IReadOnlyList<string> Changes, IReadOnlyList<string> Imports) : PresetLoaded;

    /// <summary>Nothing was changed; the reason says what to do.</summary>
    public sealed record Refused(string Reason) : PresetLoaded;

    /// <summary>The scheme does not fit the workspace, for example an attribute that was imported with another type.</summary>
    public sealed record Unfit(IReadOnlyList<SchemeFault> Faults) : PresetLoaded;
}

/// <summary>Loads a preset into the workspace: its scheme, and if wanted its sample customers, imported as any shop's.</summary>
public sealed class PresetLoading(SchemeCatalog schemes, Imports imports, Recompute recompute, Workspace workspace, WorkQueues queues)
{
    /// <summary>Begins the ids of imports of samples.</summary>
    private const string SamplePrefix = "sample-";

    /// <summary>Attempts to save while others save too.</summary>
    private const int Attempts = 3;

    /// <summary>
    /// Saves the preset's scheme and has everybody classified by it. A sample is only imported where no other customers are:
    /// those of other samples may be.
    /// </summary>
    /// <param name="preset">The preset.</param>
    /// <param name="sample">Import its sample customers too.</param>
    /// <param name="by">Who asks for it, for the list of versions.</param>
    /// <param name="cancellation">Ends it.</param>
    public async ValueTask<PresetLoaded> LoadAsync(Preset preset, bool sample, string by, CancellationToken cancellation)
    {
        if (sample && (await imports.ListAsync(cancellation)).Any(i => !i.Id.StartsWith(SamplePrefix, StringComparison.Ordinal)))
        {
            return new PresetLoaded.Refused("There are imports already, and sample customers would mix with a real shop's. Load the scheme without its sample, or use another file: ./campaigns serve --data sample.db");
        }

        switch (await SaveAsync(preset, by, cancellation))
        {
            case SchemeSaved.Saved saved:
                var started = sample ? await ImportAsync(preset, cancellation) : [];
                if (!sample)
                {
                    var asOf = await workspace.NowAsync(cancellation);
                    await queues.SendAsync(await recompute.StartAsync(asOf, $"{preset.Name}-{saved.Scheme.Number}", cancellation), cancellation);
                }

                return new PresetLoaded.Loaded(preset, saved.Scheme.Number, saved.Changes, started);
            case SchemeSaved.Invalid invalid:
                return new PresetLoaded.Unfit(invalid.Faults);
            default:
                return new PresetLoaded.Refused("Somebody else is changing the segments right now. Try again.");
        }
    }

    /// <summary>Whoever loads a preset means it, whatever version stands now: a version that came in between is replaced too.</summary>
    private async ValueTask<SchemeSaved> SaveAsync(Preset preset, string by, CancellationToken cancellation)
    {
        var read = (await schemes.CurrentAsync(cancellation)).Number;
        var saved = await schemes.SaveAsync(preset.Json, read, by, cancellation);
        for (var attempt = 1; attempt < Attempts && saved is SchemeSaved.ChangedByOthers others; attempt++)
        {
            saved = await schemes.SaveAsync(preset.Json, others.Number, by, cancellation);
        }

        return saved;
    }

    private async ValueTask<IReadOnlyList<string>> ImportAsync(Preset preset, CancellationToken cancellation)
    {
        var now = await workspace.NowAsync(cancellation);
        var customers = new SampleCustomers(preset.Name, preset.About.Recipe, now);
        var at = now.UtcDateTime.ToString("yyyyMMddHHmm", CultureInfo.InvariantCulture);
        var id = $"{SamplePrefix}{preset.Name}-customers-{at}";
        await ImportAsync(id, ImportSubject.Customers, $"Sample customers: {preset.Scheme.Name}", customers.WriteCustomers, cancellation);
        if (!preset.About.Groups.Any(g => g.Orders.Length + g.Events.Length > 0))
        {
            return [id];
        }

        var orders = $"{SamplePrefix}{preset.Name}-orders-{at}";
        await ImportAsync(orders, ImportSubject.Orders, $"Sample orders and events: {preset.Scheme.Name}", customers.WriteOrders, cancellation);
        return [id, orders];
    }

    private async ValueTask ImportAsync(string id, ImportSubject subject, string name, Action<TextWriter> write, CancellationToken cancellation)
    {
        // Hundreds of kilobytes: samples are small on purpose.
        using var content = new MemoryStream();
        await using (var writer = new StreamWriter(content, new UTF8Encoding(false), leaveOpen: true))
        {
            write(writer);
        }

        content.Position = 0;
        var started = await imports.StartAsync(new ImportRequest { Id = id, Subject = subject, Format = ImportFormat.Csv, Name = name }, content, cancellation);
        await queues.SendAsync(started.Messages, cancellation);
    }
}
