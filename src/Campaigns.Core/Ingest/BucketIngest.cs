using Campaigns.Core.Ingest.Spill;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>Saves the customers of one bucket. Memory holds a block of customers, whatever the size of the import.</summary>
internal sealed class BucketIngest
{
    /// <summary>Customers whose addresses are written and looked up together.</summary>
    private const int BlockSize = 512;

    /// <summary>An import with fewer records than this in a bucket reads customers one by one.</summary>
    private const int FewRecords = 500;

    /// <summary>A customer in conflict again and again is a fault, not bad luck.</summary>
    private const int MaxAttempts = 50;

    private readonly JobContext context;
    private readonly string partition;
    private readonly CustomerIngest ingest;
    private readonly AddressBook addresses;
    private readonly StoredCustomers stored;
    private readonly StoredCustomers afresh;
    private readonly SemaphoreSlim deciding = new(1, 1); // Folds are not for several threads, and conflicts come from commits under way.
    private readonly HashSet<string> erased = new(StringComparer.Ordinal);
    private readonly DateTimeOffset importedAt;
    private readonly uint mark;
    private ImportSummary content = new();
    private Tally tally;

    private BucketIngest(JobContext context, int part, Extent extent, IReadOnlyList<ICustomerFold> folds, UnmatchedRefunds unmatchedRefunds, ProductFacts products)
    {
        this.context = context;
        partition = Bucketing.Partition(part);
        importedAt = context.Head.AsOf;
        mark = Imports.MarkOf(context.Head.Job);
        ingest = new CustomerIngest(partition, folds, unmatchedRefunds, products, importedAt, mark);
        addresses = new AddressBook(context.Rows, context.Settings);
        stored = new StoredCustomers(context.Rows, partition, extent);
        afresh = new StoredCustomers(context.Rows, partition, Extent.Few);
    }

    /// <summary>Prepares the folds and sees how much of the bucket is touched.</summary>
    public static async ValueTask<BucketIngest> OpenAsync(
        JobContext context, int part, long records, IReadOnlyList<ICustomerFold> folds, UnmatchedRefunds unmatchedRefunds, CancellationToken cancellation)
    {
        foreach (var fold in folds)
        {
            await fold.BeginAsync(cancellation);
        }

        var first = await context.Rows.RangeAsync(Tables.Customers, Bucketing.Partition(part), " ", "\x7e", 1, null, cancellation);
        var extent = first is { Rows.Count: 0, Continuation: null } ? Extent.Empty : records < FewRecords ? Extent.Few : Extent.Many;
        var bucket = new BucketIngest(context, part, extent, folds, unmatchedRefunds, await ProductFacts.OpenAsync(context.Rows, records, cancellation));
        await foreach (var row in context.Rows.ScanPrefixAsync(Tables.Customers, Bucketing.Partition(part), Tables.AllErased, cancellation))
        {
            bucket.erased.Add(row.Key[Tables.AllErased.Length..]);
        }

        return bucket;
    }

    /// <summary>Saves all customers in the merged runs; what was counted.</summary>
    public async ValueTask<ImportSummary> RunAsync(SpillMerge merge, CancellationToken cancellation)
    {
        var reader = new ContentReader(merge, importedAt, mark);
        await using var writer = new BulkWriter(context.Rows, Tables.Customers, partition, RedoAsync);
        var block = new List<CustomerContent>(BlockSize);
        while (true)
        {
            var next = await reader.NextAsync(cancellation);
            if (next is not null)
            {
                block.Add(next);
            }

            if (block.Count == BlockSize || (next is null && block.Count > 0))
            {
                var before = context.Progress;
                await SaveAsync(block, writer, cancellation);
                context.Advance(reader.Entries - before);
                block.Clear();
            }

            if (next is null)
            {
                break;
            }
        }

        await writer.CompleteAsync(cancellation);
        return content with
        {
            New = tally.New,
            Unchanged = tally.Unchanged,
            Replaced = tally.Replaced,
            Ignored = tally.Ignored,
            NewCustomers = tally.NewCustomers,
            UnmatchedRefundMinor = tally.UnmatchedRefundMinor,
        };
    }

    private async ValueTask SaveAsync(List<CustomerContent> block, BulkWriter writer, CancellationToken cancellation)
    {
        LeaveOut(block, erased);
        var pairs = AddressesOf(block);
        var suppressions = new Dictionary<string, string>(StringComparer.Ordinal);
        if (pairs.Count > 0)
        {
            await SuppressAsync(block, cancellation);
            await FindSuppressionsAsync(pairs, suppressions, cancellation);
            if (suppressions.ContainsValue(AddressBook.Erased))
            {
                LeaveOut(block, pairs.Where(p => suppressions.GetValueOrDefault(Addresses.Comparable(p.Address)) == AddressBook.Erased).Select(p => p.Customer.Text).ToHashSet(StringComparer.Ordinal));
                pairs = AddressesOf(block);
            }

            await addresses.AddAsync(pairs.Select(p => (p.Address, p.Customer)), cancellation);
        }

        foreach (var customer in block)
        {
            Count(customer);
            var write = await DecideAsync(customer, stored, a => suppressions.GetValueOrDefault(Addresses.Comparable(a)), cancellation);
            await writer.AddAsync(write, cancellation);
        }

        if (pairs.Count > 0)
        {
            // An opt-out between the look-up and the commit found no customer row to mark: look once more, now that they stand.
            await writer.CompleteAsync(cancellation);
            await FindSuppressionsAsync(pairs, suppressions, cancellation);
            foreach (var (address, customer, channel) in pairs)
            {
                if (suppressions.TryGetValue(Addresses.Comparable(address), out var reason))
                {
                    await addresses.CopyAsync(Tables.Customer(customer), channel, address, reason, cancellation);
                }
            }
        }
    }

