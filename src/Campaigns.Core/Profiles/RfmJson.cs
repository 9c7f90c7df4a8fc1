using System.Text.Json;
using System.Text.Json.Serialization;

namespace Campaigns.Core.Profiles;

/// <summary>What became of reading RFM settings: the settings, or what is wrong with them.</summary>
/// <param name="Settings">The settings; null where there are faults.</param>
/// <param name="Faults">The faults.</param>
public sealed record RfmReading(RfmSettings? Settings, IReadOnlyList<RfmFault> Faults);

/// <summary>
/// RFM settings as JSON: <c>{"bins": 5, "windowDays": 365, "recencyCutsDays": [30, 90], "orderCuts": [1, 3], "spendCutsMinor": [5000],
/// "map": [{"name": "best", "leastRecency": 3, "mostRecency": 3, "leastFrequency": 2, "mostFrequency": 3}, …]}</c>. All may be left out.
/// </summary>
public static class RfmJson
{
    /// <summary>Longest document in bytes: a map of as many rules as there may be, with long names.</summary>
    public const int MaxBytes = 128 * 1024;

    /// <summary>Not generated code: that sets what a document leaves out to 0 instead of its default.</summary>
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Reads and checks settings. Nothing half-valid gets through.</summary>
    public static RfmReading Parse(ReadOnlySpan<byte> json)
    {
        if (json.Length > MaxBytes)
        {
            return Refused("$", $"The document has {json.Length:N0} bytes; {MaxBytes:N0} are the most.");
        }

        try
        {
            var settings = JsonSerializer.Deserialize<RfmSettings>(json, Options);
            return settings is null ? Refused("$", "The settings are null, and an object is expected.")
                : settings.FaultsByPath() is { Count: > 0 } faults ? new RfmReading(null, faults)
                : new RfmReading(settings, []);
        }
        catch (JsonException error)
        {
            return Refused(
                error.Path is { Length: > 0 } path ? path : "$",
                "There is no such setting, or its value is of another kind. There are bins and windowDays (numbers), recencyCutsDays, orderCuts and spendCutsMinor (lists of whole numbers), and map (a list of {name, leastRecency, mostRecency, leastFrequency, mostFrequency}).");
        }
    }

    /// <summary>The settings as JSON, UTF-8.</summary>
    public static byte[] Write(RfmSettings settings) => JsonSerializer.SerializeToUtf8Bytes(settings, Options);

    private static RfmReading Refused(string path, FormattableString message) => Refused(path, FormattableString.Invariant(message));

    private static RfmReading Refused(string path, string message) => new(null, [new RfmFault(path, message)]);
}
