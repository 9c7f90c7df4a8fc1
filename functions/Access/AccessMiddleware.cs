namespace Campaigns.Functions.Access;

/// <summary>
/// Nothing is open by default: every route needs an API key (header <c>X-Api-Key</c> or <c>Authorization: Bearer</c>) or the
/// console's cookie, but those that <see cref="IsOpen"/> names. Changes by cookie must come from our own pages.
/// </summary>
public sealed class AccessMiddleware(RequestDelegate next)
{
    /// <summary>Scripts, styles, pictures and data come from this app alone; nothing inline.</summary>
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'";

    /// <summary>Routes without a key: health, the sign-in page, static files, signed links and signed webhooks.</summary>
    public static bool IsOpen(PathString path) =>
        path.Equals("/api/health", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/signin", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/assets", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/t", StringComparison.Ordinal)
        || path.StartsWithSegments("/u", StringComparison.Ordinal)
        || path.StartsWithSegments("/webhooks", StringComparison.Ordinal);

    /// <summary>Lets the request through, or answers 401, 403, or the sign-in page.</summary>
    public async Task InvokeAsync(HttpContext context, ApiKeys keys, SignIn signIn)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (!context.Request.Path.StartsWithSegments("/assets", StringComparison.OrdinalIgnoreCase))
        {
            headers.CacheControl = "no-store";
        }

        if (IsOpen(context.Request.Path) || IsTrigger(context) || await keys.VerifyAsync(KeyOf(context.Request), context.RequestAborted) is not null)
        {
            await next(context);
        }
        else if (!await signIn.VerifyAsync(context.Request.Cookies[SignIn.Cookie], context.RequestAborted))
        {
            await RefuseAsync(context);
        }
        else if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !FromOurPages(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsJsonAsync(new { error = "This change did not come from a page of this console." }, context.RequestAborted);
        }
        else
        {
            await next(context);
        }
    }

    private static string? KeyOf(HttpRequest request)
    {
        const string Bearer = "Bearer ";
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..] : request.Headers["X-Api-Key"].ToString();
    }

    /// <summary>Trigger endpoints guard themselves: see <c>TriggerEndpoints</c>. They are mapped only under the Functions host.</summary>
    private static bool IsTrigger(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<TriggerMark>() is not null;

    private static bool FromOurPages(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        return site.Length > 0
            ? site == "same-origin"
            : Uri.TryCreate(request.Headers.Origin.ToString(), UriKind.Absolute, out var origin) && origin.Authority == request.Host.Value;
    }

    private static Task RefuseAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) || !HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return context.Response.WriteAsJsonAsync(
                new { error = "An API key is needed: send it in the header X-Api-Key. The admin key was printed when the app first started." }, context.RequestAborted);
        }

        context.Response.Redirect("/signin");
        return Task.CompletedTask;
    }
}

/// <summary>Marks the endpoints that the Functions host calls.</summary>
public sealed class TriggerMark;
