using System.Text.Json;
using System.Text.Json.Serialization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Planning;

namespace Campaigns.Core.Tracking;

/// <summary>What happened to a message.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TouchKind>))]
public enum TouchKind
{
    /// <summary>The provider has it.</summary>
    Accepted,

    /// <summary>It arrived.</summary>
    Delivered,

    /// <summary>It did not arrive, this time: a full mailbox, a block. Does not suppress.</summary>
    SoftBounced,

    /// <summary>It can never arrive there: suppresses the address.</summary>
    HardBounced,

    /// <summary>Opened.</summary>
    Opened,

    /// <summary>A link was followed.</summary>
    Clicked,

    /// <summary>Marked as spam: suppresses the address.</summary>
    Complained,

    /// <summary>The recipient wants no more: suppresses the address.</summary>
    Unsubscribed,

    /// <summary>The recipient takes an unsubscription back.</summary>
    Resubscribed,
}

/// <summary>Something that happened to a message, as queue "touch" carries it (an array of them in the envelope's content).</summary>
/// <param name="Send">Text of the <c>SendId</c>.</param>
/// <param name="Kind">What happened.</param>
/// <param name="At">When, business time.</param>
/// <param name="Machine">Known to be no human: a mail program's prefetch, a link checker.</param>
/// <param name="EventId">The provider's id of the event, for tracing; repeats need none, as applying is idempotent.</param>
/// <param name="Phone">The number, in E.164, that a text message came from: a reply names no message, and <paramref name="Send"/> is "". Null for all others.</param>
public sealed record Touch(string Send, TouchKind Kind, DateTimeOffset At, bool Machine = false, string? EventId = null, string? Phone = null)
{
    /// <summary>The touches in an envelope's content. Throws <see cref="InvalidDataException"/> where it holds none.</summary>
    public static IReadOnlyList<Touch> Parse(JsonElement? content)
    {
        try
        {
            return content?.Deserialize(TouchJson.Default.TouchArray) ?? throw new InvalidDataException("A message of queue touch has no content.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException("A message of queue touch is not an array of touches: [{\"send\":…,\"kind\":\"Clicked\",\"at\":…}].", error);
        }
    }

    /// <summary>Content for an envelope.</summary>
    public static JsonElement ToContent(params Touch[] touches) => JsonSerializer.SerializeToElement(touches, TouchJson.Default.TouchArray);
}

/// <summary>
/// Applies touches to a sending record. Pure; the same state for any order and any number of repeats: every field is a
/// minimum, a maximum or a set, and the state is the highest that any touch proves.
/// </summary>
public static class TouchFold
{
    /// <summary>The record after the touch.</summary>
    public static AssignmentRow Apply(AssignmentRow row, Touch touch)
    {
        if (row.HeldOut)
        {
            return row; // Nothing was sent: a touch can only be a mistake.
        }

        if (touch.Kind == TouchKind.Resubscribed)
        {
            return row; // A wish for later messages: this one's fate is what it was.
        }

        var proved = row with { State = Join(row.State, Proof(touch.Kind)) };
        return touch.Kind switch
        {
            TouchKind.Delivered => proved with { DeliveredAt = Earlier(row.DeliveredAt, touch.At) },
            TouchKind.Opened when !touch.Machine => proved with { OpenedAt = Earlier(row.OpenedAt, touch.At) },
            TouchKind.Clicked when !touch.Machine => Click(proved, touch.At),
            TouchKind.Unsubscribed => proved with { UnsubscribedAt = Earlier(row.UnsubscribedAt, touch.At) },
            _ => proved,
        };
    }

    /// <summary>Why the address must not be contacted after such a touch, or null.</summary>
    public static string? Suppression(TouchKind kind) => kind switch
    {
        TouchKind.HardBounced => SuppressionRow.HardBounce,
        TouchKind.Complained => SuppressionRow.Complaint,
        TouchKind.Unsubscribed => SuppressionRow.Unsubscribed,
        _ => null,
    };

    private static AssignmentRow Click(AssignmentRow row, DateTimeOffset at)
    {
        if (row.Clicks.Contains(at))
        {
            return row;
        }

        // The newest distinct ones: the same set whatever the order of arrival.
        DateTimeOffset[] clicks = [.. row.Clicks.Append(at).Order().TakeLast(AssignmentRow.ClickLimit)];
        return row with { Clicks = clicks, ClickedAt = clicks[^1] };
    }

    private static SendState? Proof(TouchKind kind) => kind switch
    {
        TouchKind.Delivered => SendState.Delivered,
        TouchKind.SoftBounced or TouchKind.HardBounced => SendState.Bounced,
        TouchKind.Complained => SendState.Complained,
        _ => SendState.Accepted,
    };

    /// <summary>Forward only. A bounce outranks a delivery: mail servers accept first and return later.</summary>
    private static SendState Join(SendState present, SendState? proof) =>
        proof is { } p && Rank(p) > Rank(present) ? p : present;

    private static int Rank(SendState state) => state switch
    {
        SendState.Decided or SendState.Deferred or SendState.Claimed or SendState.Unknown => 0,
        SendState.Accepted => 1,
        SendState.Delivered => 2,
        SendState.Bounced => 3,
        SendState.Complained => 4,
        _ => int.MaxValue, // Skipped, rejected, held out: final.
    };

    private static DateTimeOffset Earlier(DateTimeOffset? one, DateTimeOffset other) => one is { } a && a <= other ? a : other;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Touch[]))]
internal sealed partial class TouchJson : JsonSerializerContext;
