using Azure.Core;
using Azure.Core.Pipeline;

namespace Campaigns.Azure;

/// <summary>Where a distributed store lives: a connection string, or the three addresses of an account and a credential.</summary>
public sealed record AzureStoreOptions
{
    /// <summary>Connection string of a storage account, or of Azurite. Secret. Null where <see cref="Credential"/> is used.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Address of the account's tables: https://{account}.table.core.windows.net.</summary>
    public Uri? TableUri { get; init; }

    /// <summary>Address of the account's queues.</summary>
    public Uri? QueueUri { get; init; }

    /// <summary>Address of the account's blobs.</summary>
    public Uri? BlobUri { get; init; }

    /// <summary>Who we are to the account, usually a managed identity. Used where there is no connection string.</summary>
    public TokenCredential? Credential { get; init; }

    /// <summary>What sends the requests; null = the SDK's own. Tests lose answers with it.</summary>
    public HttpPipelineTransport? Transport { get; init; }
}
