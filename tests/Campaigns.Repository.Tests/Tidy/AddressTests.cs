using System.Text.RegularExpressions;

namespace Campaigns.Repository.Tests.Tidy;

/// <summary>Nothing in the repository depends on one machine or one network.</summary>
public partial class AddressTests
{
    [Fact]
    public void Lock_files_name_no_place_that_packages_come_from()
    {
        var locks = SourceTree.All.Where(f => f.Name == "packages.lock.json").ToList();

        Assert.NotEmpty(locks);
        Assert.Empty(locks.Where(f => f.Text.Contains("://", StringComparison.Ordinal)).Select(f => f.Path));
        Assert.DoesNotContain("\"resolved\": \"http", SourceTree.All.Single(f => f.Path == "package-lock.json").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_project_has_a_lock_file() =>
        Assert.Empty(SourceTree.All.Where(f => f.Name.EndsWith(".csproj", StringComparison.Ordinal)).Select(f => f.Folder + "/packages.lock.json").Except(SourceTree.All.Select(f => f.Path)));

    [Fact]
    public void No_file_names_a_folder_of_a_machine() =>
        Assert.Empty(Found(MachineFolder()));

    [Fact]
    public void No_file_names_a_package_registry() =>
        Assert.Empty(Found(Registry()));

    [Fact]
    public void Folders_and_registries_would_be_found()
    {
        Assert.Matches(MachineFolder(), "see /ho" + "me/ann/campaigns");
        Assert.Matches(MachineFolder(), @"C:\Us" + @"ers\ann");
        Assert.DoesNotMatch(MachineFolder(), "https://example.com/home/page");
        Assert.Matches(Registry(), "https://api.nu" + "get.org/v3/index.json");
        Assert.Matches(Registry(), "http://10.1" + ".2.3:8080/npm");
        Assert.DoesNotMatch(Registry(), "http://127.0.0.1:7071");
    }

    private static IEnumerable<string> Found(Regex pattern) =>
        SourceTree.All.Where(f => !SourceTree.IsVendored(f)).SelectMany(f => f.Lines.Select((line, i) => (line, i)).Where(l => pattern.IsMatch(l.line)).Select(l => $"{f.Path}:{l.i + 1}: {l.line.Trim()}"));

    [GeneratedRegex(@"(?<![\w./}])/(?:home|root|Users|work|tmp)/\w|[A-Z]:\\Users\\")]
    private static partial Regex MachineFolder();

    // Registries by name, and any server by number that is not this machine.
    [GeneratedRegex(@"https?://(?:api\.nuget\.org|registry\.|[\w.-]*(?:artifactory|nexus|proxy)|pkgs\.|(?!127\.|0\.0\.0\.0)\d+\.\d+\.\d+\.\d+)")]
    private static partial Regex Registry();
}
