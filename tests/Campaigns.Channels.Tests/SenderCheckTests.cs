using System.Net;
using System.Net.Sockets;
using System.Text;
using Campaigns.Channels.Sender;
using Campaigns.Core.Dispatch;

namespace Campaigns.Channels.Tests;

public class SenderCheckTests
{
    private static readonly MailSender Sender = new("news.shop.example", ["s1", "s2"], "Channels:SendGrid:DkimSelectors");

    private static readonly Dictionary<string, string[]> InOrder = new(StringComparer.Ordinal)
    {
        ["news.shop.example"] = ["google-site-verification=1", "v=spf1 include:sendgrid.net ~all"],
        ["s1._domainkey.news.shop.example"] = ["k=rsa; t=s; p=MIGfMA0"],
        ["_dmarc.shop.example"] = ["v=DMARC1; p=quarantine; rua=mailto:dmarc@shop.example"],
    };

    private sealed class Records(IReadOnlyDictionary<string, string[]>? records) : ITextRecords
    {
        public ValueTask<IReadOnlyList<string>?> FindAsync(string name, CancellationToken cancellation) =>
            new(records is null ? null : records.GetValueOrDefault(name) ?? []);
    }

    private static async Task<SenderReport> CheckAsync(IReadOnlyDictionary<string, string[]>? records, MailSender? sender = null) =>
        await SenderCheck.RunAsync(sender ?? Sender, new Records(records), TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_domain_whose_records_are_in_order_is_ready_and_a_subdomain_falls_under_the_policy_above_it()
    {
        var report = await CheckAsync(InOrder);
        Assert.True(report.Ready);
        Assert.Equal(["SPF", "DKIM", "DMARC"], report.Findings.Select(f => f.Record));
    }

    [Theory]
    [InlineData("SPF", "news.shop.example", "", "has no SPF record")]
    [InlineData("SPF", "news.shop.example", "v=spf10 ~all", "has no SPF record")]
    [InlineData("SPF", "news.shop.example", "v=spf1 ~all|v=spf1 -all", "2 SPF records")]
    [InlineData("SPF", "news.shop.example", "v=spf1 +all", "everybody")]
    [InlineData("SPF", "news.shop.example", "v=spf1 include:sendgrid.net", "other senders")]
    [InlineData("DKIM", "s1._domainkey.news.shop.example", "", "no key at s1._domainkey.news.shop.example or s2.")]
    [InlineData("DKIM", "s1._domainkey.news.shop.example", "v=DKIM1; p=", "no key")]
    [InlineData("DMARC", "_dmarc.shop.example", "", "_dmarc.news.shop.example such as")]
    [InlineData("DMARC", "_dmarc.shop.example", "v=DMARC1; rua=mailto:a@b.example", "names no policy")]
    [InlineData("DMARC", "_dmarc.shop.example", "v=DMARC1; p=none|v=DMARC1; p=reject", "2 DMARC records")]
    public async Task What_is_missing_is_said_in_a_sentence_that_tells_what_to_do(string record, string name, string texts, string says)
    {
        var report = await CheckAsync(new Dictionary<string, string[]>(InOrder, StringComparer.Ordinal) { [name] = texts.Split('|', StringSplitOptions.RemoveEmptyEntries) });
        var bad = Assert.Single(report.Findings, f => f.Good != true);
        Assert.Equal((record, (bool?)false), (bad.Record, bad.Good));
        Assert.Contains(says, bad.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_answers_nothing_is_claimed()
    {
        var report = await CheckAsync(null);
        Assert.All(report.Findings, f => Assert.Null(f.Good));
        Assert.False(report.Ready);
    }

    [Fact]
    public async Task Without_selectors_the_keys_are_not_known_and_the_setting_is_named()
    {
        var dkim = (await CheckAsync(InOrder, Sender with { DkimSelectors = [] })).Findings[1];
        Assert.Null(dkim.Good);
        Assert.Contains("Channels:SendGrid:DkimSelectors", dkim.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sender_is_the_domain_of_its_address()
    {
        var sender = new Smtp.SmtpChannel(new Smtp.SmtpOptions { Host = "localhost", FromAddress = "shop@News.Shop.example", DkimSelectors = "a, b" }, TimeProvider.System).Sender!;
        Assert.Equal(("news.shop.example", 2), (sender.Domain, sender.DkimSelectors.Count));
    }

    [Fact]
    public async Task Records_are_read_from_a_name_server()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var answering = AnswerAsync(server);
        var records = new DnsTextRecords([(IPEndPoint)server.Client.LocalEndPoint!]);
        Assert.Equal(["v=spf1 ~all"], await records.FindAsync("shop.example", TestContext.Current.CancellationToken));
        Assert.Equal([], await records.FindAsync("none.example", TestContext.Current.CancellationToken));
        Assert.Null(await records.FindAsync("broken.example", TestContext.Current.CancellationToken));
        server.Close();
        await answering;
    }

    /// <summary>Answers as RFC 1035 has it: a record in two parts, "no such name", or a failure.</summary>
    private static async Task AnswerAsync(UdpClient server)
    {
        try
        {
            while (true)
            {
                var asked = await server.ReceiveAsync(TestContext.Current.CancellationToken);
                var end = 12;
                while (asked.Buffer[end] > 0)
                {
                    end += asked.Buffer[end] + 1;
                }

                var question = asked.Buffer[12..(end + 5)];
                var (code, found) = asked.Buffer[13] switch { (byte)'s' => (0, true), (byte)'n' => (3, false), _ => (2, false) };
                byte[] header = [.. asked.Buffer[..2], 0x81, (byte)(0x80 | code), 0, 1, 0, (byte)(found ? 1 : 0), 0, 0, 0, 0];
                byte[] text = [7, .. Encoding.ASCII.GetBytes("v=spf1 "), 4, .. Encoding.ASCII.GetBytes("~all")];
                byte[] answer = found ? [0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, (byte)text.Length, .. text] : [];
                await server.SendAsync((byte[])[.. header, .. question, .. answer], asked.RemoteEndPoint);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Closed.
        }
    }
}
