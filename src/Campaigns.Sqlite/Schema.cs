namespace Campaigns.Sqlite;

/// <summary>
/// The tables of the file.
/// <code>
/// partitions  id            name of a table of the row port and of a partition in it; never deleted, so an id can be remembered
/// rows        space, key    space = partitions.id; etag from numbers
/// numbers     1             the next number for ETags, receipts and blobs: only rises, so that none ever repeats
/// messages    id            of the queue port; times in milliseconds since 1970; receipt from numbers, 0 = never received
/// blobs       name          a whole blob: the id of its chunks
/// chunks      blob, seq     content in pieces of 1 MiB
/// uploads     blob          chunks of a blob that is not whole (yet); touched with every chunk
/// </code>
/// </summary>
internal static class Schema
{
    /// <summary>Marks the file as ours: "CAMP" in ASCII.</summary>
    private const long ApplicationId = 0x43414D50;

    /// <summary>Version of the tables above. Another one is refused.</summary>
    private const long Version = 1;

    private const string Create =
        """
        CREATE TABLE partitions (id INTEGER PRIMARY KEY, tbl TEXT NOT NULL, part TEXT NOT NULL, UNIQUE (tbl, part));
        CREATE TABLE rows (space INTEGER NOT NULL, key TEXT NOT NULL, etag INTEGER NOT NULL, payload BLOB NOT NULL, PRIMARY KEY (space, key)) WITHOUT ROWID;
        CREATE TABLE numbers (id INTEGER PRIMARY KEY CHECK (id = 1), next INTEGER NOT NULL);
        INSERT INTO numbers (id, next) VALUES (1, 1);
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, visible INTEGER NOT NULL, inserted INTEGER NOT NULL,
            dequeues INTEGER NOT NULL, receipt INTEGER NOT NULL, body TEXT NOT NULL);
        CREATE INDEX messages_visible ON messages (queue, visible);
        CREATE TABLE blobs (name TEXT PRIMARY KEY, blob INTEGER NOT NULL, bytes INTEGER NOT NULL, written INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE chunks (blob INTEGER NOT NULL, seq INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (blob, seq)) WITHOUT ROWID;
        CREATE TABLE uploads (blob INTEGER PRIMARY KEY, touched INTEGER NOT NULL);
        """;

    /// <summary>Makes the tables in a new file; refuses a file that is not ours.</summary>
    public static void Prepare(Connection connection)
    {
        if (IsOurs(connection))
        {
            return;
        }

        connection.BeginWriting();
        try
        {
            // Another process may have made them since.
            if (!IsOurs(connection))
            {
                connection.Execute(Create);
                connection.Execute(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};"));
            }

            connection.Execute("COMMIT");
        }
        catch
        {
            connection.RollBack();
            throw;
        }
    }

    private static bool IsOurs(Connection connection)
    {
        var application = connection.Number("PRAGMA application_id");
        var version = connection.Number("PRAGMA user_version");
        if (application == ApplicationId)
        {
            return version == Version ? true : throw new IOException(
                $"The store {connection.Path} has format {version}; this program reads format {Version}. Open it with the version of Campaigns that made it, or start a new store.");
        }

        return application == 0 && version == 0 && connection.Number("SELECT count(*) FROM sqlite_master") == 0
            ? false
            : throw new IOException($"The file {connection.Path} is an SQLite database but no Campaigns store. Name another file.");
    }
}
