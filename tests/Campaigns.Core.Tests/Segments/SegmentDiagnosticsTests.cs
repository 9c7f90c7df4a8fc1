using Campaigns.Core.Segments;

namespace Campaigns.Core.Tests.Segments;

public class SegmentDiagnosticsTests
{
    [Fact]
    public void Fewest_customers_are_needed_where_half_are_held_out()
    {
        // n per arm for 5 against 7.5 % by the same formula with equal arms: 7.849 × (0.0475 + 0.069375) ÷ 0.000625 = 1,468.
        Assert.Equal(2 * 1_468, SegmentDiagnostics.LeastToMeasure(0.5));
        Assert.True(SegmentDiagnostics.LeastToMeasure(0.2) > SegmentDiagnostics.LeastToMeasure(0.5));
        Assert.Equal(long.MaxValue, SegmentDiagnostics.LeastToMeasure(0));
    }

    [Fact]
    public void Small_and_empty_segments_and_customers_without_a_segment_are_named()
    {
        var report = new SegmentReport
        {
            Job = "j",
            AsOf = ShopGen.Start,
            OrderedCustomers = 10_000,
            OrderedInNone = 2_500,
            Segments =
            [
                new SegmentCount { Segment = "big", Members = 7_000, Contactable = 6_000 },
                new SegmentCount { Segment = "small", Members = 500, Contactable = 400 },
                new SegmentCount { Segment = "nobody" },
            ],
        };

        var diagnosis = SegmentDiagnostics.Of(report, 0.2);

        Assert.Equal(0.75, diagnosis.CoveredShare);
        Assert.Equal(["small"], diagnosis.TooSmall);
        Assert.Equal(["nobody"], diagnosis.Empty);
    }
}
