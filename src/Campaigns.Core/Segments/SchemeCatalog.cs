using System.Globalization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Segments;

/// <summary>The scheme that a workspace classifies by.</summary>
/// <param name="Number">Its version; 0 = built in.</param>
/// <param name="Stored">The document; empty where it is built in.</param>
/// <param name="Compiled">The scheme, made ready.</param>
public sealed record SchemeInForce(int Number, byte[] Stored, CompiledScheme Compiled)
{
    /// <summary>The document, UTF-8.</summary>
    public byte[] Json => Stored.Length > 0 ? Stored : RetailScheme.Json.ToArray();

    /// <summary>The scheme.</summary>
    public SegmentScheme Scheme => Compiled.Scheme;
}

/// <summary>What became of saving a scheme.</summary>
public abstract record SchemeSaved
{
    private SchemeSaved()
    {
    }

    /// <summary>It is in force from the next recompute on; unchanged documents keep their number.</summary>
    public sealed record Saved(SchemeInForce Scheme, IReadOnlyList<string> Changes) : SchemeSaved;

    /// <summary>Not saved: every fault with its place.</summary>
    public sealed record Invalid(IReadOnlyList<SchemeFault> Faults) : SchemeSaved;

    /// <summary>Not saved: somebody else saved version <paramref name="Number"/> since it was read.</summary>
    public sealed record ChangedByOthers(int Number) : SchemeSaved;
}

/// <summary>The workspace's segment scheme and its versions: see <see cref="SchemeRow"/>. Cached for <see cref="Workspace.CacheFor"/>.</summary>
public sealed class SchemeCatalog(IRowStore rows, Workspace workspace, TimeProvider time)
{
    private const string Partition = "workspace";

    private const string Newest = "scheme";

    private (SchemeInForce Scheme, long ReadAt)? cached;

    /// <summary>The fields that rules may ask for: the built-in ones and the imported attributes with their types; and how the workspace cuts RFM.</summary>
    public async ValueTask<FieldCatalogue> FieldsAsync(CancellationToken cancellation) =>
        CatalogueOf(await workspace.AttributesAsync(cancellation)).With((await workspace.ModelSettingsAsync(cancellation)).Rfm);

    /// <summary>The built-in fields and the attributes.</summary>
    public static FieldCatalogue CatalogueOf(AttributeTypes attributes) =>
        FieldCatalogue.BuiltIn.With(attributes.All.Select(a => new AttributeType(a.Name, TypeOf(a.Type))));

    /// <summary>The scheme in force, at most <see cref="Workspace.CacheFor"/> old.</summary>
    public async ValueTask<SchemeInForce> CurrentAsync(CancellationToken cancellation) =>
        cached is { } c && time.GetElapsedTime(c.ReadAt) < Workspace.CacheFor ? c.Scheme : await ReadCurrentAsync(cancellation);

    /// <summary>The scheme in force as it stands: for what lasts longer, such as what a recompute freezes.</summary>
    public async ValueTask<SchemeInForce> ReadCurrentAsync(CancellationToken cancellation)
    {
        var stored = await workspace.FindAsync<SchemeRow>(Newest, cancellation);
        var scheme = InForce(stored?.Value, await FieldsAsync(cancellation));
        cached = (scheme, time.GetTimestamp());
        return scheme;
    }

    /// <summary>A version, or null where there is none of the number.</summary>
    public async ValueTask<SchemeRow?> FindAsync(int number, CancellationToken cancellation) =>
        number == 0 ? BuiltIn() : (await workspace.FindAsync<SchemeRow>(Key(number), cancellation))?.Value;

    /// <summary>The versions, newest first, from <paramref name="from"/> downwards where given; at most <paramref name="limit"/>.</summary>
    public async ValueTask<IReadOnlyList<SchemeRow>> VersionsAsync(int? from, int limit, CancellationToken cancellation)
    {
        var newest = (await workspace.FindAsync<SchemeRow>(Newest, cancellation))?.Value.Number ?? 0;
        var versions = new List<SchemeRow>(limit);
        for (var number = Math.Min(from ?? newest, newest); number >= 0 && versions.Count < limit; number--)
        {
            if (await FindAsync(number, cancellation) is { } version)
            {
                versions.Add(version);
            }
        }

        return versions;
    }

