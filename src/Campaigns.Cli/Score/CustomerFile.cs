using System.Globalization;
using System.Text;
using Campaigns.Core.Profiles;
using Campaigns.Core.Profiles.Scores;

namespace Campaigns.Cli.Score;

/// <summary>The CSV with a row per customer. Columns are explained in <c>docs/score.md</c>; what is not known is empty.</summary>
internal sealed class CustomerFile : IAsyncDisposable
{
    private const string Header =
        "customer_id,orders,order_days,first_order,last_order,days_since_last_order,mean_gap_days,spend,average_order,lines,discounted_lines,"
        + "discount_share,discount_depth,price_sensitive,recency,frequency,monetary,rfm_name,probability_active,order_probability,expected_orders,"
        + "expected_order_value,expected_spend,lifetime_value,risk_score,segment,reason,segments,preliminary";

    private readonly StreamWriter writer;
    private readonly Scored scored;
    private readonly StringBuilder row = new();

    private CustomerFile(StreamWriter writer, Scored scored) => (this.writer, this.scored) = (writer, scored);

    /// <summary>Creates the file, in place of one that is there.</summary>
    public static CustomerFile Create(string path, Scored scored)
    {
        var file = new StreamWriter(path, append: false, new UTF8Encoding(false), 1 << 16) { NewLine = "\n" };
        file.WriteLine(Header);
        return new CustomerFile(file, scored);
    }

    /// <summary>Writes a customer.</summary>
    public void Write(PurchaseHistory history, in CustomerScores scores, string? rfmName, IReadOnlyList<string> segments, string reason)
    {
        row.Clear();
        Text(NameOf(history.CustomerId));
        Add($"{history.Orders},{history.OrderDays},{history.FirstOrderAt:yyyy-MM-dd},{history.LastOrderAt:yyyy-MM-dd}");
        Add($"{Rfm.RecencyDays(history, scored.AsOf)}");
        Number(history.MeanGapDays, 1);
        Amount(history.SpendMinor);
        Amount((double)history.SpendMinor / history.Orders);
        Add($"{history.Lines},{history.DiscountedLines}");
        Number(scores.DiscountShare, 4);
        Number(scores.DiscountDepth, 4);
        Add($"{(scores.IsPriceSensitive is { } sensitive ? sensitive ? "yes" : "no" : "")}");
        var rfm = scores.Rfm;
        Add($"{rfm?.Recency},{rfm?.Frequency},{rfm?.Monetary}");
        Text(rfmName ?? "");
        Number(scores.ProbabilityActive, 4);
        Number(scores.OrderProbability, 4);
        Number(scores.ExpectedOrders, 4);
        Amount(scores.ExpectedOrderMinor);
        Amount(scores.ExpectedSpendMinor);
        Amount(scores.LifetimeValueMinor);
        Number(scores.RiskScore, 4);
        Text(segments.Count == 0 ? "" : segments[0]);
        Text(reason);
        Text(string.Join(' ', segments));
        Add($"{(scored.Model.IsPreliminary ? "yes" : "no")}");
        row.Length--;
        writer.Write(row.Append('\n'));
    }

    /// <summary>The customer as the file has it: ids made from an address are the address.</summary>
    private static string NameOf(string id) =>
        id.StartsWith("email:", StringComparison.Ordinal) || id.StartsWith("phone:", StringComparison.Ordinal) ? id["email:".Length..] : id;

    public async ValueTask DisposeAsync() => await writer.DisposeAsync();

    private void Add(FormattableString text) => row.Append(text.ToString(CultureInfo.InvariantCulture)).Append(',');

    private void Number(double? value, int decimals) =>
        row.Append(value is { } number && double.IsFinite(number) ? Math.Round(number, decimals).ToString(CultureInfo.InvariantCulture) : "").Append(',');

    private void Amount(double? minor) =>
        row.Append(minor is { } amount && double.IsFinite(amount) ? scored.Major(amount).ToString(CultureInfo.InvariantCulture) : "").Append(',');

    private void Text(string text)
    {
        if (text.AsSpan().ContainsAny("\",\r\n"))
        {
            row.Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }
        else
        {
            row.Append(text);
        }

        row.Append(',');
    }
}
