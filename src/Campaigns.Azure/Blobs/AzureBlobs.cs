using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Campaigns.Core.Storage;

namespace Campaigns.Azure.Blobs;

/// <summary>The blob port on Azure Blobs: one container of block blobs.</summary>
internal sealed class AzureBlobs(BlobServiceClient service, string container = AzureBlobs.Ours) : IBlobStore
{
    /// <summary>The container of the store itself.</summary>
    private const string Ours = "campaigns";

    /// <summary>Bytes fetched at a time while reading: one block of ours.</summary>
    private const int ReadBytes = AzureBlobWriter.BlockBytes;

    private readonly Once<BlobContainerClient> containers = new(async name =>
    {
        var client = service.GetBlobContainerClient(name);
        await client.CreateIfNotExistsAsync(cancellationToken: CancellationToken.None);
        return client;
    });

    public async ValueTask<BlobWriter> CreateAsync(string name, CancellationToken cancellation)
    {
        BlobLimits.CheckName(name);
        return new AzureBlobWriter((await containers.GetAsync(container, cancellation)).GetBlockBlobClient(name));
    }

    public async ValueTask<Stream?> OpenAsync(string name, CancellationToken cancellation)
    {
        BlobLimits.CheckName(name);
        var client = (await containers.GetAsync(container, cancellation)).GetBlobClient(name);
        try
        {
            return await client.OpenReadAsync(new BlobOpenReadOptions(allowModifications: false) { BufferSize = ReadBytes }, cancellation);
        }
        catch (RequestFailedException failure) when (failure.Status == 404)
        {
            return null;
        }
    }

    public async ValueTask DeleteAsync(string name, CancellationToken cancellation)
    {
        BlobLimits.CheckName(name);
        var client = (await containers.GetAsync(container, cancellation)).GetBlobClient(name);
        await client.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellation);
    }

    public async IAsyncEnumerable<BlobEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var client = await containers.GetAsync(container, cancellation);
        await foreach (var blob in client.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancellation))
        {
            yield return new BlobEntry(blob.Name, blob.Properties.ContentLength ?? 0, blob.Properties.LastModified ?? default);
        }
    }
}
