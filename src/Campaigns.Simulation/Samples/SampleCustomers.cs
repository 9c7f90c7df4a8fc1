using System.Globalization;
using Campaigns.Core.Primitives;

namespace Campaigns.Simulation.Samples;

/// <summary>
/// Customers, orders and events made from a recipe for one day: a pure function of the two, each customer drawn from a
/// stream of its own. Contacts are made up (see <see cref="MadeUpContacts"/>).
/// </summary>
/// <param name="name">Begins every customer's id, so that samples never share customers.</param>
/// <param name="recipe">Who they are.</param>
/// <param name="asOf">The day that "days ago" counts from.</param>
public sealed class SampleCustomers(string name, SampleRecipe recipe, DateTimeOffset asOf)
{
    /// <summary>Columns of the orders file; other events stand in it too, told by the column "event".</summary>
    public const string OrdersHeader = "order_id,customer_id,ordered_at,event,sku,product_name,quantity,unit_price,discount_amount,country";

    private const string ContactHeader = "customer_id,email,phone,first_name,consent_email,consent_sms,consent_source,consent_at,language,time_zone,country";

    /// <summary>Hours over which what happens on one day is spread. What lies so many days back lies up to this much further.</summary>
    private const int HoursOfDay = 10;

    private string[]? attributes;

    /// <summary>Names of all attributes, in ordinal order: the further columns of the customers file.</summary>
    public IReadOnlyList<string> Attributes => attributes ??= [.. recipe.Groups.SelectMany(g => g.Attributes.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Id of a customer of a group; <paramref name="index"/> counts from 0.</summary>
    public string IdOf(SampleGroup group, int index) => string.Create(CultureInfo.InvariantCulture, $"{name}-{group.Id}-{index + 1:000}");

    /// <summary>Writes the customers file.</summary>
    public void WriteCustomers(TextWriter writer)
    {
        writer.Write(ContactHeader);
        foreach (var attribute in Attributes)
        {
            SampleCsv.Next(writer, attribute);
        }

        writer.Write('\n');
        foreach (var (group, index) in Everybody())
        {
            WriteCustomer(writer, group, index);
        }
    }

    /// <summary>Writes the orders file: orders and events, each customer's together.</summary>
    public void WriteOrders(TextWriter writer)
    {
        writer.Write(OrdersHeader);
        writer.Write('\n');
        foreach (var (group, index) in Everybody())
        {
            var draws = DrawsOf(group, index, "orders");
            var id = IdOf(group, index);
            var number = 0;
            foreach (var series in group.Orders)
            {
                foreach (var at in Times(ref draws, series.Count, series.Last, series.Every))
                {
                    WriteOrder(writer, ref draws, group, series, new Happening($"{id}-{++number}", id, at));
                }
            }

            foreach (var series in group.Events)
            {
                foreach (var at in Times(ref draws, series.Count, series.Last, series.Every))
                {
                    var value = Math.Round(Draw(ref draws, series.Value), 2);
                    Write(writer, group, new Happening($"{id}-{++number}", id, at), series.Event, "", "", value, 0);
                }
            }
        }
    }

    private IEnumerable<(SampleGroup Group, int Index)> Everybody() => recipe.Groups.SelectMany(g => Enumerable.Range(0, g.Customers).Select(i => (g, i)));

    private void WriteCustomer(TextWriter writer, SampleGroup group, int index)
    {
        var contact = MadeUpContacts.For(IdOf(group, index), group.Country, asOf.AddDays(-30));
        var said = contact.EmailConsent.Source is not null ? contact.EmailConsent : contact.SmsConsent;
        SampleCsv.Write(writer, contact.CustomerId);
        foreach (var cell in (string?[])
            [contact.Email, contact.Phone, contact.FirstName, YesNo(contact.EmailConsent.Given), YesNo(contact.SmsConsent.Given), said.Source,
            said.At is { } at ? Instant(at) : "", contact.Language, contact.TimeZone, group.Country])
        {
            SampleCsv.Next(writer, cell);
        }

        var draws = DrawsOf(group, index, "attributes");
        foreach (var attribute in Attributes)
        {
            SampleCsv.Next(writer, group.Attributes.TryGetValue(attribute, out var value) ? Text(ref draws, value) : "");
        }

        writer.Write('\n');
    }

    private string Text(ref Draws draws, SampleValue value) => value switch
    {
        SampleValue.OneOf one => one.Texts[draws.Below(one.Texts.Length)],
        SampleValue.Whole whole => Whole(ref draws, whole.Range).ToString(CultureInfo.InvariantCulture),
        SampleValue.Date date => asOf.AddDays(-Whole(ref draws, date.DaysAgo)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"There is no way to write a {value.GetType().Name}."),
    };

    private static void WriteOrder(TextWriter writer, ref Draws draws, SampleGroup group, SampleOrders series, Happening order)
    {
        var lines = Math.Min(Whole(ref draws, series.Lines), series.Products.Length);
        var first = draws.Below(series.Products.Length);
        for (var i = 0; i < lines; i++)
        {
            var product = series.Products[(first + i) % series.Products.Length];
            var price = Math.Round(Draw(ref draws, series.Price), 2);
            var discount = draws.Chance(series.Discounted) ? Math.Round(price * (0.2 + (0.1 * draws.Uniform())), 2) : 0;
            Write(writer, group, order, "", SkuOf(product), product, price, discount);
        }
    }

    private static void Write(TextWriter writer, SampleGroup group, in Happening what, string kind, string sku, string product, double price, double discount)
    {
        SampleCsv.Write(writer, what.Id);
        foreach (var cell in (string[])[what.Customer, Instant(what.At), kind, sku, product, "1", Amount(price), discount > 0 ? Amount(discount) : "", group.Country])
        {
            SampleCsv.Next(writer, cell);
        }

        writer.Write('\n');
    }

    /// <summary>"Baby wipes" → "BABY-WIPES".</summary>
    private static string SkuOf(string product) => product.ToUpperInvariant().Replace(' ', '-');

    /// <summary>Times of a series, oldest first.</summary>
    private List<DateTimeOffset> Times(ref Draws draws, SampleRange count, SampleRange last, SampleRange every)
    {
        var times = new List<DateTimeOffset>();
        var days = (double)Whole(ref draws, last);
        for (var left = Whole(ref draws, count); left > 0; left--)
        {
            times.Add(asOf.AddDays(-days).AddHours(-HoursOfDay * draws.Uniform()));
            days += Whole(ref draws, every);
        }

        times.Reverse();
        return times;
    }

    private Draws DrawsOf(SampleGroup group, int index, string what) => new(StableHash.Of("sample", name, group.Id, what), (ulong)index, purpose: Purpose.Sample);

    private static double Draw(ref Draws draws, SampleRange range) => range.Low + ((range.High - range.Low) * draws.Uniform());

    private static int Whole(ref Draws draws, SampleRange range) => (int)range.Low + draws.Below((int)(range.High - range.Low) + 1);

    private static string? YesNo(bool? given) => given switch { true => "yes", false => "no", null => null };

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Amount(double major) => major.ToString("0.00", CultureInfo.InvariantCulture);

    private readonly record struct Happening(string Id, string Customer, DateTimeOffset At);
}
