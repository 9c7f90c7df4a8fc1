using System.Globalization;
using System.Text.Json;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Tracking;

/// <summary>
/// What providers reported and is still to be applied: a blob <c>touches/{system time}-{id}</c> per post, written before the
/// provider is answered. Applied together a minute later, sorted by bucket, so that the thousands of reports of one send share
/// commits. A blob holds the touches, not the post itself, which names addresses.
/// </summary>
public sealed class TouchSpool(IBlobStore blobs, TouchStep step, TimeProvider time, Func<string> ids)
{
    private const string Prefix = "touches/";

    /// <summary>Touches in memory at a time: some 20 MiB.</summary>
    private const int MaxTouches = 50_000;

    /// <summary>Bytes of a blob that are read: many times the largest post that is accepted.</summary>
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Keeps a post's touches; nothing where there are none.</summary>
    public async ValueTask KeepAsync(IReadOnlyList<Touch> touches, CancellationToken cancellation)
    {
        if (touches.Count == 0)
        {
            return;
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{time.GetUtcNow().ToUnixTimeMilliseconds():D15}-{ids()}");
        await using var writer = await blobs.CreateAsync(name, cancellation);
        await writer.Stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(Touch.ToContent([.. touches])), cancellation);
        writer.Complete();
    }

    /// <summary>
    /// Applies all that is kept, and deletes it then: a crash in between applies it twice, which changes nothing. Posts that
    /// cannot be applied are given to <paramref name="giveUp"/> one by one, so that none holds up the others.
    /// </summary>
    public async ValueTask<int> ApplyAsync(Func<IReadOnlyList<Touch>, Exception, ValueTask> giveUp, CancellationToken cancellation)
    {
        var (names, touches, applied) = (new List<string>(), new List<Touch>(), 0);
        await foreach (var blob in blobs.ListAsync(Prefix, cancellation))
        {
            names.Add(blob.Name);
            touches.AddRange(await ReadAsync(blob.Name, cancellation));
            if (touches.Count >= MaxTouches)
            {
                applied += await ApplyAsync(names, touches, giveUp, cancellation);
                (names, touches) = ([], []);
            }
        }

        return applied + await ApplyAsync(names, touches, giveUp, cancellation);
    }

    private async ValueTask<int> ApplyAsync(List<string> names, List<Touch> touches, Func<IReadOnlyList<Touch>, Exception, ValueTask> giveUp, CancellationToken cancellation)
    {
        try
        {
            await step.HandleAsync(touches, cancellation);
        }
        catch (Exception error) when (names.Count == 1 && error is not OperationCanceledException)
        {
            await giveUp(touches, error);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            foreach (var name in names)
            {
                await ApplyAsync([name], [.. await ReadAsync(name, cancellation)], giveUp, cancellation);
            }

            return touches.Count;
        }

        foreach (var name in names)
        {
            await blobs.DeleteAsync(name, cancellation);
        }

        return touches.Count;
    }

    private async ValueTask<IReadOnlyList<Touch>> ReadAsync(string name, CancellationToken cancellation)
    {
        await using var content = await blobs.OpenAsync(name, cancellation);
        if (content is null)
        {
            return []; // Another instance was faster.
        }

        using var limited = new MemoryStream();
        await content.CopyToAsync(limited, cancellation);
        if (limited.Length > MaxBytes)
        {
            throw new InvalidDataException($"The blob {name} has {limited.Length:N0} bytes; the most are {MaxBytes:N0}.");
        }

        using var parsed = JsonDocument.Parse(limited.GetBuffer().AsMemory(0, (int)limited.Length));
        return Touch.Parse(parsed.RootElement);
    }
}
