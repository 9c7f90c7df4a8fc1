using System.Globalization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;

namespace Campaigns.Cli.Score;

/// <summary>
/// Reads, fits, classifies: the same pure code as an import and a recompute, in memory. Order of the file and of its customers
/// changes nothing.
/// </summary>
internal static class Scoring
{
    /// <summary>Customers between two steps of the progress bar.</summary>
    private const int ProgressEvery = 1_000;

    public static async Task<Scored> RunAsync(ScoreOptions options, CommandProgress progress, CancellationToken cancellation)
    {
        var scheme = await SchemeAsync(options.Segments, cancellation);
        var rfm = await RfmAsync(options.Rfm, cancellation);
        var file = await ReadAsync(options, progress, cancellation);
        var asOf = EndOf(options.AsOf ?? NewestDay(file));
        var (histories, later, unmatched) = Histories(file, asOf, progress, cancellation);
        if (histories.Count == 0)
        {
            throw new JobFailedException($"No order of a customer is left up to {asOf:yyyy-MM-dd}.{Rejects(file)}");
        }

        var settings = Settings(options, file, histories, asOf) with { Rfm = rfm };
        progress.Set("Models", 0);
        var (shop, model) = Fit(histories, file, settings, asOf, progress);
        var scored = new Scored
        {
            Options = options,
            File = file,
            AsOf = asOf,
            LaterOrders = later,
            UnmatchedRefundMinor = unmatched,
            Model = model,
            Shop = shop,
            Scheme = scheme.Scheme,
            Holdout = Holdout.Of(histories, model),
        };
        await using var customers = options.Out is { } path ? CustomerFile.Create(path, scored) : null;
        Classify(scored, scheme, histories, customers, progress, cancellation);
        return scored;
    }

    private static async ValueTask<CompiledScheme> SchemeAsync(string? path, CancellationToken cancellation)
    {
        if (path is null)
        {
            return RetailScheme.Compiled;
        }

        var reading = SchemeJson.Parse(await File.ReadAllBytesAsync(path, cancellation), FieldCatalogue.BuiltIn);
        return reading.Scheme is { } scheme && reading.Faults.Count == 0
            ? new CompiledScheme(scheme, FieldCatalogue.BuiltIn)
            : throw new JobFailedException($"The segments in {Path.GetFileName(path)} cannot be used: {string.Join(' ', reading.Faults)}");
    }

    private static async ValueTask<RfmSettings> RfmAsync(string? path, CancellationToken cancellation)
    {
        if (path is null)
        {
            return new RfmSettings();
        }

        var reading = RfmJson.Parse(await File.ReadAllBytesAsync(path, cancellation));
        return reading.Settings
            ?? throw new JobFailedException($"The RFM settings in {Path.GetFileName(path)} cannot be used: {string.Join(' ', reading.Faults.Select(f => $"{f.Path}: {f.Message}"))}");
    }

    private static async ValueTask<OrderFile> ReadAsync(ScoreOptions options, CommandProgress progress, CancellationToken cancellation)
    {
        if (!File.Exists(options.Orders))
        {
            throw new JobFailedException("there is no such file.");
        }

        var reading = new OrderFileReading { Map = options.Map, DateFormat = options.DateFormat, Now = TimeProvider.System.GetUtcNow() };
        var file = await OrderFile.ReadAsync(() => progress.Open(options.Orders, "Reading orders"), reading, cancellation);
        return file.Customers.Count > 0 ? file : throw new JobFailedException($"No order in the file can be used.{Rejects(file)}");
    }

    private static string Rejects(OrderFile file) =>
        file.Rejected == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {file.Rejected:N0} of {file.Rows:N0} rows left out; most often: {file.RejectedByReason.MaxBy(r => r.Value).Key}.");

    /// <summary>The day of the newest order: of what was bought, not of what came back.</summary>
    private static DateOnly NewestDay(OrderFile file)
    {
        var newest = DateTimeOffset.MinValue;
        foreach (var customer in file.Customers)
        {
            foreach (var order in customer.Orders)
            {
                newest = order.OrderedAt > newest && order.Lines.AsSpan().ContainsAnyPositive() ? order.OrderedAt : newest;
            }
        }

        return newest == DateTimeOffset.MinValue
            ? throw new JobFailedException("The file holds refunds alone, and no order.")
            : DateOnly.FromDateTime(newest.UtcDateTime);
    }

