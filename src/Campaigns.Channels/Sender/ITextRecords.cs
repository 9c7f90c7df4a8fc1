namespace Campaigns.Channels.Sender;

/// <summary>The domain name system, as far as <see cref="SenderCheck"/> asks it.</summary>
public interface ITextRecords
{
    /// <summary>The TXT records of a name, the parts of each joined; empty where there are none, null where nobody answered.</summary>
    ValueTask<IReadOnlyList<string>?> FindAsync(string name, CancellationToken cancellation);
}
