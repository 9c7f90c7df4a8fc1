using System.Diagnostics;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Bench;

/// <summary>Classifying customers in memory by the retail scheme, on one core.</summary>
internal static class SegmentsBench
{
    private const int Rounds = 5;

    /// <summary>Distinct histories, each classified many times over: the work is the rules, not the memory.</summary>
    private const int Distinct = 20_000;

    private static readonly DateTimeOffset AsOf = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Run(int customers)
    {
        var histories = Draw(new Random(1));
        var survey = new RfmSurvey();
        foreach (var history in histories)
        {
            survey.Add(history, AsOf);
        }

        var shop = new SegmentParameters
        {
            Job = "bench",
            AsOf = AsOf,
            Gap80Days = 60,
            Gap95Days = 150,
            Gaps = 1000,
            Rfm = survey.Cuts(),
            DiscountsKnown = true,
            JudgedLines = 10,
            CheapLines = 2,
        };
        var members = new long[RetailScheme.Scheme.Segments.Count];
        for (var round = 1; round <= Rounds; round++)
        {
            Array.Clear(members);
            var (start, used) = (Stopwatch.GetTimestamp(), Process.GetCurrentProcess().TotalProcessorTime);
            for (var i = 0; i < customers; i++)
            {
                var set = RetailScheme.Compiled.Classify(new CustomerFacts { History = histories[i % Distinct], Shop = shop, AsOf = AsOf });
                foreach (var index in set)
                {
                    members[index]++;
                }
            }

            var (elapsed, processor) = (Stopwatch.GetElapsedTime(start), Process.GetCurrentProcess().TotalProcessorTime - used);
            Console.WriteLine($"round {round}: {customers:N0} customers in {elapsed.TotalSeconds:N3} s (processor {processor.TotalSeconds:N3} s): {customers / processor.TotalSeconds:N0} a second and core");
        }

        Console.WriteLine(string.Join(", ", members.Select((m, i) => $"{RetailScheme.Scheme.SegmentIds[i]} {m:N0}")));
    }

    private static PurchaseHistory[] Draw(Random random)
    {
        var histories = new PurchaseHistory[Distinct];
        for (var i = 0; i < histories.Length; i++)
        {
            var orders = 1 + (int)(Math.Pow(random.NextDouble(), 3) * 20);
            var (last, span) = (random.Next(400), random.Next(700));
            histories[i] = new PurchaseHistory
            {
                CustomerId = "c" + i,
                Orders = orders,
                OrderDays = orders,
                FirstOrderAt = AsOf.AddDays(-last - (orders == 1 ? 0 : span)),
                LastOrderAt = AsOf.AddDays(-last),
                SpendMinor = orders * random.Next(500, 20_000),
                Lines = orders * 3,
                DiscountedLines = random.Next(orders * 3),
            };
        }

        return histories;
    }
}
