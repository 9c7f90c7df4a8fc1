using MemoryPack;

namespace Campaigns.Core.Jobs;

/// <summary>
/// What customers consent to. Marketing is what consent to a channel means where nobody says more; a workspace may name purposes
/// of its own, such as a newsletter or a club, for which consent is asked and given apart.
/// </summary>
/// <param name="Id">Id, in columns and campaigns: see <see cref="IsId"/>.</param>
/// <param name="Name">Name for people, as it stands in a sentence: "our monthly newsletter".</param>
[MemoryPackable]
public readonly partial record struct ConsentPurpose(string Id, string Name)
{
    /// <summary>The purpose that everybody has.</summary>
    public const string Marketing = "";

    /// <summary>Characters of an id: it ends names of columns.</summary>
    public const int IdLength = 40;

    /// <summary>Characters of a name.</summary>
    public const int NameLength = 100;

    /// <summary>Purposes of a workspace: each is asked for and stored per customer.</summary>
    public const int Limit = 10;

    /// <summary>The text is an id: lower-case letters, digits, hyphens and underscores, a letter first.</summary>
    public static bool IsId(string? id) =>
        id is { Length: > 0 and <= IdLength } && !id.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-_") && char.IsAsciiLetter(id[0]);
}
