using Campaigns.Core.Ingest;
using Spectre.Console;

namespace Campaigns.Cli;

/// <summary>How far a command's work is. A bar appears once it has taken two seconds; what is quicker needs none.</summary>
internal sealed class CommandProgress
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);

    private readonly Lock gate = new();
    private string what = "Reading";
    private double share;

    /// <summary>Runs the work beside the bar, which stands on standard error.</summary>
    public static async Task<T> RunAsync<T>(Func<CommandProgress, Task<T>> work)
    {
        var progress = new CommandProgress();
        var running = Task.Run(() => work(progress));
        if (await Task.WhenAny(running, Task.Delay(Patience)) != running)
        {
            await progress.ShowAsync(running);
        }

        return await running;
    }

    /// <summary>Sets the step under way and its share, 0 … 1.</summary>
    public void Set(string step, double done)
    {
        lock (gate)
        {
            (what, share) = (step, done);
        }
    }

    /// <summary>Opens a file for reading; its bytes count as the share of the step.</summary>
    public Stream Open(string path, string step)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan | FileOptions.Asynchronous);
        var length = Math.Max(1.0, file.Length);
        return new ForwardStream(file, seen: _ => Set(step, file.Position / length));
    }

    private Task ShowAsync(Task running)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                var bars = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
                while (await Task.WhenAny(running, Task.Delay(Refresh)) != running)
                {
                    var (step, done) = Now();
                    foreach (var (name, earlier) in bars)
                    {
                        earlier.Value = name == step ? earlier.Value : 1;
                    }

                    if (!bars.TryGetValue(step, out var bar))
                    {
                        bars[step] = bar = context.AddTask(Markup.Escape(step), maxValue: 1);
                    }

                    bar.Value = done;
                }

                foreach (var bar in bars.Values)
                {
                    bar.Value = 1;
                }
            });
    }

    private (string What, double Share) Now()
    {
        lock (gate)
        {
            return (what, share);
        }
    }
}
