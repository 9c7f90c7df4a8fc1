using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>Counts of an ingest part. They are added when a customer is decided, and taken back when it must be decided anew.</summary>
internal readonly record struct Tally(long New, long Unchanged, long Replaced, long Ignored, long NewCustomers, long UnmatchedRefundMinor);

/// <summary>The operations that save one customer: what cannot wait in one commit (orders beyond a commit's room) first.</summary>
internal sealed class CustomerWrite(CustomerContent content) : List<RowOperation>
{
    /// <summary>Whose.</summary>
    public CustomerContent Content { get; } = content;

    /// <summary>What it adds to the counts.</summary>
    public Tally Tally { get; set; }

    /// <summary>Payload bytes of the operations.</summary>
    public long Bytes
    {
        get
        {
            var bytes = 0L;
            foreach (var operation in this)
            {
                bytes += operation.Size;
            }

            return bytes;
        }
    }
}

/// <summary>
/// Decides what an import changes of one customer: orders by id (the same → nothing; other content → replaced if newer), what
/// follows from them (<see cref="ICustomerFold"/>), and the customer row.
/// </summary>
internal sealed class CustomerIngest(
    string partition,
    IReadOnlyList<ICustomerFold> folds,
    UnmatchedRefunds unmatchedRefunds,
    ProductFacts products,
    DateTimeOffset importedAt,
    uint mark)
{
    /// <summary>
    /// Orders beyond which a customer is saved in several commits, history last: leaves room in a commit for what follows
    /// from the orders.
    /// </summary>
    public const int OrdersPerCommit = 80;

    /// <summary>The changes. Suppressions of addresses come from <paramref name="suppressed"/>.</summary>
    public async ValueTask<CustomerWrite> DecideAsync(
        CustomerContent content, StoredCustomers stored, Func<string, string?> suppressed, CancellationToken cancellation)
    {
        var write = new CustomerWrite(content);
        var key = Tables.Customer(content.Key);
        var row = await stored.RowAsync(key, cancellation);
        var before = row is null ? null : RowCodec.Decode<CustomerRow>(row.Payload);
        var after = WithSuppressions(CustomerMerge.Merge(before, content, importedAt, mark), suppressed);
        var revised = after != before; // What did not change is still the same object, so that equality of records serves.
        var change = new Change(partition, content, stored, after);
        var tally = content.Orders.Count == 0 ? default : await OrdersAsync(change, write, cancellation);
        foreach (var fold in folds)
        {
            if (change.ChangedRows.Count > 0 || (revised && fold.FollowsCustomer))
            {
                write.AddRange(await fold.FoldAsync(change, cancellation));
            }
        }

        if (content.Orders.Exists(GivesBack))
        {
            tally = tally with { UnmatchedRefundMinor = unmatchedRefunds(await change.AllOrdersAsync(cancellation)) };
        }

        if (revised)
        {
            write.Add(RowOperation.Write(key, RowCodec.Encode(after), row?.ETag));
        }

        write.Tally = tally with { NewCustomers = before is null || before.CreatedBy == mark ? 1 : 0 };
        return write;
    }

    private async ValueTask<Tally> OrdersAsync(Change change, CustomerWrite write, CancellationToken cancellation)
    {
        var tally = default(Tally);
        // Beyond one commit, a crash may leave orders without their history: fold everything then, whatever was there.
        var many = change.Content.Orders.Count > OrdersPerCommit;
        change.MustRefold = many;
        foreach (var order in change.Content.Orders)
        {
            var key = Tables.Order(change.Key, order.OrderId);
            var row = await change.StoredOrderAsync(key, cancellation);
            if (row is null)
            {
                tally = tally with { New = tally.New + 1 };
                var filled = await products.FilledAsync(order, cancellation);
                write.Add(new RowOperation.Insert(key, RowCodec.Encode(filled)));
                change.ChangedRows.Add(filled);
                continue;
            }

            var before = RowCodec.Decode<OrderRow>(row.Payload);
            if (Same(before, order))
            {
                // Written by an earlier run of this part: counts as it did then.
                tally = (before.WrittenBy & ~1u) != mark ? tally with { Unchanged = tally.Unchanged + 1 }
                    : (before.WrittenBy & 1) == 0 ? tally with { New = tally.New + 1 }
                    : tally with { Replaced = tally.Replaced + 1 };
                if (many)
                {
                    change.ChangedRows.Add(before);
                }
            }
            else if (order.RevisedAt > before.RevisedAt)
            {
                tally = tally with { Replaced = tally.Replaced + 1 };
                var replacement = (await products.FilledAsync(order, cancellation)) with { WrittenBy = mark | 1 };
                write.Add(new RowOperation.Replace(key, RowCodec.Encode(replacement), row.ETag));
                change.ChangedRows.Add(replacement);
                change.MustRefold = true;
            }
            else
            {
                tally = tally with { Ignored = tally.Ignored + 1 };
            }
        }

        change.ChangedRows.Sort(Change.Compare);
        return tally;
    }

    private static bool GivesBack(OrderRow order) => Array.Exists(order.Lines, l => l.Quantity < 0);

    /// <summary>The same but for when and by whom it was written. By value: the bytes of times hold padding that may differ.</summary>
    private static bool Same(OrderRow a, OrderRow b) =>
        a.OrderedAt == b.OrderedAt
        && string.Equals(a.OrderId, b.OrderId, StringComparison.Ordinal)
        && string.Equals(a.CustomerId, b.CustomerId, StringComparison.Ordinal)
        && string.Equals(a.Event, b.Event, StringComparison.Ordinal)
        && string.Equals(a.CouponCode, b.CouponCode, StringComparison.Ordinal)
        && string.Equals(a.Country, b.Country, StringComparison.Ordinal)
        && SameLines(a.Lines, b.Lines);

    /// <summary>What the import says of the lines is what is stored: cost and category that it leaves open came from elsewhere.</summary>
    private static bool SameLines(OrderLine[] stored, OrderLine[] said)
    {
        if (stored.Length != said.Length)
        {
            return false;
        }

        for (var i = 0; i < said.Length; i++)
        {
            if (stored[i] != said[i] && stored[i] != said[i] with { UnitCostMinorE4 = said[i].UnitCostMinorE4 ?? stored[i].UnitCostMinorE4, Category = said[i].Category ?? stored[i].Category })
            {
                return false;
            }
        }

        return true;
    }

    private static CustomerRow WithSuppressions(CustomerRow row, Func<string, string?> suppressed)
    {
        if (row.Email is not null && row.EmailSuppression is null && suppressed(row.Email) is { } byEmail)
        {
            row = row with { EmailSuppression = byEmail };
        }

        return row.Phone is not null && row.SmsSuppression is null && suppressed(row.Phone) is { } bySms ? row with { SmsSuppression = bySms } : row;
    }

    private sealed class Change(string partition, CustomerContent content, StoredCustomers stored, CustomerRow customer) : CustomerChange
    {
        private static readonly Dictionary<string, Row> NothingStored = [];

        private List<OrderRow>? all;
        private Dictionary<string, Row>? storedOrders;

        public CustomerContent Content { get; } = content;

        public List<OrderRow> ChangedRows { get; } = [];

        public bool MustRefold { get; set; }

        public override string Partition => partition;

        public override CustomerKey Key => Content.Key;

        public override string CustomerId => Content.CustomerId;

        public override CustomerRow? Customer => customer;

        public override IReadOnlyList<OrderRow> Changed => ChangedRows;

        public override bool Replaces => MustRefold;

        public static int Compare(OrderRow a, OrderRow b)
        {
            var byTime = a.OrderedAt.UtcTicks.CompareTo(b.OrderedAt.UtcTicks);
            return byTime != 0 ? byTime : string.CompareOrdinal(a.OrderId, b.OrderId);
        }

        public override async ValueTask<IReadOnlyList<OrderRow>> AllOrdersAsync(CancellationToken cancellation)
        {
            // Mostly nothing is stored yet, and then all orders are those that change, sorted already.
            var loaded = await LoadAsync(cancellation);
            if (loaded.Count == 0)
            {
                return ChangedRows;
            }

            if (all is null)
            {
                var changed = new HashSet<string>(ChangedRows.Select(o => Tables.Order(Key, o.OrderId)), StringComparer.Ordinal);
                all = [.. ChangedRows];
                foreach (var (key, row) in loaded)
                {
                    if (!changed.Contains(key))
                    {
                        all.Add(RowCodec.Decode<OrderRow>(row.Payload));
                    }
                }

                all.Sort(Compare);
            }

            return all;
        }

        public override ValueTask<Row?> RowAsync(string key, CancellationToken cancellation) => stored.RowAsync(key, cancellation);

        public override IAsyncEnumerable<Row> RowsAsync(string prefix, CancellationToken cancellation) => stored.RowsAsync(prefix, cancellation);

        /// <summary>A stored order. A few are read one by one; for more, all of the customer's orders are read once.</summary>
        public async ValueTask<Row?> StoredOrderAsync(string key, CancellationToken cancellation) =>
            storedOrders is null && stored.ReadsOneByOne && Content.Orders.Count <= 3
                ? await stored.RowAsync(key, cancellation)
                : (await LoadAsync(cancellation)).GetValueOrDefault(key);

        private async ValueTask<Dictionary<string, Row>> LoadAsync(CancellationToken cancellation)
        {
            if (storedOrders is null && stored.IsEmpty)
            {
                storedOrders = NothingStored;
            }
            else if (storedOrders is null)
            {
                storedOrders = new(StringComparer.Ordinal);
                await foreach (var row in stored.RowsAsync(Tables.Orders(Key), cancellation))
                {
                    storedOrders.Add(row.Key, row);
                }
            }

            return storedOrders;
        }
    }
}
