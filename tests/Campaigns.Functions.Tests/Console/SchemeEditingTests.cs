using System.Text;
using Campaigns.Core.Segments.Rules;
using Campaigns.Functions.Console.Editing;

namespace Campaigns.Functions.Tests.Console;

public class SchemeEditingTests
{
    private static SchemeForm Form(string json) => SchemeForm.Of(json, 0, -1, FieldCatalogue.BuiltIn);

    private static SchemeForm Retail() => Form(Encoding.UTF8.GetString(SchemeJson.Write(RetailScheme.Scheme)));

    private static void Do(SchemeForm form, string action, params (string Name, string Value)[] sent) =>
        Assert.True(SchemeActions.Do(form, action, name => sent.FirstOrDefault(s => s.Name == name).Value ?? ""));

    [Theory]
    [InlineData("remove-parameter:loyal-order-days", "“loyal order days” is in use and stays: the segment “Loyal”")]
    [InlineData("remove-parameter:at-risk-gaps", "the field “silence limit”")]
    [InlineData("remove-field:silence_limit", "“silence limit” is in use and stays: the segment “Lost”, the segment “At risk”, the segment “New”")]
    public void What_is_in_use_is_not_removed_and_what_uses_it_is_named(string action, string said)
    {
        var form = Retail();
        var before = form.Json;
        Do(form, action);
        Assert.Contains(said, form.Refused, StringComparison.Ordinal);
        Assert.Equal(before, form.Json);
    }

    [Theory]
    [InlineData("""{ "field": "attribute.city", "is": "Leeds" }""", "", true)]
    [InlineData("""{ "known": "attribute.city" }""", "", true)]
    [InlineData("""{ "field": "orders", "at_least": 1 }""", "{attribute.city}", true)]
    [InlineData("""{ "field": "orders", "at_least": 1 }""", "in the city", false)]
    public void An_attribute_is_used_by_rules_and_by_texts(string rule, string because, bool used)
    {
        var form = Form($$"""{ "id": "s", "name": "S", "attributes": { "city": "text" }, "segments": [{ "id": "a", "name": "A", "rule": {{rule}}, "because": ["{{because}}"] }] }""");
        Do(form, "remove-attribute:city");
        Assert.Equal(used, form.Refused.Length > 0);
        Assert.Equal(used, form.Json.Contains("\"city\"", StringComparison.Ordinal));
    }

    [Fact]
    public void What_nothing_uses_goes_and_a_name_that_no_id_can_say_is_kept()
    {
        var form = Retail();
        Do(form, "add-parameter", ("new.parameter", "Große Bestellung ab"));
        var added = Assert.Single(form.Scheme!.Parameters, p => p.Label.Length > 0);
        Assert.Equal("Große Bestellung ab", added.Title);
        Do(form, "add-parameter", ("new.parameter", "Big order from"));
        Assert.Equal("big order from", Assert.Single(form.Scheme!.Parameters, p => p.Name == "big-order-from").Title);

        Do(form, "remove-parameter:big-order-from");
        Do(form, "remove-parameter:" + added.Name);
        Assert.Equal("", form.Refused);
        Assert.Equal(RetailScheme.Scheme, form.Scheme);
    }
}
