using System.Text.Json;
using System.Text.Json.Serialization;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Functions.Presets;

/// <summary>The presets that lie in a folder, which ships with the app. Read once; a file with a fault stops nothing but the presets.</summary>
public sealed class PresetLibrary(string folder)
{
    /// <summary>Folder below the app's own.</summary>
    public const string Folder = "presets";

    private const string SampleEnding = ".sample.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    private readonly Lazy<IReadOnlyList<Preset>> all = new(() => Read(folder));

    /// <summary>All, by name. Throws <see cref="InvalidDataException"/> naming the file where one cannot be read.</summary>
    public IReadOnlyList<Preset> All => all.Value;

    /// <summary>The preset of this name, or null.</summary>
    public Preset? Find(string name) => All.FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase));

    private static IReadOnlyList<Preset> Read(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*" + SampleEnding).Order(StringComparer.Ordinal).Select(ReadPreset)]
        : throw new InvalidDataException($"The folder {folder} with the presets is missing: it ships with the app.");

    private static Preset ReadPreset(string sampleFile)
    {
        var name = Path.GetFileName(sampleFile)[..^SampleEnding.Length];
        var json = File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(sampleFile)!, name + ".json"));
        var reading = SchemeJson.Parse(json, FieldCatalogue.BuiltIn);
        var scheme = reading.Scheme ?? throw new InvalidDataException($"The preset {name}.json cannot be used: {string.Join("; ", reading.Faults)}");
        try
        {
            var about = JsonSerializer.Deserialize<PresetAbout>(File.ReadAllBytes(sampleFile), Json) ?? throw new JsonException("it is null");
            return about.Recipe.Faults() is [var fault, ..]
                ? throw new InvalidDataException($"{name}{SampleEnding}: {fault}")
                : new Preset(name, json, scheme, about);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{name}{SampleEnding} cannot be read: {error.Message}", error);
        }
    }
}
