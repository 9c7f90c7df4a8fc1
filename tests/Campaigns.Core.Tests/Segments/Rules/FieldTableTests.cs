using System.Text;
using Campaigns.Core.Segments.Rules;
using Campaigns.Testing;
using CsCheck;

namespace Campaigns.Core.Tests.Segments.Rules;

public class FieldTableTests
{
    [Fact]
    public void The_table_of_fields_in_the_documentation_is_the_catalogue()
    {
        var table = new StringBuilder("| Field | Holds | Meaning |\n|---|---|---|\n");
        foreach (var group in FieldCatalogue.BuiltIn.Fields.GroupBy(f => f.Group))
        {
            table.Append($"| **{group.Key}** | | |\n");
            foreach (var field in group)
            {
                var unit = RuleWords.Of(field.Unit);
                table.Append($"| `{field.Name}` | {RuleWords.Of(field.Type)}{(unit.Length == 0 ? "" : ", " + unit.Replace('_', ' '))} | {field.Meaning} |\n");
            }
        }

        var document = File.ReadAllText(RepositoryRoot.Combine("docs/segments.md"));
        Assert.True(document.Contains(table.ToString(), StringComparison.Ordinal), "docs/segments.md should hold this table:\n" + table);
    }

    [Fact]
    public void Every_name_in_the_catalogue_reads_every_customer() =>
        RuleGen.Customer.Sample(customer =>
        {
            var facts = RuleGen.Facts(customer);
            foreach (var field in RuleGen.Catalogue.Fields)
            {
                var value = field.Read(facts);
                Assert.True(!value.IsKnown || value.Type == field.Type, field.Name);
            }
        });
}