    /// <summary>Writes the suppressions that the content brings, before the customers: they hold for the address, whoever has it.</summary>
    private async ValueTask SuppressAsync(List<CustomerContent> block, CancellationToken cancellation)
    {
        foreach (var (channel, address, reason, at) in block.SelectMany(c => c.Suppressions(importedAt)))
        {
            await addresses.SuppressAsync(channel, address, reason, at, cancellation);
        }
    }

    /// <summary>Erased customers do not come back: neither they nor their orders.</summary>
    private void LeaveOut(List<CustomerContent> block, HashSet<string> customers)
    {
        if (customers.Count > 0)
        {
            content = content with { Erased = content.Erased + block.RemoveAll(c => customers.Contains(c.Key.Text)) };
        }
    }

    /// <summary>Decides a customer, and saves ahead what does not fit into one commit; gives what belongs into the last.</summary>
    private async ValueTask<CustomerWrite> DecideAsync(
        CustomerContent customer, StoredCustomers from, Func<string, string?> suppressed, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            await deciding.WaitAsync(cancellation);
            CustomerWrite write;
            try
            {
                write = await ingest.DecideAsync(customer, attempt == 0 ? from : afresh, suppressed, cancellation);
            }
            finally
            {
                deciding.Release();
            }

            if (await SaveAheadAsync(write, cancellation))
            {
                Add(write.Tally, 1);
                return write;
            }
        }

        throw new IOException($"Customer {customer.Key} was changed by others {MaxAttempts} times in a row; try again.");
    }

    /// <summary>Orders first, in commits of their own, until the rest fits into one. False where somebody else changed one of them.</summary>
    private async ValueTask<bool> SaveAheadAsync(CustomerWrite write, CancellationToken cancellation)
    {
        while (write.Count > RowLimits.OperationsPerCommit || write.Bytes > RowLimits.BytesPerCommit)
        {
            var (count, bytes) = (0, 0L);
            while (count < Math.Min(RowLimits.OperationsPerCommit, write.Count)
                && write[count].Key.StartsWith("o|", StringComparison.Ordinal) && bytes + write[count].Size <= RowLimits.BytesPerCommit)
            {
                bytes += write[count++].Size;
            }

            if (count == 0)
            {
                throw new InvalidDataException($"What follows from the orders of customer {write.Content.Key} does not fit into one commit.");
            }

            if (await context.Rows.CommitAsync(Tables.Customers, partition, write.GetRange(0, count), cancellation) is CommitResult.Conflict)
            {
                return false;
            }

            write.RemoveRange(0, count);
        }

        return true;
    }

    private async ValueTask<IReadOnlyList<RowOperation>> RedoAsync(BulkConflict conflict, CancellationToken cancellation)
    {
        var write = (CustomerWrite)conflict.Group;
        Add(write.Tally, -1);
        var customer = write.Content;
        var suppressions = new Dictionary<string, string>(StringComparer.Ordinal);
        await FindSuppressionsAsync(AddressesOf([customer]), suppressions, cancellation);
        return await DecideAsync(customer, afresh, a => suppressions.GetValueOrDefault(Addresses.Comparable(a)), cancellation);
    }

    private async ValueTask FindSuppressionsAsync(
        List<(string Address, CustomerKey Customer, Channel Channel)> pairs, Dictionary<string, string> found, CancellationToken cancellation)
    {
        foreach (var (address, _, _) in pairs)
        {
            if (await addresses.SuppressionAsync(address, cancellation) is { } row)
            {
                found[Addresses.Comparable(address)] = row.Reason;
            }
        }
    }

    private static List<(string Address, CustomerKey Customer, Channel Channel)> AddressesOf(List<CustomerContent> block) =>
        [.. block.SelectMany(c => c.Addresses().Select(a => (a.Address, c.Key, a.Channel)))];

    private void Add(Tally t, int sign)
    {
        lock (deciding)
        {
            tally = new Tally(
                tally.New + (sign * t.New),
                tally.Unchanged + (sign * t.Unchanged),
                tally.Replaced + (sign * t.Replaced),
                tally.Ignored + (sign * t.Ignored),
                tally.NewCustomers + (sign * t.NewCustomers),
                tally.UnmatchedRefundMinor + (sign * t.UnmatchedRefundMinor));
        }
    }

    /// <summary>What the content holds, whatever was stored before.</summary>
    private void Count(CustomerContent customer)
    {
        var (gross, refunds) = (0L, 0L);
        var (first, last) = (content.FirstOrderAt, content.LastOrderAt);
        foreach (var order in customer.Orders)
        {
            first = first is { } f && f <= order.OrderedAt ? first : order.OrderedAt;
            last = last is { } l && l >= order.OrderedAt ? last : order.OrderedAt;
            foreach (var line in order.Lines)
            {
                gross += line.Quantity > 0 ? line.AmountMinor : 0;
                refunds -= line.Quantity < 0 ? line.AmountMinor : 0;
            }
        }

        content = content with
        {
            Customers = content.Customers + 1,
            Orders = content.Orders + customer.Orders.Count,
            GrossMinor = content.GrossMinor + gross,
            RefundMinor = content.RefundMinor + refunds,
            FirstOrderAt = first,
            LastOrderAt = last,
        };
    }
}
