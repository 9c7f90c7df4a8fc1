using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Campaigns.Core.Ingest.Shops;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>A shop system that posts orders.</summary>
public enum ShopSystem
{
    /// <summary>Shopify.</summary>
    Shopify,

    /// <summary>WooCommerce.</summary>
    WooCommerce,
}

/// <summary>
/// Orders that shop systems posted and that are still to be imported: a blob <c>shop-orders/{system time}-{system}-{id}</c> per post, as it
/// came, written before the post is answered. Each minute they become one import, in which the newest version of an order stands,
/// whatever came first and how often.
/// </summary>
public sealed class ShopSpool(IBlobStore blobs, Imports imports, TimeProvider time, Func<string> ids)
{
    private const string Prefix = "shop-orders/";

    /// <summary>Bytes of posts that become one import: memory of a minute's posts.</summary>
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Keeps a post.</summary>
    public async ValueTask KeepAsync(ShopSystem system, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{time.GetUtcNow().ToUnixTimeMilliseconds():D15}-{system}-{ids()}");
        await using var writer = await blobs.CreateAsync(name, cancellation);
        await writer.Stream.WriteAsync(body, cancellation);
        writer.Complete();
    }

    /// <summary>
    /// Starts imports of all that is kept, and deletes it then. A crash in between imports it twice, which changes nothing; so does another
    /// instance that does the same. Gives the messages that get the imports going to <paramref name="send"/>.
    /// </summary>
    public async ValueTask ImportAsync(Func<IReadOnlyList<Outgoing>, CancellationToken, ValueTask> send, CancellationToken cancellation)
    {
        var (names, lines) = (new List<string>(), new ArrayBufferWriter<byte>());
        await foreach (var blob in blobs.ListAsync(Prefix, cancellation))
        {
            await using var content = await blobs.OpenAsync(blob.Name, cancellation);
            if (content is null)
            {
                continue; // Another instance was faster.
            }

            using var post = new MemoryStream();
            await content.CopyToAsync(post, cancellation);
            names.Add(blob.Name);
            Write(lines, blob.Name, post.GetBuffer().AsMemory(0, (int)post.Length));
            if (lines.WrittenCount >= MaxBytes)
            {
                await ImportAsync(names, lines, send, cancellation);
                (names, lines) = ([], new ArrayBufferWriter<byte>());
            }
        }

        await ImportAsync(names, lines, send, cancellation);
    }

    private async ValueTask ImportAsync(
        List<string> names, ArrayBufferWriter<byte> lines, Func<IReadOnlyList<Outgoing>, CancellationToken, ValueTask> send, CancellationToken cancellation)
    {
        if (lines.WrittenCount > 0)
        {
            var request = new ImportRequest
            {
                Id = "posted-" + StableHash.Id([.. names]),
                Subject = ImportSubject.Orders,
                Format = ImportFormat.Json,
                Name = "Orders posted by the shop",
                Small = true,
            };
            using var content = new MemoryStream(lines.WrittenSpan.ToArray());
            await send((await imports.StartAsync(request, content, cancellation)).Messages, cancellation);
        }

        foreach (var name in names)
        {
            await blobs.DeleteAsync(name, cancellation);
        }
    }

    /// <summary>A line per order. What cannot be read goes as it is, on one line: the import rejects it with its reason.</summary>
    private static void Write(ArrayBufferWriter<byte> lines, string blob, ReadOnlyMemory<byte> post)
    {
        try
        {
            using var parsed = JsonDocument.Parse(post);
            if (parsed.RootElement.ValueKind == JsonValueKind.Object)
            {
                var order = blob.Contains($"-{ShopSystem.Shopify}-", StringComparison.Ordinal) ? ShopifyOrder.Of(parsed.RootElement) : WooCommerceOrder.Of(parsed.RootElement);
                if (order is null)
                {
                    return;
                }

                using var writer = new Utf8JsonWriter(lines);
                order.WriteTo(writer);
            }
            else
            {
                lines.Write(JsonSerializer.SerializeToUtf8Bytes(parsed.RootElement));
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // The latter for half a surrogate pair in a text.
        {
            lines.Write(JsonSerializer.SerializeToUtf8Bytes(System.Text.Encoding.UTF8.GetString(post.Span)));
        }

        lines.Write("\n"u8);
    }
}
