using Spectre.Console;

namespace Campaigns.Cli.Score;

/// <summary>How far a scoring is. A bar appears once it has taken two seconds; what is quicker needs none.</summary>
internal sealed class ScoreProgress
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);

    private readonly Lock gate = new();
    private string what = "Reading orders";
    private double share;

    /// <summary>Runs the work beside the bar, which stands on standard error.</summary>
    public static async Task<T> RunAsync<T>(Func<ScoreProgress, Task<T>> work)
    {
        var progress = new ScoreProgress();
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
        return new Counted(file, this, step);
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

    /// <summary>Counts what is read.</summary>
    private sealed class Counted(FileStream file, ScoreProgress progress, string step) : Stream
    {
        private readonly double length = Math.Max(1, file.Length);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Seen(file.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Seen(await file.ReadAsync(buffer, cancellationToken));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                file.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Seen(int read)
        {
            progress.Set(step, file.Position / length);
            return read;
        }
    }
}
