using System.Text.Json;

namespace Campaigns.Repository.Tests;

public class HostFileTests
{
    [Fact]
    public void The_host_file_starts_our_own_program_and_lets_http_stream_through()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(RepositoryRoot.Combine("host.json")));
        var root = file.RootElement;
        var handler = root.GetProperty("customHandler");

        Assert.Equal("Campaigns.Functions", handler.GetProperty("description").GetProperty("defaultExecutablePath").GetString());
        Assert.True(handler.GetProperty("enableProxyingHttpRequest").GetBoolean());
        Assert.Equal("", root.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());
    }
}
