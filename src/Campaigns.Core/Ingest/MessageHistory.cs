using Campaigns.Core.Primitives;
using MemoryPack;

namespace Campaigns.Core.Ingest;

/// <summary>
/// What became of one message to a customer, as segments ask about it: a copy of what the sending record says, kept with the
/// customer so that a recompute reads no sending records. Times are whole seconds since 1970 (UTC), 0 = not. Replaced whole by
/// run, in the commit that changes the sending record: repeats and any order of arrival give the same.
/// </summary>
/// <param name="Run">Hash of the run: see <see cref="HashOf"/>.</param>
/// <param name="Code">Hash of the offer's code in it, 0 = none: see <see cref="HashOfCode"/>.</param>
/// <param name="SentAt">When it was claimed for sending.</param>
/// <param name="DeliveredAt">When the provider said it was delivered.</param>
/// <param name="OpenedAt">First opened by no machine.</param>
/// <param name="ClickedAt">Last clicked by no machine.</param>
/// <param name="Channel">How it went.</param>
[MemoryPackable]
public readonly partial record struct MessageHistory(
    ulong Run, ulong Code, long SentAt, long DeliveredAt, long OpenedAt, long ClickedAt, Channel Channel)
{
    /// <summary>As many as <see cref="CustomerRow.RecentSendLimit"/>: at least a month of messages whatever the caps allow, some 2 KiB.</summary>
    public const int Limit = CustomerRow.RecentSendLimit;

    /// <summary>The run in few bytes.</summary>
    public static ulong HashOf(string run) => StableHash.Of(run);

    /// <summary>A code in few bytes, whatever its case; 0 for none.</summary>
    public static ulong HashOfCode(string? code) => string.IsNullOrEmpty(code) ? 0 : StableHash.Of(code.ToUpperInvariant());

    /// <summary>A time as it is kept; 0 for none.</summary>
    public static long Seconds(DateTimeOffset? at) => at?.ToUnixTimeSeconds() ?? 0;

    /// <summary>The messages with this one in the place of an earlier record of its run: the newest <see cref="Limit"/> by sending, then run.</summary>
    public static MessageHistory[] With(MessageHistory[] messages, MessageHistory message)
    {
        MessageHistory[] all = [.. Without(messages, message.Run), message];
        Array.Sort(all, static (a, b) => (a.SentAt, a.Run).CompareTo((b.SentAt, b.Run)));
        return all.Length > Limit ? all[^Limit..] : all;
    }

    /// <summary>The messages but the run's: it provably reached nobody.</summary>
    public static MessageHistory[] Without(MessageHistory[] messages, ulong run) =>
        Array.Exists(messages, m => m.Run == run) ? Array.FindAll(messages, m => m.Run != run) : messages;
}
