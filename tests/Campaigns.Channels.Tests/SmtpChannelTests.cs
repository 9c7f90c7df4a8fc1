using Campaigns.Channels.Smtp;
using Campaigns.Core.Dispatch;
using MimeKit;

namespace Campaigns.Channels.Tests;

public class SmtpChannelTests
{
    private static SmtpChannel Channel(SmtpStandIn server, string security = "none", int timeout = 20, bool trusted = false, bool account = false) => new(
        new SmtpOptions
        {
            Host = "127.0.0.1",
            Port = server.Port,
            Security = security,
            FromAddress = "shop@shop.example",
            FromName = "Shöp",
            TimeoutSeconds = timeout,
            UserName = account ? "shop" : "",
            Password = account ? "secret" : "",
        },
        TimeProvider.System)
    { Trust = trusted ? (_, _, _, _) => true : null };

    private static async Task<IReadOnlyList<SendResult>> SendAsync(SmtpStandIn server, int messages = 3) =>
        await Channel(server).SendAsync([.. Enumerable.Range(1, messages).Select(i => Messages.Email(i))], Cancelled);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_goes_over_one_connection_each_message_once_with_its_headers()
    {
        await using var server = new SmtpStandIn();
        Assert.All(await SendAsync(server), r => Assert.IsType<SendResult.Accepted>(r));
        Assert.Equal((1, 3), (server.Connections, server.Texts.Count));
        using var raw = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(server.Texts.First()));
        var mail = await MimeMessage.LoadAsync(raw, Cancelled);
        var sent = Messages.Email(1);
        Assert.Equal((sent.Subject, sent.To, "shop@shop.example", "Shöp"), (mail.Subject, mail.To.Mailboxes.Single().Address, mail.From.Mailboxes.Single().Address, mail.From.Mailboxes.Single().Name));
        Assert.Equal(($"<{sent.UnsubscribeUrl}>", "List-Unsubscribe=One-Click"), (mail.Headers["List-Unsubscribe"], mail.Headers["List-Unsubscribe-Post"]));
        Assert.Equal((sent.Id.ToString(), $"{sent.Id}@shop.example"), (mail.Headers[SmtpMail.SendIdHeader], mail.MessageId));
        Assert.Equal((sent.Html, sent.Text), (mail.HtmlBody!.ReplaceLineEndings("\n").TrimEnd(), mail.TextBody!.ReplaceLineEndings("\n").TrimEnd()));
    }

    [Theory]
    [InlineData("RCPT", "550 5.1.1 no such mailbox", "rejected, hard bounce")]
    [InlineData("RCPT", "550 5.7.1 not for you", "rejected")]
    [InlineData("RCPT", "450 4.2.0 greylisted", "later")]
    [InlineData(".", "554 5.6.0 not like this", "rejected")]
    [InlineData(".", "452 4.2.2 mailbox full", "later")]
    public async Task What_lies_with_one_recipient_holds_up_nobody_else(string verb, string answer, string becomes)
    {
        await using var server = new SmtpStandIn((v, n) => v == verb && n == 2 ? answer : null);
        var results = await SendAsync(server);
        Assert.Equal(["accepted", becomes, "accepted"], results.Select(Show));
        Assert.Equal(2, server.Texts.Count);
    }

    [Theory]
    [InlineData("EHLO", "cut", "not sent")]
    [InlineData("MAIL", "cut", "not sent")]
    [InlineData("MAIL", "451 4.3.0 try later", "not sent, wait")]
    [InlineData("MAIL", "553 5.1.8 unknown sender", "not sent")]
    [InlineData("RCPT", "cut", "not sent")]
    [InlineData("DATA", "cut", "not sent")]
    [InlineData("DATA", "421 4.3.2 closing", "not sent, wait")]
    [InlineData(".", "cut", "unknown")]
    [InlineData(".", "hang", "unknown")]
    [InlineData("RCPT", "hang", "not sent")]
    public async Task Only_a_failure_after_the_text_began_may_have_meant_acceptance(string verb, string answer, string becomes)
    {
        await using var server = new SmtpStandIn((v, _) => v == verb ? answer : null);
        var results = await Channel(server, timeout: 1).SendAsync([Messages.Email(1), Messages.Email(2)], Cancelled);
        Assert.Equal(becomes, Show(results[0]));
        Assert.IsType<SendResult.NotSent>(results[1]);
        Assert.Empty(server.Texts);
    }

    [Fact]
    public async Task Nobody_is_refused_for_good_where_the_server_relays_for_nobody()
    {
        await using var server = new SmtpStandIn((v, n) => v == "RCPT" ? n == 2 ? "550 5.1.1 no such mailbox" : "554 5.7.1 relaying denied" : null);
        Assert.Equal(["not sent", "rejected, hard bounce", "not sent"], (await SendAsync(server)).Select(Show));
    }

    [Fact]
    public async Task A_server_that_ends_the_connection_after_some_messages_gets_the_others_over_another()
    {
        await using var server = new SmtpStandIn((v, n) => v == "MAIL" && n == 3 ? "421 4.7.0 enough for one connection" : null);
        Assert.All(await SendAsync(server, 4), r => Assert.IsType<SendResult.Accepted>(r));
        Assert.Equal((2, 4, 4), (server.Connections, server.Texts.Count, server.Texts.Distinct().Count()));
    }

    [Fact]
    public async Task Without_encryption_nothing_is_said_to_the_server()
    {
        await using var server = new SmtpStandIn();
        Assert.All(await Channel(server, "starttls", account: true).SendAsync([Messages.Email(1)], Cancelled), r => Assert.IsType<SendResult.NotSent>(r));
        Assert.DoesNotContain(server.Verbs, v => v is "AUTH" or "MAIL");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_certificate_that_is_not_trusted_ends_the_talk(bool trusted)
    {
        await using var server = new SmtpStandIn(tls: true);
        var result = Assert.Single(await Channel(server, "starttls", trusted: trusted, account: true).SendAsync([Messages.Email(1)], Cancelled));
        Assert.Equal(trusted ? "accepted" : "not sent", Show(result));
        Assert.Equal(trusted, server.Verbs.Contains("AUTH"));
    }

    [Fact]
    public async Task A_wrong_password_sends_nothing_and_says_what_to_set()
    {
        await using var server = new SmtpStandIn((v, _) => v == "AUTH" ? "535 5.7.8 wrong" : null, tls: true);
        var results = await Channel(server, "starttls", trusted: true, account: true).SendAsync([Messages.Email(1), Messages.Email(2)], Cancelled);
        Assert.Contains("Channels:Smtp:UserName", Assert.IsType<SendResult.NotSent>(results[0]).Reason, StringComparison.Ordinal);
        Assert.IsType<SendResult.NotSent>(results[1]);
    }

    [Theory]
    [InlineData("smtp.example.com", "none", "Security can be none only")]
    [InlineData("smtp.example.com", "ssl", "Security must be")]
    [InlineData("", "starttls", "Host is not set")]
    [InlineData("smtp.example.com", "starttls", null)]
    [InlineData("localhost", "none", null)]
    public void Settings_that_would_send_in_the_clear_are_refused(string host, string security, string? says)
    {
        var problem = new SmtpOptions { Host = host, Security = security, FromAddress = "shop@shop.example" }.Problem();
        Assert.Equal(says is null, problem is null);
        Assert.Contains(says ?? "", problem ?? "", StringComparison.Ordinal);
    }

    private static string Show(SendResult result) => result switch
    {
        SendResult.Accepted => "accepted",
        SendResult.Rejected { Suppression: { } why } => "rejected, " + why,
        SendResult.Rejected => "rejected",
        SendResult.NotSent { Alone: true } => "later",
        SendResult.NotSent { RetryAfter: not null } => "not sent, wait",
        SendResult.NotSent => "not sent",
        _ => "unknown",
    };
}
