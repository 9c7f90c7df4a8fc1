using Campaigns.Core.Dispatch;

namespace Campaigns.Channels.Sender;

/// <summary>What was found of one record.</summary>
/// <param name="Record">"SPF", "DKIM" or "DMARC".</param>
/// <param name="Good">It is as mailbox providers want it; null = it could not be looked up.</param>
/// <param name="Sentence">What was found, and what to do.</param>
public sealed record SenderFinding(string Record, bool? Good, string Sentence);

/// <summary>What the records of a sender's domain say.</summary>
/// <param name="Domain">Domain of the sender's address.</param>
/// <param name="Findings">One for each record.</param>
public sealed record SenderReport(string Domain, IReadOnlyList<SenderFinding> Findings)
{
    /// <summary>All records are as they should be.</summary>
    public bool Ready => Findings.All(f => f.Good == true);
}

/// <summary>
/// Looks whether the records of a domain let mailbox providers know its messages as its own: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489). Large
/// mailbox providers refuse bulk messages without them. Whether the provider that sends is among those that SPF allows, only a received message shows.
/// </summary>
public static class SenderCheck
{
    /// <summary>Asks for the records of the sender's domain.</summary>
    public static async ValueTask<SenderReport> RunAsync(MailSender sender, ITextRecords records, CancellationToken cancellation)
    {
        var spf = Spf(sender.Domain, await records.FindAsync(sender.Domain, cancellation));
        var keys = new List<IReadOnlyList<string>?>();
        foreach (var selector in sender.DkimSelectors)
        {
            keys.Add(await records.FindAsync($"{selector}._domainkey.{sender.Domain}", cancellation));
        }

        var dkim = Dkim(sender, keys);
        IReadOnlyList<string>? policies = [];
        for (var domain = sender.Domain; policies is { Count: 0 } && domain.Contains('.', StringComparison.Ordinal); domain = domain[(domain.IndexOf('.', StringComparison.Ordinal) + 1)..])
        {
            // A subdomain without a policy falls under that of the domain above.
            policies = (await records.FindAsync("_dmarc." + domain, cancellation))?.Where(r => r.StartsWith("v=DMARC1", StringComparison.OrdinalIgnoreCase)).ToList();
        }

        return new SenderReport(sender.Domain, [spf, dkim, Dmarc(sender.Domain, policies)]);
    }

    /// <summary>What the TXT records of the domain say about who may send for it.</summary>
    public static SenderFinding Spf(string domain, IReadOnlyList<string>? records)
    {
        if (records is null)
        {
            return Unanswered("SPF", domain);
        }

        var policies = records.Where(r => r.Split(' ')[0].Equals("v=spf1", StringComparison.OrdinalIgnoreCase)).ToList();
        var terms = policies.Count == 1 ? policies[0].ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        return policies.Count == 0 ? Bad("SPF", $"{domain} has no SPF record. Add a TXT record such as “v=spf1 include:… ~all” with what your provider of e-mail names.")
            : policies.Count > 1 ? Bad("SPF", $"{domain} has {policies.Count} SPF records, which counts as none. Merge them into one.")
            : terms.Contains("+all") || terms.Contains("all") ? Bad("SPF", $"The SPF record of {domain} lets everybody send in its name (+all). End it with “~all” or “-all”.")
            : terms.Contains("-all") || terms.Contains("~all") || terms.Any(t => t.StartsWith("redirect=", StringComparison.Ordinal)) ? Good("SPF", $"{domain} says who may send in its name.")
            : Bad("SPF", $"The SPF record of {domain} does not say what becomes of other senders. End it with “~all” or “-all”.");
    }

    /// <summary>What the records of the signing keys say.</summary>
    public static SenderFinding Dkim(MailSender sender, IReadOnlyList<IReadOnlyList<string>?> keys) =>
        sender.DkimSelectors.Count == 0 ? new SenderFinding("DKIM", null, $"It is not known by which selectors messages of {sender.Domain} are signed. Name them in {sender.SelectorsSetting} to have their keys looked up.")
        : keys.Any(k => k?.Any(IsKey) == true) ? Good("DKIM", $"{sender.Domain} publishes the key that its messages are signed with.")
        : keys.Any(k => k is null) ? Unanswered("DKIM", sender.Domain)
        : Bad("DKIM", $"There is no key at {string.Join(" or ", sender.DkimSelectors.Select(s => $"{s}._domainkey.{sender.Domain}"))}. Authenticate the domain with your provider of e-mail and add the records that it names.");

    /// <summary>What the policies of the domain, or of the one above, say.</summary>
    public static SenderFinding Dmarc(string domain, IReadOnlyList<string>? policies)
    {
        if (policies is null)
        {
            return Unanswered("DMARC", domain);
        }

        var policy = policies.Count == 1 ? TagOf(policies[0], "p") : null;
        return policies.Count == 0 ? Bad("DMARC", $"{domain} has no DMARC record. Add a TXT record _dmarc.{domain} such as “v=DMARC1; p=none; rua=mailto:…”.")
            : policies.Count > 1 ? Bad("DMARC", $"{domain} has {policies.Count} DMARC records, which counts as none. Keep one.")
            : policy is "none" ? Good("DMARC", $"{domain} has a DMARC record, which only watches (p=none). Choose p=quarantine once its reports show no messages of yours that fail.")
            : policy is "quarantine" or "reject" ? Good("DMARC", $"{domain} says what becomes of messages that are not its own (p={policy}).")
            : Bad("DMARC", $"The DMARC record of {domain} names no policy. Add p=none, p=quarantine or p=reject.");
    }

    private static bool IsKey(string record) => TagOf(record, "p") is { Length: > 0 } && TagOf(record, "v") is null or "dkim1";

    /// <summary>The value of a tag in a list such as "v=DMARC1; p=none", in lower case.</summary>
    private static string? TagOf(string record, string tag) => record.Split(';').Select(t => t.Split('=', 2))
        .FirstOrDefault(t => t.Length == 2 && t[0].Trim().Equals(tag, StringComparison.OrdinalIgnoreCase))?[1].Trim().ToLowerInvariant();

    private static SenderFinding Good(string record, string sentence) => new(record, true, sentence);

    private static SenderFinding Bad(string record, string sentence) => new(record, false, sentence);

    private static SenderFinding Unanswered(string record, string domain) => new(record, null, $"No name server answers for {domain}: try again, or see whether this app may use one.");
}
