using Campaigns.Functions.Access;
using Campaigns.Functions.Console.Pages;

namespace Campaigns.Functions.Console;

/// <summary>Signing in with an API key, and out.</summary>
public static class SignInRoutes
{
    /// <summary>The most bytes of the sign-in form: a key has at most 512.</summary>
    private const long FormBytes = 8 * 1024;

    /// <summary>Maps <c>/signin</c> and <c>/signout</c>.</summary>
    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        app.MapGet("/signin", async (HttpContext context, PageFrames frames, CancellationToken c) =>
            Page.Show<SignInPage>(await frames.OfAsync(context, c), null));
        app.MapPost("/signin", SignInAsync);
        app.MapPost("/signout", (HttpContext context) =>
        {
            context.Response.Cookies.Delete(SignIn.Cookie, Options(context));
            return Page.GoTo("/signin");
        });
    }

    private static async Task<IResult> SignInAsync(HttpContext context, SignIn signIn, PageFrames frames, CancellationToken cancellation)
    {
        if (!context.Request.HasFormContentType || context.Request.ContentLength is null or > FormBytes)
        {
            return Results.BadRequest();
        }

        var key = (await context.Request.ReadFormAsync(cancellation))["key"].ToString().Trim();
        if (await signIn.CookieForAsync(key, cancellation) is not { } cookie)
        {
            return Page.Show<SignInPage>(
                await frames.OfAsync(context, cancellation),
                "This key is not valid. The admin's key was printed when the app first started; ./campaigns serve --new-key makes another.",
                StatusCodes.Status401Unauthorized);
        }

        context.Response.Cookies.Append(SignIn.Cookie, cookie, Options(context, SignIn.Lasts));
        return Page.GoTo("/");
    }

    /// <summary>No script reads it, no other site sends it, and behind https it never goes in the clear.</summary>
    private static CookieOptions Options(HttpContext context, TimeSpan? lasts = null) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps || string.Equals(context.Request.Headers["X-Forwarded-Proto"].ToString(), "https", StringComparison.OrdinalIgnoreCase),
        MaxAge = lasts,
        Path = "/",
        IsEssential = true,
    };
}
