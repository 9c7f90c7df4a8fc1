using System.Text.Json;
using System.Text.Json.Serialization;

namespace Campaigns.Core.Jobs;

/// <summary>
/// A wake-up: "part <paramref name="Part"/> of stage <paramref name="Stage"/> of this job is due". It carries no work itself, so
/// that a lost, late or repeated one does no harm.
/// </summary>
/// <param name="Job">Job id.</param>
/// <param name="Stage">Stage name, unique within the job's kind.</param>
/// <param name="Part">0 … parts − 1; a bucket for stages that run per bucket.</param>
/// <param name="AsOf">Business time of the job.</param>
public sealed record WorkMessage(string Job, string Stage, int Part, DateTimeOffset AsOf);

/// <summary>
/// The body of every queue message of ours. The payload stands inside an envelope because the Functions host lets
/// top-level properties of a message overwrite its own metadata of the same name.
/// </summary>
public sealed record Envelope
{
    /// <summary>Version of the envelope.</summary>
    [JsonPropertyName("campaigns")]
    public int Version { get; init; } = 1;

    /// <summary>A wake-up for a job, or null.</summary>
    public WorkMessage? Work { get; init; }

    /// <summary>Orders, customers or touches sent by others through the queue, or null: see the step that reads them.</summary>
    public JsonElement? Content { get; init; }

    /// <summary>The message body.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, EnvelopeJson.Default.Envelope);

    /// <summary>The envelope in a message body. Throws <see cref="InvalidDataException"/> where it is none.</summary>
    public static Envelope Parse(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, EnvelopeJson.Default.Envelope)
                ?? throw new InvalidDataException("A queue message is empty.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException("A queue message is not an envelope: {\"campaigns\":1,\"work\":…} or {\"campaigns\":1,\"content\":…}.", error);
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Envelope))]
internal sealed partial class EnvelopeJson : JsonSerializerContext;
