using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning.Coordination;

/// <summary>
/// An address gets one message per run. Of the members of the audience who pass the gates and would be written to at the same
/// e-mail address or phone number, the one with the lowest customer id (ordinal) takes part, treated or held out; the others are in neither arm, so that
/// nobody who was held out is written to under another id. The gates alone decide, never the draw: every bucket, attempt
/// and preview finds the same.
/// </summary>
internal sealed class SharedAddresses(IRowStore rows, RunFrame frame)
{
    /// <summary>Addresses looked up at a time: enough to hide the way to a distant store, few enough not to be throttled.</summary>
    private const int ReadsAtOnce = 32;

    private readonly AddressBook book = new(rows, Convert.FromHexString(frame.Salt), frame.Buckets);

    /// <summary>The members, marked where another one has their address and comes first.</summary>
    public async ValueTask<IReadOnlyList<AudienceMember>> MarkAsync(IReadOnlyList<AudienceMember> members, CancellationToken cancellation)
    {
        var marked = new List<AudienceMember>(members.Count);
        foreach (var some in members.Chunk(ReadsAtOnce))
        {
            marked.AddRange(await Task.WhenAll(some.Select(m => MarkAsync(m, cancellation))));
        }

        return marked;
    }

    private async Task<AudienceMember> MarkAsync(AudienceMember member, CancellationToken cancellation)
    {
        foreach (var channel in ChannelsOf(member))
        {
            var address = member.Customer!.AddressOn(channel)!;
            var noted = await book.NotedAsync(address, cancellation);
            if (noted.Count == AddressBook.SharersLimit && !noted.Contains(member.Key))
            {
                return member with { SharesAddress = true }; // An address of so many is nobody's: its first ones decide who gets the message.
            }

            foreach (var other in noted.Where(k => k != member.Key))
            {
                if (await AudienceScan.FindAsync(rows, frame, other, cancellation) is { } sharer && ComesFirst(sharer, member, channel, address))
                {
                    return member with { SharesAddress = true };
                }
            }
        }

        return member;
    }

    private bool ComesFirst(AudienceMember sharer, AudienceMember member, Channel channel, string address) =>
        sharer.Customer is { } row
        && string.CompareOrdinal(row.CustomerId, member.Customer!.CustomerId) < 0
        && row.AddressOn(channel) is { } its
        && string.Equals(Addresses.Comparable(its), Addresses.Comparable(address), StringComparison.Ordinal)
        && ChannelsOf(sharer).Contains(channel);

    /// <summary>The channels by which a message of the run can go to the member.</summary>
    private IEnumerable<Channel> ChannelsOf(AudienceMember member) =>
        frame.GatesOf(member) is Eligibility.Eligible eligible ? eligible.Treatments.Select(t => t.Channel).Distinct() : [];
}
