using System.Net;
using DnsClient;
using DnsClient.Protocol;

namespace Campaigns.Channels.Sender;

/// <summary>TXT records from the name servers of this machine.</summary>
/// <param name="servers">Other name servers; null = those of this machine.</param>
public sealed class DnsTextRecords(IReadOnlyList<IPEndPoint>? servers = null) : ITextRecords
{
    /// <summary>A page waits for it.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private readonly Lazy<LookupClient> client = new(() =>
    {
        var options = servers is null ? new LookupClientOptions() : new LookupClientOptions([.. servers]);
        (options.Timeout, options.Retries, options.ThrowDnsErrors) = (Timeout, 1, false);
        return new LookupClient(options);
    });

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>?> FindAsync(string name, CancellationToken cancellation)
    {
        try
        {
            var answer = await client.Value.QueryAsync(name, QueryType.TXT, cancellationToken: cancellation);
            return answer.Header.ResponseCode is DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain
                ? [.. answer.Answers.OfType<TxtRecord>().Select(r => string.Concat(r.Text))]
                : null;
        }
        catch (Exception error) when (error is DnsResponseException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            return null; // No name server answers, or this machine has none.
        }
    }
}
