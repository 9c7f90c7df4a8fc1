using System.Collections.Concurrent;

namespace Campaigns.Sqlite;

/// <summary>What the writer's commands work with inside the open transaction.</summary>
internal sealed class WriteTransaction(Connection connection, PartitionIds partitions)
{
    /// <summary>Numbers taken from the file at a time. What is left of them when the process ends is lost: of 2⁶³, that does not matter.</summary>
    private const int NumbersAtATime = 1 << 20;

    private readonly Dictionary<(string Table, string Partition), long> made = [];
    private long nextNumber;
    private long numbersBefore;
    private bool tookNumbers;

    /// <summary>
    /// Commands may undo themselves. A savepoint costs SQLite a copy of every page that is touched, and conflicts are rare:
    /// so a group runs without them first, and <see cref="UndoNeeded"/> sends it round again with them.
    /// </summary>
    public bool WithSavepoints { get; set; }

    /// <summary>The prepared statement.</summary>
    public Statement this[string sql] => connection[sql];

    /// <summary>Id of the last inserted row.</summary>
    public long LastId => connection.LastId;

    /// <summary>The first of <paramref name="count"/> (≤ 1,000) consecutive numbers that were never given before and never will be again, by any process.</summary>
    public long TakeNumbers(int count)
    {
        if (nextNumber + count > numbersBefore)
        {
            // Written in the transaction whose rows use them: they are gone together or stay together.
            tookNumbers = true;
            using var next = connection["UPDATE numbers SET next = next + ?1 RETURNING next"].Bind(1, NumbersAtATime).Use();
            if (!next.Step())
            {
                throw new IOException("The store has lost its table of numbers.");
            }

            numbersBefore = next.Long(0);
            nextNumber = numbersBefore - NumbersAtATime;
        }

        nextNumber += count;
        return nextNumber - count;
    }

    /// <summary>The id of a partition; made where it is new.</summary>
    public long Partition(string table, string partition)
    {
        if (partitions.TryGet(table, partition, out var id) || made.TryGetValue((table, partition), out id))
        {
            return id;
        }

        // The update changes nothing: it makes RETURNING answer for a row that is there.
        using var found = connection["INSERT INTO partitions (tbl, part) VALUES (?1, ?2) ON CONFLICT (tbl, part) DO UPDATE SET part = part RETURNING id"]
            .Bind(1, table).Bind(2, partition).Use();
        found.Step();
        id = found.Long(0);
        made.Add((table, partition), id);
        return id;
    }

    /// <summary>From here to <see cref="EndUndoable"/> the command's changes can be taken back.</summary>
    public void BeginUndoable()
    {
        if (WithSavepoints)
        {
            connection["SAVEPOINT one"].Run();
        }
    }

    /// <summary>Keeps the changes since <see cref="BeginUndoable"/>, or takes them back. Throws <see cref="UndoNeeded"/> where that needs a second run.</summary>
    public void EndUndoable(bool undo)
    {
        if (undo)
        {
            if (!WithSavepoints)
            {
                throw new UndoNeeded();
            }

            connection["ROLLBACK TO one"].Run();
        }

        if (WithSavepoints)
        {
            connection["RELEASE one"].Run();
        }
    }

    public void Committed()
    {
        tookNumbers = false;
        foreach (var ((table, partition), id) in made)
        {
            partitions.Add(table, partition, id);
        }

        made.Clear();
    }

    public void RolledBack()
    {
        made.Clear();
        if (tookNumbers)
        {
            // The file does not know that we took them.
            tookNumbers = false;
            nextNumber = numbersBefore = 0;
        }
    }
}

/// <summary>A command of the group has to undo itself: the group is rolled back and run anew with savepoints. Never leaves the writer.</summary>
internal sealed class UndoNeeded : Exception;

/// <summary>The ids of partitions that are known to be in the file. They are never deleted, so what is known stays true.</summary>
internal sealed class PartitionIds
{
    private readonly ConcurrentDictionary<(string Table, string Partition), long> known = new();

    public bool TryGet(string table, string partition, out long id) => known.TryGetValue((table, partition), out id);

    public void Add(string table, string partition, long id) => known[(table, partition)] = id;
}
