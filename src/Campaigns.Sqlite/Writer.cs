using System.Collections.Concurrent;
using System.Globalization;

namespace Campaigns.Sqlite;

/// <summary>
/// The one thread of this process that writes. It takes all commands that wait and does them in one transaction, so that
/// many commits share one flush to the disk; a command that fails takes none of the others with it.
/// </summary>
internal sealed class Writer : IAsyncDisposable
{
    /// <summary>Weight of the commands in one transaction (a row weighs 1, a KiB of blob 4): enough to make the flush cheap, short enough not to keep other processes waiting.</summary>
    private const int GroupWeight = 20_000;

    /// <summary>When nothing was written for this long, freed pages are given back to the file system.</summary>
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(2);

    /// <summary>Freed pages given back at a time (8 MiB), and the number below which they are kept for reuse.</summary>
    private const int VacuumPages = 1024;

    private static readonly string Vacuum = string.Create(CultureInfo.InvariantCulture, $"PRAGMA incremental_vacuum({VacuumPages})");

    private readonly BlockingCollection<WriteCommand> waiting = [];
    private readonly List<WriteCommand> group = [];
    private readonly Connection connection;
    private readonly WriteTransaction transaction;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Writer(Connection connection, PartitionIds partitions)
    {
        this.connection = connection;
        transaction = new WriteTransaction(connection, partitions);
        new Thread(Run) { IsBackground = true, Name = "Campaigns.Sqlite writer" }.Start();
    }

    /// <summary>Does the work in a transaction and gives its result once that is committed.</summary>
    /// <param name="weight">See <see cref="GroupWeight"/>.</param>
    /// <param name="work">May run twice, with nothing left of the first run. What it throws reaches the caller, and nothing of it is written.</param>
    /// <param name="cancellation">Heeded before the command is handed in; what is handed in will be done.</param>
    public ValueTask<T> WriteAsync<T>(int weight, Func<WriteTransaction, T> work, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var command = new WriteCommand<T>(weight, work);
        try
        {
            waiting.Add(command, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(SqliteStore), "The store is closed.");
        }

        return new ValueTask<T>(command.Task);
    }

    public async ValueTask DisposeAsync()
    {
        waiting.CompleteAdding();
        await ended.Task;
    }

    private void Run()
    {
        try
        {
            while (true)
            {
                if (waiting.TryTake(out var command, IdleAfter))
                {
                    WriteGroup(command);
                }
                else if (waiting.IsCompleted)
                {
                    break;
                }
                else
                {
                    GiveBackPages();
                }
            }
        }
        finally
        {
            connection.Dispose();
            waiting.Dispose();
            ended.SetResult();
        }
    }

    private void WriteGroup(WriteCommand first)
    {
        group.Clear();
        group.Add(first);
        for (var weight = first.Weight; weight < GroupWeight && waiting.TryTake(out var next); weight += next.Weight)
        {
            group.Add(next);
        }

        if (TryWrite(group) is not { } failure)
        {
            return;
        }

        // Something failed, and all of them were undone: each for itself, so that only the one at fault fails. Where the
        // file itself fails, the first one shows it, and the others need not try.
        var broken = group.Count == 1;
        foreach (var command in group)
        {
            failure = broken ? failure : TryWrite([command]);
            if (failure is not null)
            {
                command.Fail(failure);
                broken |= failure is IOException;
            }
        }
    }

    private Exception? TryWrite(List<WriteCommand> commands) =>
        TryWrite(commands, withSavepoints: false) is var failure and not UndoNeeded ? failure : TryWrite(commands, withSavepoints: true);

    private Exception? TryWrite(List<WriteCommand> commands, bool withSavepoints)
    {
        transaction.WithSavepoints = withSavepoints;
        try
        {
            connection.BeginWriting();
            foreach (var command in commands)
            {
                command.Run(transaction);
            }

            connection.Execute("COMMIT");
            transaction.Committed();
        }
        catch (Exception error)
        {
            connection.RollBack();
            transaction.RolledBack();
            return error;
        }

        foreach (var command in commands)
        {
            command.Succeed();
        }

        return null;
    }

    private void GiveBackPages()
    {
        try
        {
            // The pragma frees pages only as it is stepped, one row a page.
            if (connection.Number("PRAGMA freelist_count") > VacuumPages)
            {
                connection.BeginWriting();
                using (var freed = connection[Vacuum].Use())
                {
                    while (freed.Step())
                    {
                    }
                }

                connection.Execute("COMMIT");
            }
        }
        catch (IOException)
        {
            connection.RollBack(); // Housekeeping: it comes round again, and a disk that fails shows in the next write.
        }
    }
}

/// <summary>A piece of work that waits for the writer.</summary>
internal abstract class WriteCommand(int weight)
{
    public int Weight { get; } = weight;

    public abstract void Run(WriteTransaction transaction);

    public abstract void Succeed();

    public abstract void Fail(Exception error);
}

/// <inheritdoc cref="WriteCommand"/>
internal sealed class WriteCommand<T>(int weight, Func<WriteTransaction, T> work) : WriteCommand(weight)
{
    private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? result;

    public Task<T> Task => done.Task;

    public override void Run(WriteTransaction transaction) => result = work(transaction);

    public override void Succeed() => done.SetResult(result!);

    public override void Fail(Exception error) => done.SetException(error);
}
