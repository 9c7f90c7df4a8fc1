namespace Campaigns.Functions.Api;

/// <summary>
/// Ids of customers may hold slashes, as those of some shop systems do. In an address they stand as %2F, the one escape that the
/// server leaves as it is, so that a slash within an id parts no path: here it becomes what it stands for, once the route is found.
/// </summary>
public static class RouteSlashes
{
    private const string Escaped = "%2F";

    /// <summary>Reads the values of the route.</summary>
    public static Task ReadAsync(HttpContext context, RequestDelegate next)
    {
        foreach (var (name, value) in context.Request.RouteValues.ToList())
        {
            if (value is string text && text.Contains(Escaped, StringComparison.OrdinalIgnoreCase))
            {
                context.Request.RouteValues[name] = text.Replace(Escaped, "/", StringComparison.OrdinalIgnoreCase);
            }
        }

        return next(context);
    }
}
