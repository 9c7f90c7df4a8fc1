using Campaigns.Core.Primitives;

namespace Campaigns.Core.Dispatch;

/// <summary>The addresses in a message that lead back to us. Owned here, as rendering needs them; <c>Tracking.SignedLinks</c> makes them.</summary>
public interface IMessageLinks
{
    /// <summary>An address through us to <paramref name="destination"/>.</summary>
    string Click(SendId id, Uri destination);

    /// <summary>The picture that shows an open.</summary>
    string Open(SendId id);

    /// <summary>The unsubscribe page.</summary>
    string Unsubscribe(SendId id);
}
