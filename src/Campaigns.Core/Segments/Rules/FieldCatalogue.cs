using Campaigns.Core.Ingest;
using Campaigns.Core.Profiles;

namespace Campaigns.Core.Segments.Rules;

/// <summary>
/// The fields that rules may ask for: the built-in ones, the workspace's attributes ("attribute.city"), products
/// ("product.A-1.lines"), categories ("category.garden.days_since"), events ("event.survey answered.count") and the last days
/// ("last_90_days.spend"). Immutable.
/// </summary>
public sealed class FieldCatalogue
{
    private readonly Dictionary<string, Field> named;
    private readonly List<Field> listed;

    private FieldCatalogue(List<Field> fields, RfmSettings rfm)
    {
        (listed, Rfm) = (fields, rfm);
        named = new Dictionary<string, Field>(fields.Count, StringComparer.Ordinal);
        foreach (var field in fields)
        {
            named[field.Name] = field;
        }
    }

    /// <summary>The built-in fields alone.</summary>
    public static FieldCatalogue BuiltIn { get; } = new([.. CustomerFieldList.All, .. ResponseFields.All, .. BehaviourFields.All, .. CategoryFields.All, .. ValueFields.All, .. DiscountFields.All, .. ShopFields.All], new RfmSettings());

    /// <summary>All fields that have a name of their own, in the order of their groups. Products, categories, events and last days are open families: see <see cref="Find"/>.</summary>
    public IReadOnlyList<Field> Fields => listed;

    /// <summary>How the workspace cuts recency, frequency and spend, and names the cells: what "rfm.…" may be.</summary>
    public RfmSettings Rfm { get; }

    /// <summary>The catalogue of a workspace that cuts so.</summary>
    public FieldCatalogue With(RfmSettings rfm) => new(listed, rfm);

    /// <summary>The catalogue without these fields; open families stay.</summary>
    public FieldCatalogue Without(IReadOnlySet<string> names) => new([.. listed.Where(f => !names.Contains(f.Name))], Rfm);

    /// <summary>The catalogue with the workspace's attributes; one that is there already takes the new type.</summary>
    public FieldCatalogue With(params IEnumerable<AttributeType> attributes) => With(attributes.Select(AttributeFields.Of));

    /// <summary>The catalogue with the attributes that imports brought.</summary>
    public FieldCatalogue With(AttributeTypes attributes) =>
        With(attributes.All.Select(a => AttributeFields.Of(new AttributeType(a.Name, AttributeFields.TypeOf(a.Type)))));

    /// <summary>The field of this name, or null where there is none. Those of open families are made on asking.</summary>
    public Field? Find(string name) => named.GetValueOrDefault(name)
        ?? ProductFields.Find(name) ?? CategoryFields.Find(name) ?? EventFields.Find(name) ?? RecentFields.Find(name);

    /// <summary>Known names nearest to a name that is none, nearest first; few, and none that is far off.</summary>
    public IReadOnlyList<string> Nearest(string name) => NearNames.Of(name, listed.Select(f => f.Name));

    internal FieldCatalogue With(IEnumerable<Field> fields)
    {
        var all = new List<Field>(listed);
        foreach (var field in fields)
        {
            var at = all.FindIndex(f => string.Equals(f.Name, field.Name, StringComparison.Ordinal));
            if (at >= 0)
            {
                all[at] = field;
            }
            else
            {
                all.Add(field);
            }
        }

        return new FieldCatalogue(all, Rfm);
    }
}
