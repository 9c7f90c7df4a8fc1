using System.Net.Sockets;
using System.Text;

namespace Campaigns.Functions.Tests.Access;

/// <summary>Requests as an attacker writes them: HttpClient would tidy the path first.</summary>
internal static class RawHttp
{
    /// <summary>Sends the request line and gives the whole answer as text.</summary>
    public static async Task<string> SendAsync(Uri address, string requestLine, params string[] headers)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        var request = $"{requestLine} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\nContent-Length: 0\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The answer's status.</summary>
    public static int StatusOf(string answer) => int.Parse(answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture);
}
