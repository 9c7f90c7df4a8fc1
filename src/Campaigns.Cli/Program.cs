using System.CommandLine;
using System.Globalization;

namespace Campaigns.Cli;

internal static class Program
{
    public static Task<int> Main(string[] args)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var root = new RootCommand("Campaigns: the right offer for each customer, or none, and proof that it paid.")
        {
            Demo.DemoCommand.Create(),
            ServeCommand.Create(),
            RecountCommand.Create(),
            LedgerCommand.Create(),
            Score.ScoreCommand.Create(),
            Replay.ReplayCommand.Create(),
            Simulate.SimulateCommand.Create(),
            PresetCommand.Create(),
        };
        return root.Parse(args).InvokeAsync();
    }
}
