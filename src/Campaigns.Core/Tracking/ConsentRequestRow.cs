using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Tracking;

/// <summary>
/// Somebody asked in a form for messages, and is asked by a message whether that was the address's owner: row
/// <c>d|{customer}|{request}</c> of table customers. Not confirmed, it counts for nothing, and goes after <see cref="Lifetime"/>.
/// </summary>
[MemoryPackable]
public sealed partial record ConsentRequestRow : IStoredRow
{
    /// <summary>How long a link confirms: a fortnight's holiday.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);

    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The customer who has the address, or the id that is made from it.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>Mailbox or E.164 number.</summary>
    public required string Address { get; init; }

    /// <summary>Ids of purposes; "" is marketing.</summary>
    public required string[] Purposes { get; init; }

    /// <summary>Where it was asked, or null.</summary>
    public string? Source { get; init; }

    /// <summary>What shows that it was asked, or null.</summary>
    public string? Proof { get; init; }

    /// <summary>When it was asked (business time).</summary>
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>When it was confirmed, or null.</summary>
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>The link confirms no longer.</summary>
    public bool HasExpired(DateTimeOffset now) => now - AskedAt >= Lifetime;
}
