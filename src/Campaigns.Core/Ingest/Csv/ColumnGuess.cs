using System.Collections.Frozen;

namespace Campaigns.Core.Ingest.Csv;

/// <summary>Guesses what a file's columns are from their names and first values, for somebody to confirm.</summary>
internal static class ColumnGuess
{
    /// <summary>Formats of dates that shops use beside ISO 8601; day before month first, because most of the world writes so.</summary>
    public static readonly IReadOnlyList<string> DateFormats = [Formats("d/M/yyyy"), Formats("M/d/yyyy"), Formats("d.M.yyyy"), Formats("d-M-yyyy"), Formats("yyyy/M/d")];

    /// <summary>What columns are called elsewhere, in lower-case letters and digits alone.</summary>
    private static readonly FrozenDictionary<string, string> Names = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["order_id"] = ["orderid", "order", "ordernumber", "orderno", "ordernr", "invoice", "invoiceno", "invoicenumber", "receipt", "receiptnumber", "basketid", "transactionid", "bestellnummer"],
        ["ordered_at"] = ["orderedat", "orderdate", "date", "datetime", "createdat", "invoicedate", "purchasedate", "saledate", "transactiondate", "orderplaced", "bestelldatum", "datum"],
        ["customer_id"] = ["customerid", "customer", "customerno", "customernumber", "clientid", "accountid", "account", "userid", "memberid", "kundennummer"],
        ["email"] = ["email", "mail", "emailaddress", "customeremail", "billingemail", "contactemail"],
        ["phone"] = ["phone", "phonenumber", "mobile", "mobilephone", "mobilenumber", "tel", "telephone", "telefon", "cell"],
        ["first_name"] = ["firstname", "forename", "givenname", "vorname", "name"],
        ["sku"] = ["sku", "product", "productid", "productcode", "item", "itemid", "itemcode", "itemnumber", "stockcode", "article", "articlenumber", "artikelnummer"],
        ["product_name"] = ["productname", "itemname", "description", "articlename", "producttitle"],
        ["quantity"] = ["quantity", "qty", "units", "pieces", "amountordered", "menge", "anzahl"],
        ["unit_price"] = ["unitprice", "price", "itemprice", "priceperunit", "priceeach", "preis", "einzelpreis"],
        ["total"] = ["total", "ordertotal", "amount", "grandtotal", "revenue", "sales", "paid", "salesvalue", "gesamt", "betrag", "summe"],
        ["discount_amount"] = ["discount", "discountamount", "discounttotal", "rabatt"],
        ["coupon_code"] = ["coupon", "couponcode", "discountcode", "vouchercode", "promocode", "gutschein"],
        ["currency"] = ["currency", "currencycode", "waehrung"],
        ["category"] = ["category", "productcategory", "department", "producttype", "kategorie"],
        ["unit_cost"] = ["unitcost", "cost", "costprice", "costofgoodssold", "purchaseprice"],
        ["country"] = ["country", "countrycode", "land", "billingcountry", "shippingcountry"],
        ["language"] = ["language", "locale", "sprache"],
        ["time_zone"] = ["timezone"],
        ["consent_email"] = ["emailconsent", "consentemail", "newsletter", "subscribed", "optin", "emailoptin", "acceptsmarketing", "marketingconsent"],
        ["consent_sms"] = ["smsconsent", "consentsms", "smsoptin"],
        ["consent_at"] = ["consentat", "consentdate", "optindate", "subscribedat"],
        ["link"] = ["link", "url", "producturl"],
        ["image"] = ["image", "imagelink", "imageurl"],
        ["stock"] = ["stock", "availability", "inventory", "instock", "stockquantity"],
        ["updated_at"] = ["updatedat", "modifiedat", "lastmodified", "lastchanged"],
    }.SelectMany(static f => f.Value.Select(n => (Name: n, Field: f.Key))).ToFrozenDictionary(static n => n.Name, static n => n.Field, StringComparer.Ordinal);

    /// <summary>A field for each column; <see cref="ColumnMap.LeftOut"/> where there is no guess, or one that came before has it, or files of the kind have no such field.</summary>
    public static IReadOnlyList<string> Fields(IReadOnlyList<string> columns)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var guesses = columns.Select(c => Names.GetValueOrDefault(Plain(c)) is { } field && taken.Add(field) ? field : ColumnMap.LeftOut).ToList();
        var subject = ColumnMap.SubjectOf(taken);
        var allowed = ColumnMap.FieldsOf(subject);
        return guesses.ConvertAll(g => subject == ImportSubject.Products && g == "product_name" ? "name"
            : subject == ImportSubject.Products && g == "unit_price" ? "price"
            : allowed.Contains(g, StringComparer.Ordinal) ? g : ColumnMap.LeftOut);
    }

    /// <summary>The first format that reads all the values: null for ISO 8601, or where none does.</summary>
    public static string? DateFormat(IReadOnlyList<string> values) =>
        Reads(values, null) ? null : DateFormats.FirstOrDefault(f => Reads(values, f));

    private static bool Reads(IReadOnlyList<string> values, string? format)
    {
        var dates = new Dates(TimeZoneInfo.Utc, format?.Split('|') ?? []);
        return values.All(v => dates.TryParse(v, out _));
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    private static string Formats(string day) => string.Join('|', day, day + " H:mm", day + " H:mm:ss");
}
