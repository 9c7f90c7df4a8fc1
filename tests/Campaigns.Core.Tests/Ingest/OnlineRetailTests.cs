using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;

namespace Campaigns.Core.Tests.Ingest;

/// <summary>The UCI Online Retail data (Chen, 2015) through the whole import.</summary>
public class OnlineRetailTests
{
    [Fact]
    public async Task Its_cleaned_rows_give_the_known_customers_orders_and_revenue()
    {
        var file = SharedFiles.Require("data/online_retail.csv.gz");
        await using var rig = ImportRig.Create(buckets: 16);
        var import = await rig.ImportAsync(await File.ReadAllBytesAsync(file));

        Assert.Null(import.Problem);
        var summary = import.Summary!;
        Assert.Equal(541_909, summary.Rows);
        Assert.Equal(135_080, summary.Rejected);
        Assert.Equal(135_080, summary.RejectedByReason["no customer on the row (guest sale)"]);
        Assert.Equal((22_190, 4_372), (summary.Orders, summary.Customers));
        Assert.Equal(JobStatus.Done, import.Status);

        var cleaned = (await rig.RowsAsync<OrderRow>("o|"))
            .Where(o => !o.OrderId.StartsWith('C'))
            .Select(o => (o.CustomerId, o.OrderId, Lines: o.Lines.Where(l => l is { Quantity: > 0, UnitPriceMinorE4: > 0 }).ToList()))
            .Where(o => o.Lines.Count > 0)
            .ToList();
        Assert.Equal(18_532, cleaned.Count);
        Assert.Equal(4_338, cleaned.Select(o => o.CustomerId).Distinct().Count());
        Assert.DoesNotContain(cleaned, o => o.CustomerId.Contains('.', StringComparison.Ordinal));

        // £8,911,407.90 is the sum of quantity × price at the file's precision: three decimals occur, so it is summed before rounding.
        Assert.Equal(8_911_407.904m, cleaned.Sum(o => o.Lines.Sum(l => l.Quantity * (l.UnitPriceMinorE4 / 1_000_000m))));
    }
}
