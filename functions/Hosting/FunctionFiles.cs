using System.Text.Json;

namespace Campaigns.Functions.Hosting;

/// <summary>A function as its <c>function.json</c> declares it.</summary>
/// <param name="Name">Folder name.</param>
/// <param name="Trigger">"timerTrigger", "queueTrigger" or "httpTrigger".</param>
/// <param name="Binding">Name of the trigger's binding: the property of <c>Data</c> that carries the payload.</param>
/// <param name="Queue">Queue, for queue triggers.</param>
/// <param name="Schedule">App setting with the cron expression, for timers.</param>
public sealed record FunctionFile(string Name, string Trigger, string Binding, string? Queue, string? Schedule);

/// <summary>The part of <c>host.json</c> that concerns queues.</summary>
/// <param name="BatchSize">Messages per receive.</param>
/// <param name="NewBatchThreshold">More are received once so few are in flight.</param>
/// <param name="MaxDequeueCount">Tries before a message is poison.</param>
/// <param name="VisibilityTimeout">Delay before a failed message is tried again.</param>
public sealed record QueueHostSettings(int BatchSize, int NewBatchThreshold, int MaxDequeueCount, TimeSpan VisibilityTimeout);

/// <summary>Reads the files that the Functions host reads, so that the local triggers play its part from the same declarations.</summary>
public static class FunctionFiles
{
    /// <summary>All functions below the app's root, by name.</summary>
    public static IReadOnlyList<FunctionFile> Read(string root) =>
        [.. Directory.EnumerateDirectories(root)
            .Select(folder => Path.Combine(folder, "function.json"))
            .Where(File.Exists)
            .Select(ReadOne)
            .OrderBy(f => f.Name, StringComparer.Ordinal)];

    /// <summary>The queue settings of <c>host.json</c>, with the host's defaults where it is silent.</summary>
    public static QueueHostSettings ReadQueueSettings(string root)
    {
        using var host = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(root, "host.json")));
        var queues = host.RootElement.GetProperty("extensions").GetProperty("queues");
        return new QueueHostSettings(
            Int("batchSize", 16),
            Int("newBatchThreshold", 8),
            Int("maxDequeueCount", 5),
            queues.TryGetProperty("visibilityTimeout", out var v) ? TimeSpan.Parse(v.GetString()!, System.Globalization.CultureInfo.InvariantCulture) : TimeSpan.Zero);

        int Int(string name, int fallback) => queues.TryGetProperty(name, out var value) ? value.GetInt32() : fallback;
    }

    private static FunctionFile ReadOne(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(path));
        var trigger = file.RootElement.GetProperty("bindings").EnumerateArray()
            .Single(b => b.GetProperty("type").GetString()!.EndsWith("Trigger", StringComparison.Ordinal));
        return new FunctionFile(
            Path.GetFileName(Path.GetDirectoryName(path)!),
            trigger.GetProperty("type").GetString()!,
            trigger.GetProperty("name").GetString()!,
            trigger.TryGetProperty("queueName", out var queue) ? queue.GetString() : null,
            trigger.TryGetProperty("schedule", out var schedule) ? schedule.GetString()!.Trim('%') : null);
    }
}
