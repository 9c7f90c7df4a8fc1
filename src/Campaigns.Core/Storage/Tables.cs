using System.Globalization;
using System.Text;
using Campaigns.Core.Primitives;

namespace Campaigns.Core.Storage;

/// <summary>
/// Tables and keys of a store. Everything about a customer stands in one partition (its bucket), so that one commit can
/// change it whole; separate kinds of rows keep separate writers from contending for one ETag.
/// <code>
/// customers  b000…   c|{customer}                CustomerRow: addresses, consent, suppression, sends for the caps
///                    d|{customer}|{request}      ConsentRequestRow: consent that waits to be confirmed, or was
///                    e|{customer}                ErasedRow: was erased, and is not to come back
///                    f|days                      ErasedDays: what erased customers of the bucket bought, by day
///                    h|{customer}                PurchaseHistory: a pure function of the orders
///                    k|{run}                     CodesDealt: codes of the run dealt in the bucket
///                    m|{customer}                MembershipRow: segments with since and until
///                    o|{customer}|{order}        OrderRow
///                    p|{customer}                PlacementRow: segments decided by hand
///                    s|{run}|{customer}          AssignmentRow: the assignment and its sending record
///                    t|{customer}|{run}          RunIndexRow: runs that the customer is assigned to, and until when they are measured (insert-only)
/// addresses  a00…aff {hmac}|{customer}           AddressRow (empty payload); s|{hmac} suppressions of an address
/// work       {job}   head, p|{stage}|{part}, r|{stage}     jobs: see Jobs/JobRunner
///            open    {job}                       jobs that are not finished
///            failures {queue}|{hash of the body}   FailureRow: how a queue's message failed the last time
///            workspace …                         settings, clock, latest results: see Jobs/Workspace; attributes: AttributeTypes; models: ModelSettings;
///                    scheme, scheme|{number}     SchemeRow: the segment scheme in force and all its versions
///                    segments|{age}              SegmentPoint: the series of recomputes, newest first
///            columns {hash}                      ColumnsRow: what somebody said of the columns of a kind of file
///                    pace|{channel}              SendPace: what all instances have sent, and whether the provider rests
///            inbox   {hash}                      InboxRow: what became of a file of the inbox
///            control r|{quarter}, cap|{quarter}  ControlSummary, ControlCap: the global control group, measured
/// products   all     {sku}                       ProductRow
/// campaigns  all     {campaign}                  Campaign
///            runs    a|{age}|{run}, c|{campaign}|{age}|{run}   RunRow: lists of runs, newest first
///            runs    d|{day}                     DayRow: runs of a business day, in the order in which they choose
///            evidence {campaign}|{occurrence}   RunEvidence: what a closed run taught; …|x: it is left out
///            brakes  {run}                       RunBrakes: how a run is held, by itself or by hand
///            spent   {run}                       RunSpend: what a run with a budget has really cost
///            letterheads {hash}                 Letterhead: what messages took from the settings
/// codes      all, {pool}                     pools of single-use codes: see Offers/Codes/CodeRows
/// outbox     {run}   {customer}                  messages of the outbox channel
/// keys       all     {hash}                      API keys (hashed)
/// </code>
/// </summary>
public static class Tables
{
    /// <summary>Everything about customers.</summary>
    public const string Customers = "customers";

    /// <summary>Who has an address, and which addresses must not be contacted.</summary>
    public const string Addresses = "addresses";

    /// <summary>Jobs and the workspace.</summary>
    public const string Work = "work";

    /// <summary>Products as orders name them; partition <see cref="All"/>.</summary>
    public const string Products = "products";

    /// <summary>Campaigns as configured.</summary>
    public const string Campaigns = "campaigns";

    /// <summary>Pools of single-use codes.</summary>
    public const string Codes = "codes";

    /// <summary>Messages of the outbox channel.</summary>
    public const string Outbox = "outbox";

    /// <summary>Hashed API keys.</summary>
    public const string ApiKeys = "keys";

    /// <summary>The one partition of small tables.</summary>
    public const string All = "all";

    /// <summary>Customer row.</summary>
    public static string Customer(CustomerKey key) => "c|" + key.Text;

    /// <summary>Prefix of a customer's requests for consent.</summary>
    public static string ConsentRequests(CustomerKey key) => AllConsentRequests + key.Text + "|";

    /// <summary>Prefix of all requests for consent.</summary>
    public const string AllConsentRequests = "d|";

    /// <summary>A request for consent.</summary>
    public static string ConsentRequest(CustomerKey key, string request) => ConsentRequests(key) + request;

    /// <summary>Prefix of the marks of erased customers.</summary>
    public const string AllErased = "e|";

    /// <summary>Mark of an erased customer.</summary>
    public static string Erased(CustomerKey key) => AllErased + key.Text;

    /// <summary>Purchase history row.</summary>
    public static string History(CustomerKey key) => "h|" + key.Text;

    /// <summary>How far a bucket's codes of a run are dealt.</summary>
    public static string CodesDealt(string run) => "k|" + run;

    /// <summary>Membership row.</summary>
    public static string Membership(CustomerKey key) => "m|" + key.Text;

    /// <summary>Row of what was decided by hand.</summary>
    public static string Placement(CustomerKey key) => "p|" + key.Text;

    /// <summary>Prefix of a customer's orders.</summary>
    public static string Orders(CustomerKey key) => "o|" + key.Text + "|";

    /// <summary>Order row. Order ids that cannot stand in a key as they are, are escaped (see <see cref="Escape"/>).</summary>
    public static string Order(CustomerKey key, string orderId) => "o|" + key.Text + "|" + Escape(orderId);

    /// <summary>Prefix of a run's assignments.</summary>
    public static string Assignments(string run) => "s|" + run + "|";

    /// <summary>Assignment row.</summary>
    public static string Assignment(string run, CustomerKey key) => "s|" + run + "|" + key.Text;

    /// <summary>Prefix of the index of a customer's runs.</summary>
    public static string RunsOf(CustomerKey key) => "t|" + key.Text + "|";

    /// <summary>Index row.</summary>
    public static string RunOf(CustomerKey key, string run) => "t|" + key.Text + "|" + run;

    /// <summary>The customer in a key of the form x|{customer} or x|{customer}|….</summary>
    public static CustomerKey CustomerIn(string key) => new(key.Substring(2, CustomerKey.Length));

    /// <summary>The most characters of an order id.</summary>
    public const int MaxOrderIdLength = 200;

    /// <summary>
    /// Text as part of a key: letters, digits, '-', '_', '.', ' ' and ':' stay; any other byte of the UTF-8 form becomes
    /// '~' and two hexadecimal digits. Injective. Escaped forms over 400 characters become '~~' and a 128-bit hash.
    /// </summary>
    public static string Escape(string text)
    {
        if (text.Length <= MaxOrderIdLength && text.AsSpan().IndexOfAnyExcept(Plain) < 0)
        {
            return text;
        }

        var result = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (b < 128 && Plain.Contains((char)b))
            {
                result.Append((char)b);
            }
            else
            {
                result.Append('~').Append(b.ToString("x2", CultureInfo.InvariantCulture));
            }
        }

        return result.Length <= 400 ? result.ToString() : "~~" + StableHash.Id(text);
    }

    private static readonly System.Buffers.SearchValues<char> Plain =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_. :");
}
