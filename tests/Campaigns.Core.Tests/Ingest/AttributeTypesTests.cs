using Campaigns.Core.Ingest;

namespace Campaigns.Core.Tests.Ingest;

public class AttributeTypesTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("yes|No|TRUE|f|n", AttributeKind.Text)]
    [InlineData("yes|No|TRUE|false|n", AttributeKind.YesNo)]
    [InlineData("1|0|1", AttributeKind.Number)]
    [InlineData("12.5|-3|0|0.25", AttributeKind.Number)]
    [InlineData("1,5|2,5", AttributeKind.Text)]
    [InlineData("01234|04109", AttributeKind.Text)] // postal codes
    [InlineData("4006381333931000|4006381333931001", AttributeKind.Text)] // ids
    [InlineData("+44|+49", AttributeKind.Text)]
    [InlineData("1e5|NaN|Infinity", AttributeKind.Text)]
    [InlineData("2026-02-28|2025-12-31T10:00:00Z", AttributeKind.Date)]
    [InlineData("2026-02-30|2026-02-29", AttributeKind.Text)]
    [InlineData("Berlin|12", AttributeKind.Text)]
    public void An_attribute_gets_the_type_that_its_values_have(string values, AttributeKind type) =>
        Assert.Equal([("a", type)], Survey(values.Split('|')).Types());

    [Theory]
    [InlineData(95, AttributeKind.Number)]
    [InlineData(94, AttributeKind.Text)]
    public void Five_values_of_a_hundred_may_be_mistakes(int numbers, AttributeKind type) =>
        Assert.Equal([("a", type)], Survey([.. Enumerable.Repeat("7", numbers), .. Enumerable.Repeat("n/a", 100 - numbers)]).Types());

    [Fact]
    public void Empty_values_say_nothing()
    {
        Assert.Empty(Survey(["", "  "]).Types());
        Assert.Equal([("a", AttributeKind.YesNo)], Survey(["", "yes", " "]).Types());
    }

    [Fact]
    public void Only_people_change_a_type_once_it_is_found()
    {
        var found = new AttributeTypes().With([("size", AttributeKind.Number), ("city", AttributeKind.Text)], At);

        Assert.Same(found, found.With([("size", AttributeKind.Text)], At.AddDays(1)));
        Assert.Equal(["city", "size"], found.All.Select(a => a.Name));
        Assert.Equal(AttributeKind.Text, found.Changed("size", AttributeKind.Text, At.AddDays(1), "Ann")!.TypeOf("size"));
        Assert.Null(found.Changed("weight", AttributeKind.Number, At, "Ann"));
    }

    [Fact]
    public async Task Attributes_of_an_import_are_typed_once_and_stay_as_people_set_them()
    {
        await using var rig = ImportRig.Create();
        var token = TestContext.Current.CancellationToken;

        await rig.ImportAsync("customer_id,age,city,member\na,34,Leeds,yes\nb,41,York,no\n");
        Assert.Equal(
            [("age", AttributeKind.Number), ("city", AttributeKind.Text), ("member", AttributeKind.YesNo)],
            (await rig.Store.Workspace.AttributesAsync(token)).All.Select(a => (a.Name, a.Type)));

        await rig.Store.Workspace.ChangeAttributeAsync("age", AttributeKind.Text, At, "Ann", token);
        await rig.ImportAsync("customer_id,age,born\nc,51,1975-04-01\n");

        var after = (await rig.Store.Workspace.AttributesAsync(token)).All;
        Assert.Equal(
            [("age", AttributeKind.Text, "Ann"), ("born", AttributeKind.Date, null), ("city", AttributeKind.Text, null), ("member", AttributeKind.YesNo, null)],
            after.Select(a => (a.Name, a.Type, a.By)));
    }

    private static AttributeSurvey Survey(IEnumerable<string> values)
    {
        var survey = new AttributeSurvey();
        foreach (var value in values)
        {
            survey.Add(new Dictionary<string, string> { ["a"] = value });
        }

        return survey;
    }
}
