using System.Text;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Functions.Hosting;

namespace Campaigns.Functions;

/// <summary>
/// Queue "ingest". Ingests a bucket's share of an import. A message with content (an array of orders or customers, as the
/// HTTP interface takes them) starts an import of its own; its id is a hash of the content, so a repeated message is the
/// same import.
/// </summary>
public sealed class IngestDue(QueueWork work, Imports imports, WorkQueues queues) : IQueueFunction
{
    /// <inheritdoc/>
    public string Name => nameof(IngestDue);

    /// <inheritdoc/>
    public async Task RunAsync(string message, CancellationToken cancellation)
    {
        if (Envelope.Parse(message).Content is not { } content)
        {
            await work.WakeAsync(message, cancellation);
            return;
        }

        await using var source = new MemoryStream(Encoding.UTF8.GetBytes(content.GetRawText()));
        var started = await imports.StartAsync(new ImportRequest { Format = ImportFormat.Json, Name = "queue" }, source, cancellation);
        await queues.SendAsync(started.Messages, cancellation);
    }
}
