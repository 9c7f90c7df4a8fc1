using System.Runtime.InteropServices;
using Xunit;

namespace Campaigns.Testing;

/// <summary>The development tools of <c>package.json</c>. Tests that need one are skipped where it is not installed, and fail where CI=true.</summary>
public static class NodeTools
{
    /// <summary>Node itself: the one that package.json installs, or the one on the path where there is none for this platform.</summary>
    public static string Node()
    {
        var architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        var own = RepositoryRoot.Combine($"node_modules/node-linux-{architecture}/bin/node");
        return OperatingSystem.IsLinux() && File.Exists(own) ? own : "node";
    }

    /// <summary>The full path of a script of an installed package; otherwise skips the calling test.</summary>
    /// <param name="script">Path below <c>node_modules</c>.</param>
    public static string Require(string script)
    {
        var path = RepositoryRoot.Combine("node_modules/" + script);
        if (!File.Exists(path))
        {
            var reason = $"needs node_modules/{script}, which is not installed: run ./campaigns test, or npm ci";
            if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
            {
                throw new InvalidOperationException(reason);
            }

            Assert.Skip(reason);
        }

        return path;
    }
}
