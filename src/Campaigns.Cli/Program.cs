using System.Globalization;

namespace Campaigns.Cli;

internal static class Program
{
    public static int Main(string[] args)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        Console.Error.WriteLine($"campaigns {string.Join(' ', args)}: not there yet");
        return 2;
    }
}
