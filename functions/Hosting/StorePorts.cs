using Azure.Identity;
using Campaigns.Azure;
using Campaigns.Core.Ingest;
using Campaigns.Core.Storage;
using Campaigns.Sqlite;

namespace Campaigns.Functions.Hosting;

/// <summary>The three ports of the store in use, opened from the settings.</summary>
public sealed class StorePorts : IAsyncDisposable
{
    private readonly IAsyncDisposable? owner;

    private StorePorts(IRowStore rows, IQueueStore queues, IBlobStore blobs, bool distributed, string description, IInbox? inbox, IAsyncDisposable? owner)
    {
        Inbox = inbox;
        (Rows, Queues, Blobs, Distributed, Description) = (rows, queues, blobs, distributed, description);
        this.owner = owner;
    }

    /// <summary>Rows.</summary>
    public IRowStore Rows { get; }

    /// <summary>Queues.</summary>
    public IQueueStore Queues { get; }

    /// <summary>Blobs.</summary>
    public IBlobStore Blobs { get; }

    /// <summary>Azure Storage (true) or the embedded file (false).</summary>
    public bool Distributed { get; }

    /// <summary>Where files are put to be imported; null where none is set.</summary>
    public IInbox? Inbox { get; }

    /// <summary>For the first line that the app prints. No secret.</summary>
    public string Description { get; }

    /// <summary>Opens Azure Storage where <c>CampaignsStorage</c> names one, else the embedded file.</summary>
    public static StorePorts Open(IConfiguration configuration, CampaignsOptions options, TimeProvider time)
    {
        var connection = configuration[HostSettings.Storage];
        var account = configuration[HostSettings.Storage + ":accountName"];
        if (!string.IsNullOrEmpty(connection) || !string.IsNullOrEmpty(account))
        {
            var azure = new AzureStore(string.IsNullOrEmpty(connection) ? OfAccount(account!) : new AzureStoreOptions { ConnectionString = connection });
            var container = options.Inbox.Length == 0 ? null : new BlobInbox(azure.ContainerOf(options.Inbox), options.Inbox);
            return new StorePorts(azure.Rows, azure.Queues, azure.Blobs, true, "Azure Storage" + (string.IsNullOrEmpty(account) ? "" : " " + account), container, null);
        }

        if (options.DataFile.Length == 0)
        {
            throw new InvalidOperationException($"No storage is set: set {HostSettings.Storage} to a connection string (or {HostSettings.Storage}__accountName for managed identity), or {CampaignsOptions.Section}__DataFile to a file.");
        }

        var file = Path.GetFullPath(options.DataFile);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var sqlite = new SqliteStore(new SqliteStoreOptions { Path = file }, time);
        var inbox = options.Inbox.Length == 0 ? null : new FolderInbox(Directory.CreateDirectory(options.Inbox).FullName);
        return new StorePorts(sqlite.Rows, sqlite.Queues, sqlite.Blobs, false, file, inbox, sqlite);
    }

    /// <summary>An account by name, reached by managed identity (locally: whoever is signed in to Azure).</summary>
    private static AzureStoreOptions OfAccount(string account) => new()
    {
        TableUri = new Uri($"https://{account}.table.core.windows.net"),
        QueueUri = new Uri($"https://{account}.queue.core.windows.net"),
        BlobUri = new Uri($"https://{account}.blob.core.windows.net"),
        Credential = new DefaultAzureCredential(),
    };

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => owner?.DisposeAsync() ?? ValueTask.CompletedTask;
}
