using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;
using MemoryPack;

namespace Campaigns.Core.Tests.Ingest;

/// <summary>Exports of customers from other systems, recognised by their headers: their consent and who must not be contacted come along.</summary>
public partial class CustomerExportTests
{
    private const string Members =
        "Email Address,First Name,Last Name,Phone Number,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS\n";

    [Fact]
    public async Task Customers_of_Shopify_go_by_address_as_in_its_orders_and_say_their_consent()
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync(
            "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Country Code,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tags\n"
            + "'7001,Ann,Lee,ann@shop.example,yes,GB,'+447700900123,no,120.50,3,calls on Mondays,\"vip, club\"\n"
            + "'7002,Bob,Roe,bob@shop.example,no,GB,,no,0.00,0,,\n"
            + "'7003,Cid,Poe,,no,GB,,no,0.00,0,,\n");

        Assert.Equal((ImportSubject.Customers, 3L, 0L), (import.Summary!.Subject, import.Summary.Customers, import.Summary.Rejected));
        var ann = (await rig.CustomerAsync("email:ann@shop.example"))!;
        Assert.Equal(("Ann", "+447700900123", true, false, "Shopify customers export", "GB"), (ann.FirstName, ann.Phone, ann.EmailConsent.Given, ann.SmsConsent.Given, ann.EmailConsent.Source, ann.Country));
        Assert.Equal(["Tags", "Total Orders", "Total Spent"], ann.Attributes.Keys.Order(StringComparer.Ordinal));
        Assert.False((await rig.CustomerAsync("email:bob@shop.example"))!.EmailConsent.Given);
        Assert.NotNull(await rig.CustomerAsync("7003"));
    }

    [Fact]
    public async Task Profiles_of_Klaviyo_bring_consent_with_its_time_and_suppressions()
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync(
            "Email,Klaviyo ID,First Name,Last Name,Phone Number,Country,Email Marketing Consent,Email Marketing Consent Timestamp,Email Suppressions,Favourite\n"
            + "ann@shop.example,01A,Ann,Lee,,GB,SUBSCRIBED,2024-05-01 10:00:00+00:00,[],tea\n"
            + "bob@shop.example,01B,Bob,Roe,,GB,NEVER_SUBSCRIBED,,[],\n"
            + "cid@shop.example,01C,Cid,Poe,,GB,UNSUBSCRIBED,2024-06-01 10:00:00+00:00,[UNSUBSCRIBE],\n"
            + "dan@shop.example,01D,Dan,Doe,,GB,SUBSCRIBED,2024-05-01 10:00:00+00:00,\"[HARD_BOUNCE, USER_SUPPRESSED]\",\n"
            + "eve@shop.example,01E,Eve,Low,,GB,SUBSCRIBED,2024-05-01 10:00:00+00:00,\"[MARKED_AS_SPAM]\",\n");

        Assert.Equal((0L, 1L), (import.Summary!.Rejected, import.Summary.ContactableByEmail));
        var ann = (await rig.CustomerAsync("email:ann@shop.example"))!;
        Assert.Equal(new Consent(true, "Klaviyo export", new DateTimeOffset(2024, 5, 1, 10, 0, 0, TimeSpan.Zero)), ann.EmailConsent);
        Assert.Equal(["Favourite"], ann.Attributes.Keys);
        Assert.Null((await rig.CustomerAsync("email:bob@shop.example"))!.EmailConsent.Given);
        Assert.Equal("unsubscribed", (await rig.CustomerAsync("email:cid@shop.example"))!.EmailSuppression);
        Assert.Equal("hard bounce", (await rig.CustomerAsync("email:dan@shop.example"))!.EmailSuppression);
        Assert.Equal("complaint", (await rig.CustomerAsync("email:eve@shop.example"))!.EmailSuppression);
    }

    [Fact]
    public async Task Members_of_Mailchimp_who_opted_in_consent_and_others_do_not()
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync(Members
            + "ann@shop.example,Ann,Lee,,4,2024-05-01 10:00:00,192.0.2.1,2024-05-01 10:05:00,192.0.2.1,,,,,Europe/London,GB,LND,2024-05-01 10:05:00,11,aa,,\"\"\"tea\"\"\"\n"
            + "bob@shop.example,Bob,Roe,,2,2024-05-02 10:00:00,192.0.2.1,,,,,,,,GB,,2024-05-01 10:05:00,12,ab,,\n"
            + "cid@shop.example,Cid,Poe,,2,,,,,,,,,,GB,,2024-05-01 10:05:00,13,ac,,\n");

        Assert.Equal((0L, 2L), (import.Summary!.Rejected, import.Summary.ContactableByEmail));
        var ann = (await rig.CustomerAsync("email:ann@shop.example"))!;
        Assert.Equal(new Consent(true, "Mailchimp export, members", new DateTimeOffset(2024, 5, 1, 10, 5, 0, TimeSpan.Zero)), ann.EmailConsent);
        Assert.Equal(["MEMBER_RATING", "REGION", "TAGS", "TIMEZONE"], ann.Attributes.Keys.Order(StringComparer.Ordinal));
        Assert.Null((await rig.CustomerAsync("email:cid@shop.example"))!.EmailConsent.Given);
    }

    [Theory]
    [InlineData("UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER", "unsubscribed")]
    [InlineData("CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,A,B", "hard bounce")]
    public async Task Whoever_left_or_bounced_at_Mailchimp_stays_out_whatever_is_imported_later(string columns, string reason)
    {
        await using var rig = ImportRig.Create();
        var file = Members.TrimEnd('\n') + "," + columns + "\n"
            + "Ann@shop.example,Ann,Lee,,4,2024-05-01 10:00:00,,2024-05-01 10:05:00,,,,,,,GB,,,11,aa,,,2024-07-01 08:00:00,Summer,x1,NORMAL,\n";
        var first = await rig.ImportAsync(file);
        var again = await rig.ImportAsync(file);
        var later = await rig.ImportAsync("customer_id,email,consent_email\nann,ann@SHOP.example,yes\n");

        Assert.Equal((0L, 0L, 0L), (first.Summary!.ContactableByEmail, again.Summary!.ContactableByEmail, later.Summary!.ContactableByEmail));
        var kept = (await new AddressBook(rig.Store.Rows, rig.Store.Workspace).SuppressionAsync("ann@shop.example", default))!;
        Assert.Equal((reason, new DateTimeOffset(2024, 7, 1, 8, 0, 0, TimeSpan.Zero)), (kept.Reason, kept.At));
        Assert.Equal(reason, (await rig.CustomerAsync("ann"))!.EmailSuppression);
    }

    [Fact]
    public async Task Consent_to_purposes_is_kept_apart_with_its_proof_and_the_newest_word_stands()
    {
        await using var rig = ImportRig.Create();
        await rig.ImportAsync(
            "customer_id,email,consent_email,consent_email_newsletter,consent_sms_club,consent_source,consent_at,consent_proof\n"
            + "ann,ann@shop.example,,yes,no,footer form,2025-01-01,form 12 of 3 May: \"news by e-mail\"\n");
        await rig.ImportAsync(
            """[{"customer_id": "ann", "consent_email_newsletter": false, "consent_source": "old list", "consent_at": "2024-01-01"}]""",
            new ImportRequest { Subject = ImportSubject.Customers });

        var ann = (await rig.CustomerAsync("ann"))!;
        var at = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(new Consent(true, "footer form", at, "form 12 of 3 May: \"news by e-mail\""), ann.ConsentOn(Channel.Email, "newsletter"));
        Assert.False(ann.ConsentOn(Channel.Sms, "club").Given);
        Assert.Null(ann.ConsentOn(Channel.Email).Given);
        Assert.Null(ann.ConsentOn(Channel.Sms, "newsletter").Given);
        Assert.Empty(ann.Attributes);
    }

    [Fact]
    public async Task A_reason_that_is_none_is_refused()
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync("email,suppression_email\nann@shop.example,erased\nbob@shop.example,manual\n");

        Assert.Equal(["a suppression is none of unsubscribed, hard bounce, complaint and manual"], import.Summary!.RejectedByReason.Keys);
        Assert.Equal("manual", (await rig.CustomerAsync("email:bob@shop.example"))!.EmailSuppression);
    }

    [Fact]
    public void Consent_stored_before_there_were_proofs_is_still_read()
    {
        var at = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(new Consent(true, "checkout", at), MemoryPackSerializer.Deserialize<Consent>(MemoryPackSerializer.Serialize(new OldConsent(true, "checkout", at))));
    }

    [MemoryPackable]
    internal readonly partial record struct OldConsent(bool? Given, string? Source, DateTimeOffset? At);
}
