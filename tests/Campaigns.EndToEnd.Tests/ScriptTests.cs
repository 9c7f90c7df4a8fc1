using System.Net;
using System.Net.Sockets;

namespace Campaigns.EndToEnd.Tests;

/// <summary>The entry script as a user calls it.</summary>
[Collection(Processes.Name)]
public sealed class ScriptTests
{
    /// <summary>The script may have to build the program first, on a busy machine.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static string Script => RepositoryRoot.Combine("campaigns");

    [Fact]
    public async Task The_demo_runs_from_another_folder_and_again_and_with_its_port_taken()
    {
        using var folder = new TempFolder();
        using var taken = Taken(7071);
        for (var time = 0; time < 2; time++)
        {
            await using var demo = ChildProcess.Start(Script, ["demo", "--once", "--customers", "200", "--data", "demo.db", "--json", "demo.json"], folder.Path);
            Assert.True(await demo.WaitForExitAsync(Limit) == 0, demo.Output);
            Assert.True(System.IO.File.Exists(folder.Combine("demo.json")));
            System.IO.File.Delete(folder.Combine("demo.json"));
        }
    }

    [Fact]
    public async Task A_preset_with_its_sample_is_loaded_in_one_command()
    {
        using var folder = new TempFolder();
        await using var list = ChildProcess.Start(Script, ["preset"], folder.Path);
        Assert.True(await list.WaitForExitAsync(Limit) == 0, list.Output);
        Assert.Contains("cooperative-bank", list.Output, StringComparison.Ordinal);

        await using var load = ChildProcess.Start(Script, ["preset", "vip", "--sample", "--data", folder.Combine("vip.db")], folder.Path);
        Assert.True(await load.WaitForExitAsync(Limit) == 0, load.Output);
        Assert.Contains("Sample customers: VIP programme: 300 rows, 0 rejected.", load.Output, StringComparison.Ordinal);
        Assert.Contains("of 300 customers are in a segment", load.Output, StringComparison.Ordinal);

        await using var unknown = ChildProcess.Start(Script, ["preset", "nothing"], folder.Path);
        Assert.Equal(2, await unknown.WaitForExitAsync(Limit));
    }

    [Fact]
    public async Task A_preset_is_loaded_into_the_Azure_emulator_and_again_without_another_version()
    {
        await using var azurite = await AzuriteServer.StartAsync();
        using var folder = new TempFolder();
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["CAMPAIGNS_AZURITE_CONNECTION"] = azurite.ConnectionString };
        // The script would start an emulator of its own, with the data of whoever works here: so the program that it runs.
        string[] preset = [System.IO.Path.Combine(AppContext.BaseDirectory, "Campaigns.Cli.dll"), "preset", "vip", "--storage", "azurite"];
        for (var time = 0; time < 2; time++)
        {
            await using var load = ChildProcess.Start("dotnet", preset, folder.Path, environment);
            Assert.True(await load.WaitForExitAsync(Limit) == 0, load.Output);
            Assert.Contains("as version 1 of the segments", load.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_interrupt_stops_what_the_script_started()
    {
        using var folder = new TempFolder();
        var port = FreePort.Next();
        await using var demo = StartInterruptible(folder, "demo", "--customers", "200", "--data", folder.Combine("demo.db"), "--port", $"{port}");
        await demo.WaitUntilAsync(() => Task.FromResult(demo.Output.Contains("Ctrl-C ends the demo", StringComparison.Ordinal)), Limit);
        Assert.True(await FreePort.AcceptsAsync(port));
        await InterruptAsync(demo);
        Assert.Contains(await demo.WaitForExitAsync(Limit), new[] { 0, 130 });
        Assert.False(await FreePort.AcceptsAsync(port));
    }

    [Fact]
    public async Task An_interrupt_stops_the_emulator_too()
    {
        NodeTools.Require("azurite/dist/src/azurite.js");
        using var folder = new TempFolder();
        var port = FreePort.Next();
        await using var demo = StartInterruptible(folder, "demo", "--storage", "azurite", "--port", $"{port}");
        await demo.WaitUntilAsync(() => FreePort.AcceptsAsync(port), Limit);
        var family = Descendants(demo.Id);
        Assert.Contains(family, id => CommandLine(id).Contains("azurite", StringComparison.Ordinal));
        await InterruptAsync(demo);
        await demo.WaitForExitAsync(Limit);
        Assert.DoesNotContain(family, id => CommandLine(id).Length > 0);
        Assert.False(await FreePort.AcceptsAsync(port));
    }

    [Fact]
    public async Task Without_the_SDK_one_line_says_what_to_install()
    {
        using var folder = new TempFolder();
        // All that the script uses, and no dotnet.
        foreach (var tool in new[] { "bash", "env", "dirname", "readlink", "basename", "cut", "tr", "find", "sort", "cksum", "cat", "mkdir", "cmp", "cp", "rm" })
        {
            if (Which(tool) is { } found)
            {
                System.IO.File.CreateSymbolicLink(folder.Combine(tool), found);
            }
        }

        await using var demo = ChildProcess.Start(Script, ["demo", "--once"], folder.Path, new Dictionary<string, string?>(StringComparer.Ordinal) { ["PATH"] = folder.Path });
        Assert.Equal(1, await demo.WaitForExitAsync(Limit));
        Assert.Contains("needs the .NET SDK 10", Assert.Single(demo.Lines), StringComparison.Ordinal);
    }

    /// <summary>Listens on the port; where somebody else does already, that serves as well.</summary>
    private static TcpListener? Taken(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null;
        }
    }

    /// <summary>Where the tests run in the background, everything that they start ignores interrupts: the script gets them back.</summary>
    private static ChildProcess StartInterruptible(TempFolder folder, params string[] arguments) =>
        ChildProcess.Start("env", ["--default-signal=INT", Script, .. arguments], folder.Path);

    private static async Task InterruptAsync(ChildProcess process)
    {
        await using var kill = ChildProcess.Start("kill", ["-INT", $"{process.Id}"]);
        Assert.Equal(0, await kill.WaitForExitAsync(Limit));
    }

    /// <summary>The process and all that it started, by id, from the system's own tables.</summary>
    private static List<int> Descendants(int root)
    {
        var family = new List<int> { root };
        for (var i = 0; i < family.Count; i++)
        {
            var children = $"/proc/{family[i]}/task/{family[i]}/children";
            if (System.IO.File.Exists(children))
            {
                family.AddRange(System.IO.File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));
            }
        }

        return family;
    }

    /// <summary>How the process was called; "" where there is none.</summary>
    private static string CommandLine(int id)
    {
        try
        {
            return System.IO.File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string? Which(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, tool)).FirstOrDefault(System.IO.File.Exists);
}
