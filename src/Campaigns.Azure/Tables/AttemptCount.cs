using Azure.Core;
using Azure.Core.Pipeline;

namespace Campaigns.Azure.Tables;

/// <summary>
/// Counts how often a request was sent. A conflict on the first attempt is somebody else's; on a later one it may be our
/// own write, whose answer was lost.
/// </summary>
internal sealed class AttemptCount : HttpPipelineSynchronousPolicy
{
    private const string Property = "Campaigns.Attempts";

    /// <summary>Counts the attempts of the requests made in this scope.</summary>
    public static IDisposable Begin(out Attempts attempts)
    {
        attempts = new Attempts();
        return HttpPipeline.CreateHttpMessagePropertiesScope(new Dictionary<string, object?>(StringComparer.Ordinal) { [Property] = attempts });
    }

    public override void OnSendingRequest(HttpMessage message)
    {
        if (message.TryGetProperty(Property, out var value) && value is Attempts attempts)
        {
            attempts.Count++;
        }
    }

    public sealed class Attempts
    {
        public int Count { get; set; }
    }
}
