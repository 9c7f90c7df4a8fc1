namespace Campaigns.Testing;

/// <summary>The folder that holds <c>Campaigns.sln</c>, found upward from the test's own binary.</summary>
public static class RepositoryRoot
{
    private static readonly Lazy<string> Found = new(Find);

    public static string Path => Found.Value;

    /// <param name="relative">Path below the root, with forward slashes.</param>
    public static string Combine(string relative) => System.IO.Path.GetFullPath(System.IO.Path.Combine(Path, relative));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Campaigns.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Campaigns.sln in {AppContext.BaseDirectory} or above it.");
    }
}
