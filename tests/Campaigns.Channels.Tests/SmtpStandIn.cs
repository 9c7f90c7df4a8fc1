using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Campaigns.Channels.Tests;

/// <summary>A mail server on loopback. <c>answer</c> is told the verb ("." after the text) and the number of the transaction, from 1, and gives the reply, null for the usual one, or <see cref="Cut"/> or <see cref="Hang"/>.</summary>
internal sealed class SmtpStandIn : IAsyncDisposable
{
    public const string Cut = "cut";
    public const string Hang = "hang";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Func<string, int, string?> answer;
    private readonly X509Certificate2? certificate;
    private readonly Task accepting;
    private int transactions;

    public SmtpStandIn(Func<string, int, string?>? answer = null, bool tls = false)
    {
        this.answer = answer ?? ((_, _) => null);
        certificate = tls ? SelfSigned() : null;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public ConcurrentQueue<string> Verbs { get; } = [];

    /// <summary>What was taken.</summary>
    public ConcurrentQueue<string> Texts { get; } = [];

    public int Connections { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting;
        certificate?.Dispose();
        stopping.Dispose();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    private async Task AcceptAsync()
    {
        var talks = new List<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stopping.Token);
                Connections++;
                talks.Add(TalkAsync(client));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(talks);
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using var connection = client;
        Stream stream = client.GetStream();
        try
        {
            await SayAsync(stream, "220 mail.example ready");
            while (await ReadLineAsync(stream) is { } line)
            {
                var verb = line.Split(' ', ':')[0].ToUpperInvariant();
                Verbs.Enqueue(verb);
                transactions += verb == "MAIL" ? 1 : 0;
                if (!await ReplyAsync(stream, verb, Usual(verb, stream is SslStream)))
                {
                    return;
                }

                if (verb == "STARTTLS")
                {
                    var encrypted = new SslStream(stream);
                    await encrypted.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, stopping.Token);
                    stream = encrypted;
                }
                else if (verb == "DATA" && said.StartsWith("354", StringComparison.Ordinal))
                {
                    var text = new StringBuilder();
                    while (await ReadLineAsync(stream) is { } next && next != ".")
                    {
                        text.Append(next).Append('\n');
                    }

                    if (!await ReplyAsync(stream, ".", "250 2.0.0 queued"))
                    {
                        return;
                    }

                    if (said.StartsWith("250", StringComparison.Ordinal))
                    {
                        Texts.Enqueue(text.ToString());
                    }
                }
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // The other side went away.
        }
    }

    private string said = "";

    private string Usual(string verb, bool encrypted) => verb switch
    {
        "EHLO" => $"250-mail.example\r\n{(certificate is not null && !encrypted ? "250-STARTTLS\r\n" : "")}250-PIPELINING\r\n250-CHUNKING\r\n250 AUTH PLAIN",
        "AUTH" => "235 2.7.0 welcome",
        "DATA" => "354 go ahead",
        "QUIT" => "221 bye",
        "STARTTLS" => "220 go ahead",
        _ => "250 2.1.0 ok",
    };

    private async Task<bool> ReplyAsync(Stream stream, string verb, string usual)
    {
        said = answer(verb, transactions) ?? usual;
        if (said == Hang)
        {
            await Task.Delay(Timeout.Infinite, stopping.Token);
        }

        if (said == Cut)
        {
            return false;
        }

        await SayAsync(stream, said);
        return !said.StartsWith("421", StringComparison.Ordinal);
    }

    private ValueTask SayAsync(Stream stream, string line) => stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), stopping.Token);

    private async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await stream.ReadAsync(one, stopping.Token) == 1)
        {
            if (one[0] == '\n')
            {
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            }

            line.Add(one[0]);
        }

        return null;
    }
}
