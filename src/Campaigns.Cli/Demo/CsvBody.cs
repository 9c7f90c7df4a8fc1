using System.Text;

namespace Campaigns.Cli.Demo;

/// <summary>Writes generated CSV as the body of a request, as it is made.</summary>
internal static class CsvBody
{
    /// <summary>Characters held before they are sent.</summary>
    private const int Buffer = 1 << 16;

    public static Task WriteAsync(Stream body, Action<TextWriter> write, CancellationToken cancellation) => Task.Run(
        () =>
        {
            using var writer = new StreamWriter(body, new UTF8Encoding(false), Buffer, leaveOpen: true);
            write(writer);
        },
        cancellation);
}
