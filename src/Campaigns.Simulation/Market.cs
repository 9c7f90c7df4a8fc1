using System.Globalization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Primitives;

namespace Campaigns.Simulation;

/// <summary>
/// A generated shop: customers with latent traits, two years of orders, and what they order later under any messages.
/// Everything about a customer is a pure function of (options, customer index), made when it is asked for: memory does not
/// grow with the customers. The model stands in docs/simulation.md. Safe for use by several threads.
/// </summary>
public sealed partial class Market
{
    /// <summary>Days beyond the history for which the calendar is worked out beforehand.</summary>
    private const int FollowUpDays = 400;

    /// <summary>Share of the history's orders that come back, whole or in part.</summary>
    public const double RefundShare = 0.05;

    private const double WholeRefundShare = 0.4;

    private readonly int _historyDays;
    private readonly Catalogue _catalogue;
    private readonly BasketModel _baskets;
    private readonly ShopCalendar _calendar;
    private readonly PurchasePath _path;

    /// <summary>The market of these options. Throws <see cref="ArgumentException"/> where one is out of range.</summary>
    public Market(MarketOptions options)
    {
        Options = options.Validated();
        _historyDays = options.End.DayNumber - options.Start.DayNumber;
        _catalogue = new Catalogue(options.Seed);
        _baskets = new BasketModel(_catalogue, options.UnitCosts);
        _calendar = new ShopCalendar(options.Seed, options.Start, _historyDays + FollowUpDays);
        _path = new PurchasePath(options, _calendar, _historyDays);
    }

    /// <summary>What it is made from.</summary>
    public MarketOptions Options { get; }

    /// <summary>The shop's products.</summary>
    public IReadOnlyList<Product> Products => _catalogue.Products;

    /// <summary>Id of customer 0 … Customers − 1: "C0000000".</summary>
    public static string CustomerIdOf(int index) => string.Create(CultureInfo.InvariantCulture, $"C{index:0000000}");

    /// <summary>Index of the customer with this id, or null where the market has none.</summary>
    public int? IndexOf(string customerId) =>
        customerId.Length == 8 && customerId[0] == 'C'
            && int.TryParse(customerId.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < Options.Customers
            ? index
            : null;

    /// <summary>The product with this sku, or null.</summary>
    public Product? ProductOf(string sku) =>
        sku.Length == 5 && int.TryParse(sku.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= 1000 && number - 1000 < _catalogue.Products.Length
            ? _catalogue.Products[number - 1000]
            : null;

    /// <summary>All customers' contacts, by index.</summary>
    public IEnumerable<MadeUpContact> Contacts()
    {
        for (var index = 0; index < Options.Customers; index++)
        {
            yield return ContactOf(index);
        }
    }

    /// <summary>A customer's made-up contact. Consents were said at the first order.</summary>
    public MadeUpContact ContactOf(int index)
    {
        var traits = TraitsOf(index);
        var since = At(_path.InstantOf(index, traits.AcquiredDay));
        return MadeUpContacts.For(CustomerIdOf(index), Countries.All[traits.Country].Name, since, Options.Seed.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The history's orders and refunds, customer by customer; a customer's in order of time.</summary>
    public IEnumerable<OrderRow> History()
    {
        for (var index = 0; index < Options.Customers; index++)
        {
            foreach (var order in HistoryOf(index))
            {
                yield return order;
            }
        }
    }

    /// <summary>A customer's orders and refunds of the history, in order of time.</summary>
    public IReadOnlyList<OrderRow> HistoryOf(int index)
    {
        var traits = TraitsOf(index);
        var orders = new List<OrderRow>();
        foreach (var day in _path.OrderDays(index, traits, _historyDays))
        {
            var order = OwnOrder(index, traits, day, _path.InstantOf(index, day), offer: null);
            orders.Add(order);
            if (Options.Refunds && RefundOf(index, day, order) is { } refund && refund.OrderedAt < Options.EndAt)
            {
                orders.Add(refund);
            }
        }

        orders.Sort((a, b) => (a.OrderedAt, a.OrderId).CompareTo((b.OrderedAt, b.OrderId)));
        return orders;
    }

    internal Traits TraitsOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Options.Customers);
        return Traits.Of(Options.Seed, index, _historyDays, _baskets);
    }

    private DateTimeOffset At(long second) => Options.StartAt.AddSeconds(second);

    /// <summary>An order that comes of the customer's own accord, with the coupon that the customer uses, if any.</summary>
    private OrderRow OwnOrder(int index, Traits traits, int day, long second, Reaction? offer)
    {
        var sale = _calendar.SaleShare(day);
        var coupon = new Draws(_path.SeedOn(day), (ulong)index, (ulong)day, Purpose.ShopCoupon).First(SaleCoupon(traits, sale)) ? sale : 0;
        var redeems = offer is not null && offer.Treatment.DiscountShare >= coupon
            && new Draws(_path.SeedOn(day), (ulong)index, (ulong)day, Purpose.Redemption).First(offer.Redeem);
        var share = redeems ? offer!.Treatment.DiscountShare : coupon;
        var draws = new Draws(_path.SeedOn(day), (ulong)index, (ulong)day, Purpose.Basket);
        var lines = _baskets.Draw(ref draws, traits, share);
        var further = new Draws(_path.SeedOn(day), (ulong)index, (ulong)day, Purpose.ExtraLine);
        if (redeems && further.Chance(offer!.ExtraLine))
        {
            lines.Add(_baskets.DrawLine(ref further, traits, share));
        }

        var code = redeems ? offer!.Treatment.Code : coupon > 0 ? _calendar.SaleCode(day) : null;
        return Row(index, traits, string.Create(CultureInfo.InvariantCulture, $"{day:00000}"), second, lines, code);
    }

    private OrderRow Row(int index, Traits traits, string suffix, long second, List<OrderLine> lines, string? code)
    {
        var (id, at) = (CustomerIdOf(index), At(second));
        return new OrderRow
        {
            OrderId = id + "-" + suffix,
            CustomerId = id,
            OrderedAt = at,
            RevisedAt = at,
            Lines = [.. lines],
            CouponCode = code,
            Country = Countries.All[traits.Country].Name,
        };
    }

    /// <summary>Probability that an order on a day of the shop's own sale uses its coupon.</summary>
    private static double SaleCoupon(Traits traits, double saleShare) => saleShare > 0 ? 0.35 + (0.6 * traits.PriceSensitivity) : 0;

    private OrderRow? RefundOf(int index, int day, OrderRow order)
    {
        var draws = new Draws(Options.Seed, (ulong)index, (ulong)day, Purpose.Refund);
        if (!draws.Chance(RefundShare))
        {
            return null;
        }

        var at = order.OrderedAt.AddDays(2 + draws.Below(19)).AddSeconds(draws.Below(3600));
        var lines = draws.Chance(WholeRefundShare) ? order.Lines.Select(line => Back(line, line.Quantity)) : [PartBack(ref draws, order.Lines)];
        return order with { OrderId = order.OrderId + "-R", OrderedAt = at, RevisedAt = at, Lines = [.. lines], CouponCode = null };
    }

    private static OrderLine PartBack(ref Draws draws, OrderLine[] lines)
    {
        var line = lines[draws.Below(lines.Length)];
        return Back(line, draws.Chance(0.5) ? line.Quantity : 1);
    }

    private static OrderLine Back(OrderLine line, int units) => line with
    {
        Quantity = -units,
        DiscountMinor = -(long)Math.Round((double)line.DiscountMinor * units / line.Quantity, MidpointRounding.AwayFromZero),
    };
}
