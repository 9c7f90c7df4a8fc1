using Campaigns.Functions.Console.Pages;

namespace Campaigns.Functions.Console;

/// <summary>Customers found by a query.</summary>
public sealed record CustomerSearchModel(string Query, IReadOnlyList<string> Found);

/// <summary>Finding a customer, and one customer.</summary>
public static class CustomerRoutes
{
    /// <summary>Maps <c>/customers</c>.</summary>
    public static void MapCustomerPages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/customers", async (string? query, HttpContext context, PageFrames frames, CustomerQuery customers, CancellationToken c) =>
        {
            var found = query is null ? [] : await customers.FindAsync(query, c);
            return found.Count == 1
                ? Page.GoTo("/customers/" + Uri.EscapeDataString(found[0]))
                : Page.Show<CustomersPage>(await frames.OfAsync(context, c), new CustomerSearchModel(query?.Trim() ?? "", found));
        });

        // Ids may hold slashes: the rest of the path is the id.
        app.MapGet("/customers/{**id}", async (string id, HttpContext context, PageFrames frames, CustomerQuery customers, CancellationToken c) =>
            await customers.ReadAsync(Uri.UnescapeDataString(id), c) is { } customer
                ? Page.Show<CustomerPage>(await frames.OfAsync(context, c), customer)
                : await Page.MissingAsync(context, frames, "customer", c));
    }
}
