using System.Globalization;
using System.Text.Json.Nodes;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Functions.Console.Editing;

/// <summary>What the buttons of a scheme's form do to it: "up:2", "add-condition:0.1".</summary>
public static class SchemeActions
{
    /// <summary>Does it; false where it is none of these. <paramref name="sent"/> gives fields of the form, "" where it has none.</summary>
    public static bool Do(SchemeForm form, string action, Func<string, string> sent)
    {
        var colon = action.IndexOf(':', StringComparison.Ordinal);
        var (verb, place) = colon < 0 ? (action, "") : (action[..colon], action[(colon + 1)..]);
        var index = int.TryParse(place, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i) ? i : -1;
        switch (verb)
        {
            case "open":
                form.Show(index);
                return true;
            case "up" or "down" or "remove" or "add-segment" when form.Document is not null:
                form.Change(f => Segment(f, verb, index));
                return true;
            case "add-condition" or "add-group" or "add-in" or "remove-row" when form.Document is not null:
                form.Change(f => f.ChangeRule(place, row => Row(f, verb, row)));
                return true;
            case SchemeForm.TakeFields or SchemeForm.TakeText:
                return true; // Reading the form did it.
            default:
                return SchemeNames.Do(form, verb, place, sent);
        }
    }

    private static RuleRow? Row(SchemeForm form, string verb, RuleRow row) => verb switch
    {
        "remove-row" => null,
        "add-group" => row with { Rows = [.. row.Rows, new RuleRow { Kind = RowKind.Group, Word = row.Word == "all" ? "any" : "all", Rows = [RuleRow.New] }] },
        "add-in" => row with { Rows = [.. row.Rows, new RuleRow { Kind = RowKind.Segment, Text = Other(form) }] },
        _ => row with { Rows = [.. row.Rows, RuleRow.New] },
    };

    /// <summary>Another segment than the open one.</summary>
    private static string Other(SchemeForm form) => SchemeForm.Text(form.Segments.Where((_, i) => i != form.Open).FirstOrDefault(), "id");

    private static void Segment(SchemeForm form, string verb, int index)
    {
        var segments = form.Segments;
        if (verb == "add-segment")
        {
            var name = FreeName(segments);
            var id = SegmentIds.Free(name, segments.Select(s => SchemeForm.Text(s, "id")));
            var added = new JsonObject { ["id"] = id, ["name"] = name, ["rule"] = new JsonObject { ["all"] = new JsonArray(RuleRowJson.Write(RuleRow.New, _ => FieldType.Number)) } };
            segments.Add(added);
            form.Show(segments.Count - 1);
            return;
        }

        if (index < 0 || index >= segments.Count)
        {
            return;
        }

        var moved = segments[index];
        var to = verb == "up" ? index - 1 : index + 1;
        if (verb == "remove")
        {
            segments.RemoveAt(index);
            form.Show(form.Open == index ? -1 : form.Open > index ? form.Open - 1 : form.Open);
        }
        else if (to >= 0 && to < segments.Count)
        {
            segments.RemoveAt(index);
            segments.Insert(to, moved);
            form.Show(form.Open == index ? to : form.Open == to ? index : form.Open);
        }
    }

    private static string FreeName(JsonArray segments) => Free("New segment ", segments, "name");

    private static string Free(string beginning, JsonArray segments, string property)
    {
        var taken = segments.Select(s => SchemeForm.Text(s, property)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return Enumerable.Range(1, SegmentScheme.MaxSegments + 1).Select(n => beginning + n.ToString(CultureInfo.InvariantCulture)).First(n => !taken.Contains(n));
    }
}
