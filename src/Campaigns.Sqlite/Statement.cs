using System.Text;
using SQLitePCL;

namespace Campaigns.Sqlite;

/// <summary>A prepared statement of one connection. Parameters count from 1, columns from 0.</summary>
internal sealed class Statement(Connection connection, sqlite3_stmt handle)
{
    /// <summary>Longest text in bytes that is bound without an array: longer than the keys in use.</summary>
    private const int ShortText = 256;

    private readonly IntPtr native = NativeStep.Of(handle);

    /// <summary>Uses the statement until the result is disposed.</summary>
    public Execution Use() => new(this);

    public void Close() => handle.Dispose();

    public Statement Bind(int index, long value)
    {
        raw.sqlite3_bind_int64(handle, index, value);
        return this;
    }

    public Statement Bind(int index, string text)
    {
        Span<byte> bytes = stackalloc byte[ShortText];
        raw.sqlite3_bind_text(handle, index, Encoding.UTF8.TryGetBytes(text, bytes, out var length) ? bytes[..length] : Encoding.UTF8.GetBytes(text));
        return this;
    }

    public Statement Bind(int index, ReadOnlySpan<byte> bytes)
    {
        raw.sqlite3_bind_blob(handle, index, bytes);
        return this;
    }

    /// <summary>Runs a statement that gives no rows; how many rows it changed.</summary>
    public int Run()
    {
        var code = raw.sqlite3_step(handle);
        raw.sqlite3_reset(handle);
        connection.Check(code, "statement");
        return connection.Changes;
    }

    private bool Step()
    {
        var code = NativeStep.Step(native);
        connection.Check(code, "statement");
        return code == raw.SQLITE_ROW;
    }

    /// <summary>Runs a statement row by row and resets it at the end, which also ends the read transaction.</summary>
    public readonly struct Execution(Statement statement) : IDisposable
    {
        public bool Step() => statement.Step();

        public long Long(int column) => NativeStep.Long(statement.native, column);

        public int Int(int column) => (int)NativeStep.Long(statement.native, column);

        /// <summary>The column's bytes, until the next step.</summary>
        public ReadOnlySpan<byte> Bytes(int column) => NativeStep.Bytes(statement.native, column);

        public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

        public void Dispose() => raw.sqlite3_reset(statement.Handle);
    }

    private sqlite3_stmt Handle => handle;
}
