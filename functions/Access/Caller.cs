namespace Campaigns.Functions.Access;

/// <summary>Who makes a request: the name of the API key that it came with, or that the console was signed in with.</summary>
public static class Caller
{
    /// <summary>Stands for a key that was removed since the request began.</summary>
    private const string Nobody = "a removed key";

    private static readonly object HashOfKey = new();

    /// <summary>Notes whose key let the request in.</summary>
    public static void Note(HttpContext context, string hash) => context.Items[HashOfKey] = hash;

    /// <summary>The name, for records of who changed what.</summary>
    public static async ValueTask<string> NameAsync(HttpContext context, CancellationToken cancellation) =>
        context.Items[HashOfKey] is string hash
            ? await context.RequestServices.GetRequiredService<ApiKeys>().NameAsync(hash, cancellation) ?? Nobody
            : Nobody;
}