    /// <summary>Reads and checks a document by the workspace's fields.</summary>
    public async ValueTask<SchemeReading> ReadAsync(ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        var fields = await FieldsAsync(cancellation);
        return SchemeJson.Parse(json, fields);
    }

    /// <summary>What would be wrong with the scheme in force if an attribute had another type; empty where it could be.</summary>
    public async ValueTask<IReadOnlyList<SchemeFault>> FaultsWithAsync(string attribute, AttributeKind type, CancellationToken cancellation)
    {
        var stored = await workspace.FindAsync<SchemeRow>(Newest, cancellation);
        var fields = CatalogueOf(await workspace.AttributesAsync(cancellation)).With(new AttributeType(attribute, TypeOf(type)));
        return stored is null ? [] : SchemeJson.Parse(stored.Value.Json, fields).Faults;
    }

    /// <summary>Saves a new version. <paramref name="read"/> is the number that its author changed, 0 for the built-in scheme.</summary>
    public async ValueTask<SchemeSaved> SaveAsync(ReadOnlyMemory<byte> json, int read, string by, CancellationToken cancellation)
    {
        var fields = await FieldsAsync(cancellation);
        var reading = SchemeJson.Parse(json, fields);
        if (reading.Scheme is not { } scheme)
        {
            return new SchemeSaved.Invalid(reading.Faults);
        }

        var stored = await workspace.FindAsync<SchemeRow>(Newest, cancellation);
        var before = InForce(stored?.Value, fields);
        if (before.Number != read)
        {
            return new SchemeSaved.ChangedByOthers(before.Number);
        }

        if (before.Scheme.Equals(scheme))
        {
            return new SchemeSaved.Saved(before, []);
        }

        var changes = SchemeChanges.Between(before.Scheme, scheme);
        var next = new SchemeRow
        {
            Number = read + 1,
            Json = SchemeJson.Write(scheme),
            At = await workspace.NowAsync(cancellation),
            By = by,
            Changes = [.. changes],
        };
        var payload = RowCodec.Encode(next);
        RowOperation[] operations = [RowOperation.Write(Newest, payload, stored?.ETag), new RowOperation.Insert(Key(next.Number), payload)];
        if (await rows.CommitAsync(Tables.Work, Partition, operations, cancellation) is CommitResult.Conflict)
        {
            return new SchemeSaved.ChangedByOthers(read + 1);
        }

        var saved = new SchemeInForce(next.Number, next.Json, new CompiledScheme(scheme, fields));
        cached = (saved, time.GetTimestamp());
        return new SchemeSaved.Saved(saved, changes);
    }

    private static SchemeInForce InForce(SchemeRow? row, FieldCatalogue fields)
    {
        if (row is null)
        {
            return new SchemeInForce(0, [], new CompiledScheme(RetailScheme.Scheme, fields));
        }

        return new SchemeInForce(row.Number, row.Json, Compile(row.Json, fields));
    }

    /// <summary>
    /// Compiles a document that was checked when it was saved. Where an import has since given an attribute another type than the
    /// document names, the document's stands for its rules: values that do not fit are unknown. Throws <see cref="InvalidDataException"/> where it can no longer be read.</summary>
    public static CompiledScheme Compile(ReadOnlyMemory<byte> json, FieldCatalogue fields)
    {
        var reading = SchemeJson.Parse(json, fields);
        if (reading.Scheme is null)
        {
            fields = fields.Without(SchemeJson.AttributesIn(json).Select(a => AttributeFields.Prefix + a).ToHashSet(StringComparer.Ordinal));
            reading = SchemeJson.Parse(json, fields);
        }

        return reading.Scheme is { } scheme
            ? new CompiledScheme(scheme, fields)
            : throw new InvalidDataException($"The stored segment scheme cannot be read: {reading.Faults[0]} Save it anew.");
    }

    private static SchemeRow BuiltIn() =>
        new() { Number = 0, Json = RetailScheme.Json.ToArray(), At = default, By = "built in", Changes = ["The scheme that comes with the program."] };

    private static string Key(int number) => Newest + "|" + number.ToString("00000000", CultureInfo.InvariantCulture);

    private static FieldType TypeOf(AttributeKind kind) => kind switch
    {
        AttributeKind.Number => FieldType.Number,
        AttributeKind.YesNo => FieldType.YesNo,
        AttributeKind.Date => FieldType.Date,
        _ => FieldType.Text,
    };
}
