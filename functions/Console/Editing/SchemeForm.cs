using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Functions.Console.Editing;

/// <summary>
/// The form of a scheme. Its state is the scheme's document; fields and rows are read from it and written back into it, and
/// experts write the document itself: where its text was changed, it counts. So both ways lead to one document.
/// </summary>
public sealed class SchemeForm
{
    /// <summary>The action that has the text count.</summary>
    public const string TakeText = "take-text";

    /// <summary>The action that has the fields count.</summary>
    public const string TakeFields = "take-fields";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    private readonly FieldCatalogue catalogue;

    private SchemeForm(string text, FieldCatalogue catalogue) => (Json, this.catalogue) = (text, catalogue);

    /// <summary>Version of the scheme that is being changed.</summary>
    public int Number { get; private init; }

    /// <summary>Place of the segment whose rule is shown; −1 for none.</summary>
    public int Open { get; private set; } = -1;

    /// <summary>The document's text.</summary>
    public string Json { get; private set; }

    /// <summary>Where fields and text were both changed, the text as it was changed: nobody knows which is meant, so both wait.</summary>
    public string? Clash { get; private set; }

    /// <summary>What the fields and the text were before they were changed: the text that changes are told by.</summary>
    public string Before { get; private set; } = "";

    /// <summary>What was added by the last action, "parameters.big", so that it is shown open; "" where nothing was.</summary>
    public string Added { get; set; } = "";

    /// <summary>Why the last action was not done; "" where it was.</summary>
    public string Refused { get; set; } = "";

    /// <summary>The document; null where its text is no JSON object.</summary>
    public JsonObject? Document { get; private set; }

    /// <summary>The scheme, where nothing is wrong with it.</summary>
    public SegmentScheme? Scheme { get; private set; }

    /// <summary>What is wrong, with its place.</summary>
    public IReadOnlyList<SchemeFault> Faults { get; private set; } = [];

    /// <summary>What nobody can be in, and the like.</summary>
    public IReadOnlyList<SchemeFault> Advice { get; private set; } = [];

    /// <summary>The segments in the document.</summary>
    public JsonArray Segments => Document?["segments"] as JsonArray ?? [];

    /// <summary>The open segment, or null.</summary>
    public JsonObject? OpenSegment => Open >= 0 && Open < Segments.Count ? Segments[Open] as JsonObject : null;

    /// <summary>Fields that rules may ask for, with those that the scheme works out itself.</summary>
    public IEnumerable<Field> Fields => Scheme is null ? catalogue.Fields : catalogue.With(Scheme.Attributes).Fields;

    /// <summary>The workspace's fields.</summary>
    public FieldCatalogue Catalogue => catalogue;

    /// <summary>Names of these and of the fields that the document works out.</summary>
    public IEnumerable<string> FieldNames => Fields.Select(f => f.Name).Concat((Document?["fields"] as JsonObject ?? []).Select(f => f.Key)).Distinct(StringComparer.Ordinal);

    /// <summary>The form of a scheme's document.</summary>
    public static SchemeForm Of(string json, int number, int open, FieldCatalogue catalogue)
    {
        var form = new SchemeForm(Lines(json), catalogue) { Number = number, Open = open };
        form.Read();
        form.Before = form.Json;
        return form;
    }

