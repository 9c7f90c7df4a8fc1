using System.Globalization;

namespace Campaigns.Bench;

internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        switch (arguments)
        {
            case ["storage", .. var rest]:
                await StorageBench.RunAsync(rest is [var rows] ? int.Parse(rows, NumberStyles.None, CultureInfo.InvariantCulture) : 2_000_000);
                return 0;
            default:
                Console.Error.WriteLine("Usage: bench storage [rows]");
                return 2;
        }
    }
}
