using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Channels.Outbox;

/// <summary>A message in the outbox: table outbox, partition {run}, row {customer}.</summary>
[MemoryPackable]
public sealed partial record OutboxRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>How it would have gone.</summary>
    public required Channel Channel { get; init; }

    /// <summary>Mailbox or E.164 number.</summary>
    public required string To { get; init; }

    /// <summary>Subject; "" for text messages.</summary>
    public required string Subject { get; init; }

    /// <summary>HTML; null for text messages.</summary>
    public string? Html { get; init; }

    /// <summary>Plain text, or the text message.</summary>
    public required string Text { get; init; }

    /// <summary>One-click unsubscribe address; null for text messages.</summary>
    public string? UnsubscribeUrl { get; init; }

    /// <summary>Campaign.</summary>
    public required string Campaign { get; init; }

    /// <summary>Business time of sending.</summary>
    public required DateTimeOffset At { get; init; }
}
