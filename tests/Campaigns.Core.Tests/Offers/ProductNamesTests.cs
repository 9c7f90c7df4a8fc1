using Campaigns.Core.Offers;
using Campaigns.Core.Tests.Segments;

namespace Campaigns.Core.Tests.Offers;

public class ProductNamesTests
{
    [Fact]
    public async Task Products_are_found_by_any_sku_and_those_without_a_name_are_missing()
    {
        await using var store = await SegmentShop.OpenAsync(1);
        await store.NameAsync("tea/green #1", "Green tea");
        var names = new ProductNames(store.Rows, TimeProvider.System);
        for (var reads = 0; reads < 2; reads++)
        {
            var found = await names.OfAsync(["tea/green #1", "unknown", ""], CancellationToken.None);
            Assert.Equal(new Dictionary<string, string>(StringComparer.Ordinal) { ["tea/green #1"] = "Green tea" }, found);
        }
    }
}
