using System.Diagnostics;
using SQLitePCL;

namespace Campaigns.Sqlite;

/// <summary>One SQLite connection and its prepared statements. Used by one thread at a time.</summary>
internal sealed class Connection : IDisposable
{
    /// <summary>How long to wait for other processes that write: beyond it something holds the file that should not.</summary>
    private static readonly TimeSpan BusyLimit = TimeSpan.FromSeconds(60);

    /// <summary>Pause between two tries for the write lock: short, so that a process that writes now and then is not starved by one that writes all the time.</summary>
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(1);

    private readonly sqlite3 db;
    /// <summary>By reference: to hash the text for every row costs as much as binding it.</summary>
    private readonly Dictionary<string, Statement> statements = new(ReferenceEqualityComparer.Instance);

    static Connection()
    {
        Batteries_V2.Init();
        // Nobody reads SQLite's account of its memory, which takes a lock at every allocation. Before the first connection only; else it is left on.
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    private Connection(string path, sqlite3 db)
    {
        Path = path;
        this.db = db;
    }

    public string Path { get; }

    /// <summary>The connection that writes; makes the file where there is none.</summary>
    public static Connection OpenWriting(string path, bool survivesPowerCut)
    {
        var connection = Open(path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        try
        {
            // The first two count only in a file without tables.
            connection.Execute("PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL");
            connection.Execute(survivesPowerCut ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
            connection.UseWriteAheadLog();
            // Cache of 16 MiB: inner pages and the pages of one import's insertion points. Checkpoint every 64 MiB: a page that
            // changes often is then written once. Above 256 MiB the log is cut back. Undo pages of savepoints stay in memory.
            connection.Execute("PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 8192; PRAGMA journal_size_limit = 268435456; PRAGMA temp_store = MEMORY");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A connection that only reads.</summary>
    public static Connection OpenReading(string path)
    {
        var connection = Open(path, raw.SQLITE_OPEN_READWRITE);
        connection.Execute("PRAGMA query_only = ON; PRAGMA cache_size = -4096");
        return connection;
    }

    /// <summary>The prepared statement; prepared once per connection. Only for literals and static fields: each text is one object for ever.</summary>
    public Statement this[string sql]
    {
        get
        {
            if (!statements.TryGetValue(sql, out var statement))
            {
                Check(raw.sqlite3_prepare_v3(db, sql, raw.SQLITE_PREPARE_PERSISTENT, out var handle), sql);
                statements.Add(sql, statement = new Statement(this, handle));
            }

            return statement;
        }
    }

    /// <summary>Rows changed by the last statement.</summary>
    public int Changes => raw.sqlite3_changes(db);

    /// <summary>Id of the last inserted row.</summary>
    public long LastId => raw.sqlite3_last_insert_rowid(db);

    /// <summary>Runs one or more statements without parameters.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(db, sql), sql);

    /// <summary>The first column of the first row; 0 where there is none.</summary>
    public long Number(string sql)
    {
        using var rows = this[sql].Use();
        return rows.Step() ? rows.Long(0) : 0;
    }

    /// <summary>Begins a transaction with the write lock, waiting for other processes.</summary>
    public void BeginWriting()
    {
        var waited = Stopwatch.GetTimestamp();
        while (raw.sqlite3_exec(db, "BEGIN IMMEDIATE") is var code and not raw.SQLITE_OK)
        {
            if ((code & 0xFF) != raw.SQLITE_BUSY)
            {
                Check(code, "BEGIN IMMEDIATE");
            }

            if (Stopwatch.GetElapsedTime(waited) > BusyLimit)
            {
                throw new IOException($"The store {Path} has been locked by another process for {BusyLimit.TotalSeconds:0} s. Stop the other program that writes to it.");
            }

            Pause();
        }
    }

    /// <summary>Ends the transaction, if one is open, without its changes. Called where something failed already: an error here would hide that one.</summary>
    public void RollBack()
    {
        if (raw.sqlite3_get_autocommit(db) == 0)
        {
            _ = raw.sqlite3_exec(db, "ROLLBACK");
        }
    }

    public void Dispose()
    {
        foreach (var statement in statements.Values)
        {
            statement.Close();
        }

        db.Dispose();
    }

    /// <summary>Throws where the code says that something failed.</summary>
    public void Check(int code, string sql)
    {
        if (code is raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return;
        }

        var reason = raw.sqlite3_errmsg(db).utf8_to_string();
        throw (code & 0xFF) switch
        {
            raw.SQLITE_FULL => new IOException($"The store {Path} cannot grow: the disk is full. Make room and try again."),
            raw.SQLITE_NOTADB => new IOException($"The file {Path} is no Campaigns store. Name another file."),
            raw.SQLITE_CANTOPEN => new IOException($"The store {Path} cannot be opened: {reason}. Check the path and its permissions."),
            _ => new IOException($"The store {Path} failed with SQLite error {code}: {reason} ({sql})."),
        };
    }

    private static Connection Open(string path, int flags)
    {
        var code = raw.sqlite3_open_v2(path, out var db, flags | raw.SQLITE_OPEN_NOMUTEX, null);
        var connection = new Connection(path, db);
        try
        {
            connection.Check(code, "open");
            // For what does not go through BeginWriting: reading while another process recovers the log.
            raw.sqlite3_busy_timeout(db, (int)TimeSpan.FromSeconds(10).TotalMilliseconds);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void UseWriteAheadLog()
    {
        // SQLite answers "busy" at once, whatever the time-out, where two processes switch a new file at the same time.
        var waited = Stopwatch.GetTimestamp();
        while (true)
        {
            var code = raw.sqlite3_exec(db, "PRAGMA journal_mode = WAL");
            if (code == raw.SQLITE_OK)
            {
                break;
            }

            if ((code & 0xFF) != raw.SQLITE_BUSY || Stopwatch.GetElapsedTime(waited) > BusyLimit)
            {
                Check(code, "PRAGMA journal_mode = WAL");
            }

            Pause();
        }

        using var mode = this["PRAGMA journal_mode"].Use();
        if (!mode.Step() || !string.Equals(mode.Text(0), "wal", StringComparison.OrdinalIgnoreCase))
        {
            throw new IOException($"The store {Path} stands on a file system without shared memory (a network drive?). Put it on a local disk.");
        }
    }

    private static void Pause()
    {
        using var never = new ManualResetEventSlim();
        never.Wait(BusyPause);
    }
}
