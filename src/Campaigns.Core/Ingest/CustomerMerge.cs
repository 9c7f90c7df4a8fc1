namespace Campaigns.Core.Ingest;

/// <summary>What an import's records make of a stored customer. Pure.</summary>
internal static class CustomerMerge
{
    /// <summary>
    /// The row as it should stand; equal to <paramref name="stored"/> where nothing changes. Records older than the stored row
    /// only fill what is empty. Consent follows its own time: the newest statement stands. What a record does not say stays.
    /// An address on an order is taken only where there is none.
    /// </summary>
    public static CustomerRow Merge(CustomerRow? stored, CustomerContent content, DateTimeOffset importedAt, uint mark)
    {
        var row = stored ?? new CustomerRow { CustomerId = content.CustomerId, CreatedAt = importedAt, CreatedBy = mark };
        foreach (var record in content.Records)
        {
            row = Apply(row, record, importedAt);
        }

        if (row.Email is null && content.OrderEmail is not null)
        {
            row = row with { Email = content.OrderEmail };
        }

        return row.Phone is null && content.OrderPhone is not null ? row with { Phone = content.OrderPhone } : row;
    }

    private static CustomerRow Apply(CustomerRow row, CustomerRecord record, DateTimeOffset importedAt)
    {
        var revised = record.RevisedAt == default ? importedAt : record.RevisedAt;
        var newer = revised >= row.RevisedAt;
        string? Pick(string? old, string? said) => newer ? said ?? old : old ?? said;
        var (email, phone) = (Pick(row.Email, record.Email), Pick(row.Phone, record.Phone));
        var attributes = row.Attributes;
        foreach (var (name, value) in record.Attributes)
        {
            if (!attributes.TryGetValue(name, out var old) || (newer && !string.Equals(old, value, StringComparison.Ordinal)))
            {
                attributes = new Dictionary<string, string>(attributes, StringComparer.Ordinal) { [name] = value };
            }
        }

        return row with
        {
            RevisedAt = newer ? revised : row.RevisedAt,
            Email = email,
            Phone = phone,
            FirstName = Pick(row.FirstName, record.FirstName),
            Language = Pick(row.Language, record.Language),
            TimeZone = Pick(row.TimeZone, record.TimeZone),
            Country = Pick(row.Country, record.Country),
            Attributes = attributes,
            EmailConsent = ConsentOf(row.EmailConsent, record.EmailConsent, record, revised),
            SmsConsent = ConsentOf(row.SmsConsent, record.SmsConsent, record, revised),
            PurposeConsents = PurposesOf(row.PurposeConsents, record, revised),
            Profiling = ConsentOf(row.Profiling, !record.NoProfiling, record, revised),
            // A suppression belongs to the address: another address starts without, and gets its own from the address book.
            EmailSuppression = Same(email, row.Email) ? row.EmailSuppression : null,
            SmsSuppression = Same(phone, row.Phone) ? row.SmsSuppression : null,
        };
    }

    private static Consent ConsentOf(Consent stored, bool? said, CustomerRecord record, DateTimeOffset revised)
    {
        var at = record.ConsentAt ?? revised;
        return said is null || (stored.Given is not null && stored.At > at) ? stored : new Consent(said, record.ConsentSource, at, record.ConsentProof);
    }

    /// <summary>The same array where nothing changes, so that the row stays equal to itself.</summary>
    private static PurposeConsent[] PurposesOf(PurposeConsent[] stored, CustomerRecord record, DateTimeOffset revised)
    {
        foreach (var said in record.Purposes)
        {
            var at = Array.FindIndex(stored, s => s.Channel == said.Channel && string.Equals(s.Purpose, said.Purpose, StringComparison.Ordinal));
            var before = at < 0 ? Consent.Unknown : stored[at].Consent;
            var after = ConsentOf(before, said.Given, record, revised);
            if (after != before)
            {
                var others = stored.Where((_, i) => i != at).Append(new PurposeConsent(said.Purpose, said.Channel, after));
                stored = [.. others.OrderBy(p => p.Purpose, StringComparer.Ordinal).ThenBy(p => p.Channel)];
            }
        }

        return stored;
    }

    private static bool Same(string? a, string? b) =>
        a is null || b is null ? a == b : string.Equals(Addresses.Comparable(a), Addresses.Comparable(b), StringComparison.Ordinal);
}
