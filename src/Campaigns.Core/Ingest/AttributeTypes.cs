using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Ingest;

/// <summary>
/// The attributes that imports brought and their types: row <c>attributes</c> of partition <c>workspace</c>. An attribute is
/// typed by the import that first names it (see <see cref="AttributeSurvey"/>); after that only people change its type.
/// </summary>
[MemoryPackable]
public sealed partial record AttributeTypes : IStoredRow
{
    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>
    /// Attributes typed. An import brings at most 50 per customer (see <see cref="ImportLimits.Attributes"/>); beyond this many
    /// names, what varies is no attribute but a value, and further ones stay text.
    /// </summary>
    public const int Limit = 500;

    /// <summary>Types by name, in ordinal order.</summary>
    public TypedAttribute[] All { get; init; } = [];

    /// <summary>The type of the attribute, or null where none was imported.</summary>
    public AttributeKind? TypeOf(string name) => IndexOf(name) is >= 0 and var index ? All[index].Type : null;

    /// <summary>With the types found for attributes that have none yet; the same object where all have.</summary>
    public AttributeTypes With(IEnumerable<(string Name, AttributeKind Type)> found, DateTimeOffset at)
    {
        var added = found.Where(f => IndexOf(f.Name) < 0).Select(f => new TypedAttribute(f.Name, f.Type, at, null)).Take(Limit - All.Length).ToList();
        return added.Count == 0 ? this : this with { All = [.. All.Concat(added).OrderBy(a => a.Name, StringComparer.Ordinal)] };
    }

    /// <summary>With the type of a known attribute changed by somebody; null where the attribute is not known.</summary>
    public AttributeTypes? Changed(string name, AttributeKind type, DateTimeOffset at, string by)
    {
        var index = IndexOf(name);
        if (index < 0)
        {
            return null;
        }

        var all = (TypedAttribute[])All.Clone();
        all[index] = new TypedAttribute(name, type, at, by);
        return this with { All = all };
    }

    /// <summary>Place of the attribute in <see cref="All"/>; −1 where none was imported.</summary>
    public int IndexOf(string name) => Array.FindIndex(All, a => string.Equals(a.Name, name, StringComparison.Ordinal));
}

/// <summary>An attribute's type.</summary>
/// <param name="Name">As imported.</param>
/// <param name="Type">How its values are read.</param>
/// <param name="At">Business time at which it got the type.</param>
/// <param name="By">Who set it, or null where an import found it.</param>
[MemoryPackable]
public readonly partial record struct TypedAttribute(string Name, AttributeKind Type, DateTimeOffset At, string? By);

/// <summary>The attributes' types as the workspace keeps them.</summary>
public static class WorkspaceAttributes
{
    private const string Row = "attributes";

    /// <summary>The types; empty before the first import of customers.</summary>
    public static async ValueTask<AttributeTypes> AttributesAsync(this Workspace workspace, CancellationToken cancellation) =>
        (await workspace.FindAsync<AttributeTypes>(Row, cancellation))?.Value ?? new AttributeTypes();

    /// <summary>Types the attributes that have no type yet.</summary>
    public static async ValueTask TypeAttributesAsync(
        this Workspace workspace, IEnumerable<(string Name, AttributeKind Type)> found, DateTimeOffset at, CancellationToken cancellation)
    {
        var types = found.ToList();
        if (types.Count > 0)
        {
            await workspace.UpdateAsync<AttributeTypes>(
                Row, stored => (stored ?? new AttributeTypes()).With(types, at) is var next && ReferenceEquals(next, stored) ? null : next, cancellation);
        }
    }

    /// <summary>Changes the type of an attribute; null where no import brought one of that name.</summary>
    public static async ValueTask<TypedAttribute?> ChangeAttributeAsync(
        this Workspace workspace, string name, AttributeKind type, DateTimeOffset at, string by, CancellationToken cancellation)
    {
        var after = await workspace.UpdateAsync<AttributeTypes>(Row, stored => stored?.Changed(name, type, at, by), cancellation);
        return after?.TypeOf(name) is null ? null : after.All.First(a => string.Equals(a.Name, name, StringComparison.Ordinal));
    }
}
