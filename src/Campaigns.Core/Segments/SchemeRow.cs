using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Segments;

/// <summary>
/// A version of the workspace's segment scheme: row <c>scheme|{number:00000000}</c> of partition <c>workspace</c> in table work,
/// never changed and never deleted; row <c>scheme</c> is a copy of the newest. Without any, the scheme "retail" stands, number 0.
/// </summary>
[MemoryPackable]
public sealed partial record SchemeRow : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>1, 2, … in the order of saving.</summary>
    public required int Number { get; init; }

    /// <summary>The document, UTF-8: see <c>SchemeJson</c>.</summary>
    public required byte[] Json { get; init; }

    /// <summary>Business time at which it was saved.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who saved it.</summary>
    public required string By { get; init; }

    /// <summary>What it changed against the version before it, a sentence each.</summary>
    public string[] Changes { get; init; } = [];
}
