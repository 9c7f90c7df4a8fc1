using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Campaigns.Azure.Blobs;
using Campaigns.Azure.Queues;
using Campaigns.Azure.Tables;
using Campaigns.Core.Storage;

namespace Campaigns.Azure;

/// <summary>
/// The distributed store: Azure Tables, Queues and Blobs of one storage account. Tables, queues and the blob container come
/// into being on first use. Thread-safe; holds no state but connections, so nothing needs closing.
/// </summary>
public sealed class AzureStore
{
    private readonly BlobServiceClient service;

    /// <summary>Connects to nothing yet. Throws <see cref="ArgumentException"/> where the options name no account.</summary>
    public AzureStore(AzureStoreOptions options)
    {
        var tableOptions = Configure(new TableClientOptions(), options);
        tableOptions.AddPolicy(new AttemptCount(), HttpPipelinePosition.PerRetry);
        var queueOptions = Configure(new QueueClientOptions(), options);
        var blobOptions = Configure(new BlobClientOptions(), options);
        if (!string.IsNullOrEmpty(options.ConnectionString))
        {
            Rows = new AzureRows(new TableServiceClient(options.ConnectionString, tableOptions));
            Queues = new AzureQueues(new QueueServiceClient(options.ConnectionString, queueOptions));
            service = new BlobServiceClient(options.ConnectionString, blobOptions);
        }
        else if (options is { TableUri: not null, QueueUri: not null, BlobUri: not null, Credential: not null })
        {
            Rows = new AzureRows(new TableServiceClient(options.TableUri, options.Credential, tableOptions));
            Queues = new AzureQueues(new QueueServiceClient(options.QueueUri, options.Credential, queueOptions));
            service = new BlobServiceClient(options.BlobUri, options.Credential, blobOptions);
        }
        else
        {
            throw new ArgumentException("Azure Storage needs a connection string, or the addresses of its tables, queues and blobs and a credential.", nameof(options));
        }

        Blobs = new AzureBlobs(service);
    }

    /// <summary>The row port.</summary>
    public IRowStore Rows { get; }

    /// <summary>The queue port.</summary>
    public IQueueStore Queues { get; }

    /// <summary>The blob port.</summary>
    public IBlobStore Blobs { get; }

    /// <summary>Another container of the account, such as one that others put files into.</summary>
    public IBlobStore ContainerOf(string name) => new AzureBlobs(service, name);

    private static T Configure<T>(T client, AzureStoreOptions options)
        where T : ClientOptions
    {
        if (options.Transport is not null)
        {
            client.Transport = options.Transport;
        }

        return client;
    }
}