    /// <summary>
    /// The form as it was sent: the text of the document where that was changed, else the document with what the fields say.
    /// Where both were changed, <see cref="Clash"/>, until the action "take-text" or "take-fields" says which counts.
    /// </summary>
    /// <param name="sent">The form.</param>
    /// <param name="catalogue">Fields of the workspace.</param>
    /// <param name="known">Ids of the scheme in force: they stay, whatever the segments are called.</param>
    public static SchemeForm Of(IFormCollection sent, FieldCatalogue catalogue, IReadOnlyList<string> known)
    {
        var (before, text) = (Lines(sent["document"].ToString()), Lines(sent["json"].ToString()));
        var number = int.TryParse(sent["number"], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
        var open = int.TryParse(sent["open"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var o) ? o : -1;
        var action = sent["action"].ToString();
        var form = Of(before, number, open, catalogue);
        if (form.Document is null || action == TakeText)
        {
            return Of(text, number, open, catalogue);
        }

        var unchanged = form.Document.DeepClone();
        form.Apply(sent, known);
        if (text != before && action != TakeFields)
        {
            if (JsonNode.DeepEquals(unchanged, form.Document))
            {
                return Of(text, number, open, catalogue);
            }

            (form.Clash, form.Before) = (text, before);
        }

        var waiting = form.Clash is null ? null : before;
        form.Refresh();
        form.Before = waiting ?? form.Json;
        return form;
    }

    /// <summary>What is wrong at this place of the document, without what lies deeper in it where <paramref name="own"/>.</summary>
    public IEnumerable<SchemeFault> FaultsOf(string path, bool own = false) =>
        Faults.Where(f => f.Path == path || (!own && f.Path.StartsWith(path, StringComparison.Ordinal) && f.Path[path.Length] is '.' or '['));

    /// <summary>The same in words, for a field of the form.</summary>
    public IEnumerable<string> FaultsAt(string path) => FaultsOf(path).Select(f => Words.Sentence(f.Message));

    /// <summary>Text of a property.</summary>
    public static string Text(JsonNode? of, string name) => of is JsonObject json && json[name] is JsonValue value ? value.ToString() : "";

    /// <summary>The rule of the open segment as rows, or null where there are too many for a form.</summary>
    public RuleRow? Rule() => OpenSegment is { } open && RuleRowJson.ReadTop(open["rule"]) is { Count: <= RuleRow.MostRows } rule ? rule : null;

    /// <summary>The field of this name, or null.</summary>
    public Field? Find(string name) => (Scheme is null ? catalogue : catalogue.With(Scheme.Attributes)).Find(name) ?? Derived(name);

    /// <summary>Changes the document, and reads it anew.</summary>
    public void Change(Action<SchemeForm> change)
    {
        change(this);
        Refresh();
        Before = Json;
    }

    /// <summary>Changes the rule of the open segment.</summary>
    public void ChangeRule(string place, Func<RuleRow, RuleRow?> change)
    {
        int[] indices = [.. place.Split('.', StringSplitOptions.RemoveEmptyEntries).Select(p => int.TryParse(p, CultureInfo.InvariantCulture, out var i) ? i : -1)];
        if (Rule() is { } rule)
        {
            OpenSegment!["rule"] = RuleRowJson.Write(rule.Changed(indices, change), TypeOf);
        }
    }

    /// <summary>Opens a segment, or none (−1).</summary>
    public void Show(int index) => Open = index;

    private static string Lines(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd() + "\n";

    private void Refresh()
    {
        Json = Document!.ToJsonString(Indented) + "\n";
        Read();
    }

    /// <summary>Reads the text: what is right is shown as it will be stored.</summary>
    private void Read()
    {
        var reading = SchemeJson.Parse(Encoding.UTF8.GetBytes(Json), catalogue);
        (Scheme, Faults) = (reading.Scheme, reading.Faults);
        if (Scheme is not null)
        {
            Json = Encoding.UTF8.GetString(SchemeJson.Write(Scheme));
            Advice = SchemeAdvice.Of(Scheme, catalogue);
        }

        try
        {
            Document = JsonNode.Parse(Json) as JsonObject;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            Document = null; // Faults say so.
        }
    }

    private void Apply(IFormCollection sent, IReadOnlyList<string> known)
    {
        Set(Document!, "name", sent, "name");
        Set(Document!, "description", sent, "description");
        if (sent.ContainsKey("exclusive-shown"))
        {
            var exclusive = sent["exclusive"] == "yes";
            Document!.Remove("exclusive");
            if (exclusive)
            {
                Document["exclusive"] = true;
            }
        }

        SchemeNames.Apply(Document!, sent);
        if (OpenSegment is { } segment)
        {
            ApplySegment(segment, sent, known);
        }
    }

    private void ApplySegment(JsonObject segment, IFormCollection sent, IReadOnlyList<string> known)
    {
        ApplyId(segment, sent, known);
        Set(segment, "name", sent, "s.name");
        Set(segment, "description", sent, "s.description");
        foreach (var property in (string[])["because", "leaves"])
        {
            if (sent.TryGetValue("s." + property, out var texts))
            {
                var lines = Lines(texts.ToString()).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                segment.Remove(property);
                if (lines.Length > 0)
                {
                    segment[property] = new JsonArray([.. lines.Select(l => (JsonNode)JsonValue.Create(l)!)]);
                }
            }
        }

        if (sent.ContainsKey("rule.k"))
        {
            segment["rule"] = RuleRowJson.Write(RuleRow.Of(sent, "rule"), TypeOf);
        }
    }

    /// <summary>The id of a segment that is not saved yet follows its name, as long as nobody writes one; rules that name it follow it.</summary>
    private void ApplyId(JsonObject segment, IFormCollection sent, IReadOnlyList<string> known)
    {
        var (id, name) = (Text(segment, "id"), Text(segment, "name"));
        var written = sent.TryGetValue("s.id", out var text) ? text.ToString().Trim() : id;
        var named = sent.TryGetValue("s.name", out var call) ? call.ToString().Trim() : name;
        var others = Segments.Where(s => s != segment).Select(s => Text(s, "id")).ToList();
        var next = written != id ? written : named != name && !known.Contains(id) && id == SegmentIds.Free(name, others) ? SegmentIds.Free(named, others.Concat(known)) : id;
        if (next != id && !known.Contains(id))
        {
            SegmentIds.Rename(Segments, segment, next);
        }
    }

    private static void Set(JsonObject json, string property, IFormCollection sent, string name)
    {
        if (!sent.TryGetValue(name, out var text) || text.ToString().Trim() is var value && value == Text(json, property))
        {
            return;
        }

        if (value.Length == 0 && property == "description")
        {
            json.Remove(property);
        }
        else
        {
            json[property] = value;
        }
    }

    private FieldType? TypeOf(string field)
    {
        if (Find(field) is { } known)
        {
            return known.Type;
        }

        return field.StartsWith("attribute.", StringComparison.Ordinal) && Text(Document?["attributes"], field["attribute.".Length..]) is { Length: > 0 } type
            ? type switch { "number" => FieldType.Number, "yes_no" => FieldType.YesNo, "date" => FieldType.Date, _ => FieldType.Text }
            : null;
    }

    /// <summary>A field that the scheme works out itself.</summary>
    private Field? Derived(string name) => Scheme?.Fields.FirstOrDefault(f => f.Name == name) is { } derived
        ? new Field(name, FieldType.Number, derived.Unit, FieldGroup.Derived, derived.Meaning, (in _) => default) { Label = SchemeParameter.TitleOf(name, derived.Label) }
        : (Document?["fields"] as JsonObject)?.ContainsKey(name) == true ? new Field(name, FieldType.Number, FieldUnit.None, FieldGroup.Derived, "worked out by the scheme", (in _) => default) : null;
}