    private static bool ContainsAnyPositive(this Span<OrderLine> lines)
    {
        foreach (ref readonly var line in lines)
        {
            if (line.Quantity > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Histories by customer id, of customers with a net order up to the as-of time; how many orders came later; and everybody's refunds that match no order.</summary>
    private static (List<PurchaseHistory> Histories, int Later, long UnmatchedMinor) Histories(
        OrderFile file, DateTimeOffset asOf, CommandProgress progress, CancellationToken cancellation)
    {
        var (histories, later, unmatched, done) = (new List<PurchaseHistory>(file.Customers.Count), 0, 0L, 0);
        // All orders are kept: histories as they were at the calibration's end are then exact for everybody.
        var builder = new HistoryBuilder(int.MaxValue);
        foreach (var customer in file.Customers)
        {
            var orders = customer.Orders.Where(o => o.OrderedAt <= asOf).ToList();
            later += customer.Orders.Count - orders.Count;
            var history = builder.Refold(customer.CustomerId, orders);
            unmatched += history.UnmatchedRefundMinor;
            if (history.Orders > 0)
            {
                histories.Add(history);
            }

            if (++done % ProgressEvery == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress.Set("Histories", (double)done / file.Customers.Count);
            }
        }

        return (histories, later, unmatched);
    }

    private static ModelSettings Settings(ScoreOptions options, OrderFile file, List<PurchaseHistory> histories, DateTimeOffset asOf)
    {
        DateTimeOffset? end = options.CalibrationEnd is { } day ? EndOf(day) : null;
        if (end > asOf)
        {
            throw new JobFailedException($"--calibration-end {end:yyyy-MM-dd} lies after the as-of day {asOf:yyyy-MM-dd}.");
        }

        if (end is not null && histories.TrueForAll(h => h.FirstOrderAt > end))
        {
            throw new JobFailedException($"No order lies before the end of the calibration, {end:yyyy-MM-dd}.");
        }

        return new ModelSettings
        {
            CalibrationEnd = end == asOf ? null : end,
            DaysPerUnit = options.DaysPerUnit,
            DiscountsKnown = histories.Exists(h => h.DiscountedLines > 0),
            MinorPerUnit = Money.MinorPerMajor(file.Currency),
        };
    }

    /// <summary>The shop's parameters and models, with RFM cut exactly.</summary>
    private static (SegmentParameters Shop, ShopModel Model) Fit(
        List<PurchaseHistory> histories, OrderFile file, ModelSettings settings, DateTimeOffset asOf, CommandProgress progress)
    {
        var survey = new Survey(asOf, settings);
        foreach (var history in histories)
        {
            survey.Add(history);
        }

        progress.Set("Models", 0.2);
        var inputs = new RecomputeInputs
        {
            DiscountsKnown = settings.DiscountsKnown,
            ChurnDays = settings.HorizonDays,
            Models = settings,
            Currency = file.Currency == OrderFile.NoCurrency ? "" : file.Currency,
        };
        var shop = survey.ToSummary().ToParameters("score", asOf, inputs, new HashSet<string>(StringComparer.Ordinal));
        var model = shop.Model! with { Rfm = RfmTable.Of(histories, asOf, settings.Rfm).Cuts(i => histories[i].CustomerId) };
        progress.Set("Models", 1);
        return (shop with { Rfm = model.Rfm, Model = model }, model);
    }

    private static void Classify(
        Scored scored, CompiledScheme scheme, List<PurchaseHistory> histories, CustomerFile? customers, CommandProgress progress, CancellationToken cancellation)
    {
        var done = 0;
        foreach (var history in histories)
        {
            var scores = scored.Model.Score(history, scored.AsOf, scored.Shop.UsualPrices);
            var facts = new CustomerFacts { History = history, Shop = scored.Shop, AsOf = scored.AsOf, Scores = scores };
            var set = scheme.Classify(facts);
            var rfm = scores.Rfm is { } score ? scored.Map?.NameOf(score) : null;
            scored.Count(history, set, rfm, scores.IsPriceSensitive == true);
            if (customers is not null)
            {
                var primary = scored.Scheme.PrimaryOf(set);
                customers.Write(history, scores, rfm, scored.Scheme.IdsOf(set), primary.Length == 0 ? "" : scheme.Explain(facts, primary).Reason);
            }

            if (++done % ProgressEvery == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress.Set("Customers", (double)done / histories.Count);
            }
        }
    }

    /// <summary>The last moment of a day (UTC): orders of the day count, and days since an order are whole days between dates.</summary>
    private static DateTimeOffset EndOf(DateOnly day) => new(day.ToDateTime(TimeOnly.MaxValue), TimeSpan.Zero);
}
