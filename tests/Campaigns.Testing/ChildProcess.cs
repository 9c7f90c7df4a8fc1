using System.Collections.Concurrent;
using System.Diagnostics;

namespace Campaigns.Testing;

/// <summary>
/// A program started by a test. Its output is captured; it and what it started are killed by id,
/// on dispose and when the test process ends.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>Enough to explain a failure; older lines are dropped.</summary>
    private const int KeptLines = 10_000;

    private static readonly ConcurrentDictionary<int, Process> Running = new();

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Running.Values)
        {
            KillTree(process);
        }
    };

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Standard output and error, line by line as they came.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    public string Output => string.Join('\n', _lines);

    public static ChildProcess Start(
        string program,
        IEnumerable<string> arguments,
        string? workingDirectory = null,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? RepositoryRoot.Path,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var child = new ChildProcess(process);
        process.OutputDataReceived += (_, e) => child.Keep(e.Data);
        process.ErrorDataReceived += (_, e) => child.Keep(e.Data);
        process.Start();
        Running[process.Id] = process;
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Waits for the end and answers the exit code. Throws <see cref="TimeoutException"/> with the output so far.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan limit)
    {
        using var timeOut = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(timeOut.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} still runs after {limit}. Output:\n{Output}", e);
        }

        Running.TryRemove(_process.Id, out _);
        return _process.ExitCode;
    }

    /// <summary>Waits until <paramref name="ready"/> holds. Throws with the output when the program ends or the limit passes first.</summary>
    public async Task WaitUntilAsync(Func<Task<bool>> ready, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        while (!await ready())
        {
            if (HasExited)
            {
                throw new InvalidOperationException($"{_process.StartInfo.FileName} ended with code {ExitCode} before it was ready. Output:\n{Output}");
            }

            if (watch.Elapsed > limit)
            {
                throw new TimeoutException($"{_process.StartInfo.FileName} was not ready within {limit}. Output:\n{Output}");
            }

            await Task.Delay(25);
        }
    }

    /// <summary>Ends it at once, with everything that it started: as a crash would.</summary>
    public void Kill() => KillTree(_process);

    public async ValueTask DisposeAsync()
    {
        var id = _process.Id;
        KillTree(_process);
        try
        {
            using var timeOut = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await _process.WaitForExitAsync(timeOut.Token);
        }
        catch (OperationCanceledException)
        {
            // Its pipes are still held by somebody else; the process itself is gone.
        }

        Running.TryRemove(id, out _);
        _process.Dispose();
    }

    private static void KillTree(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (InvalidOperationException)
        {
            // It ended meanwhile.
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        while (_lines.Count > KeptLines)
        {
            _lines.TryDequeue(out _);
        }
    }
}
