using Azure;
using Azure.Data.Tables;
using Campaigns.Core.Storage;

namespace Campaigns.Azure.Tables;

/// <summary>
/// How a row stands in Azure Tables.
/// <code>
/// PartitionKey, RowKey   the port's partition and key
/// w                      id of the commit that wrote it: tells our own write from somebody else's
/// p0 … p14               the payload in pieces of 64 KiB; none where it is empty
/// </code>
/// </summary>
internal static class RowEntity
{
    /// <summary>Property with the commit's id.</summary>
    public const string WriteId = "w";

    /// <summary>Azure Tables: bytes of a binary property.</summary>
    private const int PieceBytes = 64 * 1024;

    private static readonly string[] Pieces = [.. Enumerable.Range(0, (RowLimits.BytesPerRow + PieceBytes - 1) / PieceBytes).Select(i => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"p{i}"))];

    /// <summary>The entity of a row to write.</summary>
    public static TableEntity Of(string partition, string key, ReadOnlyMemory<byte> payload, string writeId)
    {
        var entity = new TableEntity(partition, key) { [WriteId] = writeId };
        for (var i = 0; i * PieceBytes < payload.Length; i++)
        {
            entity[Pieces[i]] = payload.Slice(i * PieceBytes, Math.Min(PieceBytes, payload.Length - (i * PieceBytes))).ToArray();
        }

        return entity;
    }

    /// <summary>The row in an entity.</summary>
    public static Row Read(TableEntity entity) => new(entity.RowKey, entity.ETag.ToString(), Payload(entity));

    /// <summary>The entity that only names a row, for deletes.</summary>
    public static TableEntity Name(string partition, string key) => new(partition, key) { ETag = ETag.All };

    private static byte[] Payload(TableEntity entity)
    {
        var first = entity.GetBinary(Pieces[0]) ?? [];
        if (first.Length < PieceBytes)
        {
            return first;
        }

        using var payload = new MemoryStream(2 * PieceBytes);
        for (var piece = (byte[]?)first; piece is not null;)
        {
            payload.Write(piece);
            var next = (int)(payload.Length / PieceBytes);
            piece = payload.Length % PieceBytes == 0 && next < Pieces.Length ? entity.GetBinary(Pieces[next]) : null;
        }

        return payload.ToArray();
    }
}
