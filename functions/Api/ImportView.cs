using System.Globalization;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;

namespace Campaigns.Functions.Api;

/// <summary>An import as others see it.</summary>
/// <param name="Id">Id.</param>
/// <param name="Name">Name of the file, or "queue".</param>
/// <param name="Status">Running, Done or Failed.</param>
/// <param name="Problem">Why it failed and what to do, or null.</param>
/// <param name="Share">Share done of the stage under way, in [0, 1]; null where its size is not known.</param>
/// <param name="Sentence">What it came to, in words; null while it runs.</param>
/// <param name="Summary">What it came to, in figures; null before anything is known.</param>
/// <param name="AsksColumns">It has failed because its header says too little, and goes on under another id once somebody says what the columns are.</param>
public sealed record ImportView(string Id, string Name, string Status, string? Problem, double? Share, string? Sentence, ImportSummary? Summary, bool AsksColumns)
{
    /// <summary>The view of an import.</summary>
    public static ImportView Of(ImportProgress import) => new(
        import.Id,
        import.Name,
        import.Status.ToString(),
        import.Problem,
        import.Status == JobStatus.Done ? 1 : import.Total == 0 ? null : (double)import.Done / import.Total,
        import is { Status: JobStatus.Done, Summary: { } summary } ? SentenceOf(import.Name, summary) : null,
        import.Summary,
        import.AsksColumns);

    private static string SentenceOf(string name, ImportSummary s)
    {
        var what = s.Subject == ImportSubject.Products ? $"{s.Products:N0} products"
            : s.Subject == ImportSubject.Customers ? $"{s.Customers:N0} customers, {s.NewCustomers:N0} of them new"
            : $"{s.Orders:N0} orders of {s.Customers:N0} customers ({s.New:N0} new, {s.Replaced:N0} replaced, {s.Unchanged:N0} known already)";
        var reasons = s.Rejected == 0 ? "" : " (" + string.Join(", ", s.RejectedByReason.OrderByDescending(r => r.Value).Take(3).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Value:N0} {r.Key}"))) + ")";
        var contactable = s.ContactableByEmail is { } email ? $" Contactable: {email:N0} by e-mail, {s.ContactableBySms ?? 0:N0} by SMS." : "";
        var erased = s.Erased > 0 ? FormattableString.Invariant($" {s.Erased:N0} of the customers were erased before and left out.") : "";
        return FormattableString.Invariant($"{name}: {s.Rows:N0} rows, {what}; {s.Rejected:N0} rows rejected{reasons}.{erased}{contactable}");
    }
}
