using System.Globalization;
using System.IO.Compression;
using Campaigns.Core.Measurement.Replay;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Tests.Measurement.Replay;

/// <summary>Logs for tests.</summary>
internal static class Logs
{
    public static LoggedDecisions Of(IEnumerable<(string Treatment, double Propensity, double Reward, string Context)> rows)
    {
        var log = new DecisionLog(["segment"]);
        foreach (var row in rows)
        {
            log.Context(0, row.Context);
            log.Add(row.Treatment, row.Propensity, row.Reward);
        }

        return log.ToDecisions();
    }

    /// <summary>Rows of two segments with changing probabilities; "perk" brings more to the loyal and nothing to others.</summary>
    public static List<(string Treatment, double Propensity, double Reward, string Context)> Drawn(int seed, int rows)
    {
        var chance = new Chance(seed);
        var log = new List<(string, double, double, string)>();
        for (var i = 0; i < rows; i++)
        {
            var loyal = chance.Next() < 0.4;
            var perk = (i / 100 % 2 == 0 ? 0.3 : 0.6) + (loyal ? 0.1 : 0);
            var treated = chance.Next() < perk;
            var reward = (loyal ? 2 : 1) + (treated && loyal ? 1 : 0) + (2 * chance.Next()) - 1;
            log.Add((treated ? "perk" : "none", treated ? perk : 1 - perk, reward, loyal ? "loyal" : "other"));
        }

        return log;
    }

    /// <summary>Hillstrom's e-mail test (2008): 64,000 customers, thirds.</summary>
    public static LoggedDecisions Hillstrom(string reward)
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(SharedFiles.Require("data/hillstrom.csv.gz")), CompressionMode.Decompress));
        var header = text.ReadLine()!.Split(',');
        var (segment, amount, history) = (Array.IndexOf(header, "segment"), Array.IndexOf(header, reward), Array.IndexOf(header, "history_segment"));
        var log = new DecisionLog(["history_segment"]);
        while (text.ReadLine() is { } line)
        {
            // The one comma within a cell is that of "6) $750 - $1,000" and "7) $1,000 +".
            var cells = line.Replace("$1,000", "$1000", StringComparison.Ordinal).Split(',');
            log.Context(0, cells[history].Trim('"'));
            log.Add(cells[segment] == "No E-Mail" ? "none" : cells[segment], 1 / 3.0, double.Parse(cells[amount], CultureInfo.InvariantCulture));
        }

        return log.ToDecisions();
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood 2014): uniform draws in [0, 1) from a seed.</summary>
    private sealed class Chance(int seed)
    {
        // Hashed: multiples of the step would give the same draws, each a step later.
        private ulong state = StableHash.Of(seed.ToString(CultureInfo.InvariantCulture));

        public double Next()
        {
            var z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
        }
    }
}
