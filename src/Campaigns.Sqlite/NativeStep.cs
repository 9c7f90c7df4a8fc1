using System.Runtime.InteropServices;
using SQLitePCL;

namespace Campaigns.Sqlite;

/// <summary>
/// The calls that every row of a scan makes, on the library that SQLitePCLRaw loaded. Its own wrappers count references to the
/// statement at each call, which took half of the time of reading; here whoever calls keeps the statement alive.
/// </summary>
internal static partial class NativeStep
{
    private const string Library = "e_sqlite3";

    /// <summary>The next row: SQLITE_ROW, SQLITE_DONE or an error.</summary>
    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    public static partial int Step(IntPtr statement);

    /// <summary>The column as a whole number.</summary>
    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64"), SuppressGCTransition]
    public static partial long Long(IntPtr statement, int column);

    /// <summary>The column's bytes, until the next step.</summary>
    public static unsafe ReadOnlySpan<byte> Bytes(IntPtr statement, int column)
    {
        // In this order: the length is that of what the first call made of the value.
        var first = Blob(statement, column);
        return new ReadOnlySpan<byte>((void*)first, Length(statement, column));
    }

    /// <summary>The statement behind its handle. The connection holds the handle for as long as it is used.</summary>
    public static IntPtr Of(sqlite3_stmt handle) => handle.DangerousGetHandle();

    // A row's values are in memory once it was stepped to: these return within nanoseconds, and never call back.
    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob"), SuppressGCTransition]
    private static partial IntPtr Blob(IntPtr statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes"), SuppressGCTransition]
    private static partial int Length(IntPtr statement, int column);
}
