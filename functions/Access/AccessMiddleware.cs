namespace Campaigns.Functions.Access;

/// <summary>
/// Nothing is open by default: every route needs an API key (header <c>X-Api-Key</c> or <c>Authorization: Bearer</c>) or the
/// console's cookie, but those that <see cref="IsOpen"/> lets through. Changes by cookie must come from our own pages.
/// </summary>
public sealed class AccessMiddleware(RequestDelegate next)
{
    /// <summary>Scripts, styles, pictures and data come from this app alone; nothing inline.</summary>
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'";

    /// <summary>
    /// Without a key: endpoints that are marked so (health, signed links, signed webhooks), the sign-in page, and static
    /// files. It rests on the endpoint that the router chose, not on how the path begins: a page for unknown addresses
    /// below an open prefix is not open.
    /// </summary>
    public static bool IsOpen(HttpContext context)
    {
        var (endpoint, path) = (context.GetEndpoint(), context.Request.Path);
        return endpoint is null
            ? path.StartsWithSegments("/assets", StringComparison.OrdinalIgnoreCase)
            : endpoint.Metadata.GetMetadata<OpenMark>() is not null || (path.Equals("/signin", StringComparison.OrdinalIgnoreCase) && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsPost(context.Request.Method)));
    }

    /// <summary>Lets the request through, or answers 401, 403, or the sign-in page.</summary>
    public async Task InvokeAsync(HttpContext context, ApiKeys keys, SignIn signIn)
    {
        Secure(context);
        // An answer to a failure starts anew, without the headers that were set; it gets them when it is sent.
        context.Response.OnStarting(() =>
        {
            Secure(context);
            return Task.CompletedTask;
        });
        if (IsOpen(context) || IsTrigger(context))
        {
            await next(context);
        }
        else if (await keys.VerifyAsync(KeyOf(context.Request), context.RequestAborted) is { } key)
        {
            Caller.Note(context, key);
            await next(context);
        }
        else if (await signIn.VerifyAsync(context.Request.Cookies[SignIn.Cookie], context.RequestAborted) is not { } keyOfCookie)
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
            Caller.Note(context, keyOfCookie);
            await next(context);
        }
    }

    /// <summary>Sets the headers that a page has not set itself.</summary>
    private static void Secure(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.TryAdd("Content-Security-Policy", ContentPolicy);
        headers.TryAdd("X-Content-Type-Options", "nosniff");
        headers.TryAdd("Referrer-Policy", "no-referrer");
        if (!context.Request.Path.StartsWithSegments("/assets", StringComparison.OrdinalIgnoreCase))
        {
            headers.TryAdd("Cache-Control", "no-store");
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

/// <summary>Marks the endpoints that need no key: they prove themselves by a signature, or say nothing worth a key.</summary>
public sealed class OpenMark;

/// <summary>Marks the endpoints that the Functions host calls.</summary>
public sealed class TriggerMark;
