namespace Campaigns.Functions.Console;

/// <summary>A message's HTML in a frame of its own: no script, no form, no access to the console, whatever the template says.</summary>
public static class FramedMessage
{
    private const string ContentPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

    /// <summary>The answer that a frame shows.</summary>
    public static IResult Html(HttpContext context, string html)
    {
        context.Response.Headers.ContentSecurityPolicy = ContentPolicy;
        return Results.Text(ExampleMessages.WithoutOpenPicture(html), "text/html; charset=utf-8");
    }
}
