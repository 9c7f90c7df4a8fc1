using System.Diagnostics;
using Campaigns.Core.Profiles.Models;
using MathNet.Numerics.Distributions;

namespace Campaigns.Bench;

/// <summary>BG/NBD over customers drawn from one: fit from raw histories and scores, beside the likelihood of each customer taken once.</summary>
internal static class ModelsBench
{
    /// <summary>Published for the CDNOW sample, in weeks.</summary>
    private static readonly BgNbd Truth = new(0.243, 4.414, 0.793, 2.426);

    private const int Window = 730;
    private const double Week = 7;
    private const int Rounds = 5;

    private readonly record struct Raw(int RepeatOrders, int RecencyDays, int AgeDays);

    public static void Run(int customers)
    {
        var raw = Draw(customers, new Random(1));
        var histories = Array.ConvertAll(raw, h => RepeatHistory.FromDays(h.RepeatOrders, h.RecencyDays, h.AgeDays, Week));
        var (active, orders) = (new double[customers], new double[customers]);
        Console.WriteLine($"{customers:N0} customers of a BG/NBD, ages 0 to {Window} days, {Environment.ProcessorCount} cores; memory before {Process.GetCurrentProcess().WorkingSet64 >> 20:N0} MiB");

        for (var round = 1; round <= Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var total = 0.0;
            foreach (var history in histories)
            {
                total += Truth.LogLikelihood(history);
            }

            var baseline = Stopwatch.GetElapsedTime(start);

            var used = Processor();
            start = Stopwatch.GetTimestamp();
            var summary = new RepeatSummary();
            foreach (var (repeatOrders, recency, age) in raw)
            {
                summary.Add(repeatOrders, recency, age);
            }

            var grouped = Stopwatch.GetElapsedTime(start);
            var fitted = BgNbd.Fit(summary, Week);
            var fit = Stopwatch.GetElapsedTime(start);
            var fitUsed = Processor() - used;

            used = Processor();
            start = Stopwatch.GetTimestamp();
            Score(fitted.Model, histories, active, orders);
            var score = Stopwatch.GetElapsedTime(start);
            var scoreUsed = Processor() - used;

            Console.WriteLine($"round {round}: fit {fit.TotalSeconds:N2} s (grouping {grouped.TotalSeconds:N2} s; processor {fitUsed.TotalSeconds:N2} s), {fit / baseline:N1} times one pass over all likelihoods ({baseline.TotalSeconds:N2} s)");
            Console.WriteLine($"         score {score.TotalSeconds:N3} s (processor {scoreUsed.TotalSeconds:N3} s), {score / baseline:N2} times that pass");
            if (round == Rounds)
            {
                Console.WriteLine($"  r {fitted.Model.R:N4} alpha {fitted.Model.Alpha:N4} a {fitted.Model.A:N4} b {fitted.Model.B:N4}, log-likelihood {fitted.LogLikelihood:N1} (of the truth {total:N1}), converged {fitted.Converged}");
                Console.WriteLine($"  {summary.Groups:N0} distinct histories, stored in {(summary.Repeaters.Length >> 10) + (summary.OneTimeByAge.Length >> 7):N0} KiB; {active.Average():N4} active, {orders.Average():N4} orders in 39 weeks");
            }
        }

        using var process = Process.GetCurrentProcess();
        Console.WriteLine($"  {GC.GetTotalAllocatedBytes() >> 20:N0} MiB allocated, peak memory {process.PeakWorkingSet64 >> 20:N0} MiB, of these {customers * 52L >> 20} MiB the customers and their scores");
    }

    private static TimeSpan Processor()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    /// <summary>Each core its part of the customers.</summary>
    private static void Score(BgNbd model, RepeatHistory[] histories, double[] active, double[] orders)
    {
        var parts = Environment.ProcessorCount;
        Parallel.For(0, parts, part =>
        {
            var (from, to) = ((int)((long)histories.Length * part / parts), (int)((long)histories.Length * (part + 1) / parts));
            new OrderScores(model, 39).Score(histories.AsSpan(from..to), active.AsSpan(from..to), orders.AsSpan(from..to));
        });
    }

    private static Raw[] Draw(int customers, Random chance)
    {
        var drawn = new Raw[customers];
        for (var i = 0; i < customers; i++)
        {
            var age = chance.Next(Window + 1);
            var perDay = Gamma.Sample(chance, Truth.R, Truth.Alpha) / Week;
            var leaves = Beta.Sample(chance, Truth.A, Truth.B);
            var (x, last, at) = (0, 0, 0.0);
            while (true)
            {
                at -= Math.Log(1 - chance.NextDouble()) / Math.Max(perDay, 1e-12);
                if (at > age)
                {
                    break;
                }

                if ((int)at > last)
                {
                    (x, last) = (x + 1, (int)at);
                }

                if (chance.NextDouble() < leaves)
                {
                    break;
                }
            }

            drawn[i] = new Raw(x, last, age);
        }

        return drawn;
    }
}
