using System.Globalization;

namespace Campaigns.Bench;

internal static class Program
{
    public static int Main()
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        Console.Error.WriteLine("No benchmarks yet.");
        return 2;
    }
}
