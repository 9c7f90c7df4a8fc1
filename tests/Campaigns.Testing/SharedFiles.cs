using Xunit;

namespace Campaigns.Testing;

/// <summary>
/// Real data and provider contracts, kept beside the repository and never in it: the folder <c>../shared</c>,
/// or the one that the environment variable CAMPAIGNS_SHARED names. Tests that need a file that is not there are skipped.
/// </summary>
public static class SharedFiles
{
    public static string Folder { get; } =
        Environment.GetEnvironmentVariable("CAMPAIGNS_SHARED") is { Length: > 0 } named
            ? Path.GetFullPath(named)
            : RepositoryRoot.Combine("../shared");

    /// <param name="relative">Path below the shared folder, as <c>data/online_retail.csv.gz</c>.</param>
    public static bool Has(string relative) => File.Exists(Path.Combine(Folder, relative));

    /// <summary>The file's full path; skips the calling test when it is not there.</summary>
    public static string Require(string relative)
    {
        if (!Has(relative))
        {
            Assert.Skip($"needs ../shared/{relative}, which is not here");
        }

        return Path.Combine(Folder, relative);
    }
}
