using System.Diagnostics;
using Campaigns.Core.Ingest;
using Campaigns.Core.Offers;
using Campaigns.Core.Offers.Learning;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;

namespace Campaigns.Bench;

/// <summary>Decisions of an adaptive run in memory, on one core: gates, the table's probabilities, the draw, and what is logged of it.</summary>
internal static class DecisionsBench
{
    private const int Rounds = 5;

    /// <summary>Distinct customers, each decided many times over: the work is the decision, not the memory.</summary>
    private const int Distinct = 20_000;

    private static readonly DateTimeOffset AsOf = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Run(int decisions)
    {
        var frame = Frame();
        var consent = new Consent(true, "bench", AsOf);
        var members = Enumerable.Range(0, Distinct).Select(i => new AudienceMember(
            CustomerKey.Of([1, 2, 3], "c" + i), "s" + (i % 5), new CustomerRow { CustomerId = "c" + i, CreatedAt = AsOf, Email = $"c{i}@example.com", EmailConsent = consent }, default)).ToArray();
        for (var round = 1; round <= Rounds; round++)
        {
            var drawn = new Dictionary<string, long>(StringComparer.Ordinal);
            var (start, used) = (Stopwatch.GetTimestamp(), Process.GetCurrentProcess().TotalProcessorTime);
            for (var i = 0; i < decisions; i++)
            {
                if (frame.Decide(members[i % Distinct], null) is PlanDecision.Assigned { Assignment: var assignment })
                {
                    var what = assignment.HeldOut ? "nothing" : assignment.Drawn.Treatment.Id;
                    drawn[what] = drawn.GetValueOrDefault(what) + 1;
                }
            }

            var (elapsed, processor) = (Stopwatch.GetElapsedTime(start), Process.GetCurrentProcess().TotalProcessorTime - used);
            Console.WriteLine($"round {round}: {decisions:N0} decisions in {elapsed.TotalSeconds:N3} s (processor {processor.TotalSeconds:N3} s): {decisions / processor.TotalSeconds:N0} a second and core; {string.Join(", ", drawn.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => $"{d.Key} {d.Value:N0}"))}");
        }
    }

    /// <summary>A run of three variants that has learnt from one earlier run.</summary>
    private static RunFrame Frame()
    {
        string[] ids = ["gift", "picks", "sale"];
        var campaign = new Campaign
        {
            Id = "bench",
            Name = "Bench",
            Segments = ["s0", "s1", "s2", "s3", "s4"],
            Treatments = [.. ids.Select(id => new Treatment
            {
                Id = id,
                Offer = new Offer { Id = id, Name = id, Kind = OfferKind.Recommendation },
                Channels = [Channel.Email],
                Template = new MessageTemplate { Subject = "Hello", Html = "<p>Hello</p>" },
            })],
        };
        var inputs = new RunInputs
        {
            Campaign = campaign,
            Occurrence = 1,
            SegmentsJob = "bench",
            HoldoutPartsPerMillion = 100_000,
            Margin = new MarginPolicy { Share = 0.4 },
            WindowEnd = AsOf.AddDays(30),
            EmailCostMicros = 1_000,
            Strategy = Strategy.Adaptive,
        };
        ArmTotals Totals(int buyers) => Enumerable.Range(0, 2_000).Aggregate(default(ArmTotals), (sum, i) => sum.With(i < buyers ? 4_000 + i : 0));
        var evidence = new RunEvidence
        {
            Run = "run-0",
            Occurrence = 0,
            Cells = [.. campaign.Segments.Select((s, i) => new CellEvidence(s, "gift|picks|sale", Totals(60), [.. ids.Select((id, a) => new ArmEvidence(id, Totals(50 + (10 * ((i + a) % 3)))))]))],
        };
        return new RunFrame("run-bench", AsOf, inputs with { Policy = RunPolicy.Of(inputs, [evidence], 10_000) }, "00");
    }
}
