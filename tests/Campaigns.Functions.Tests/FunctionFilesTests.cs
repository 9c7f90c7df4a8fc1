using System.Text.Json;
using Campaigns.Core.Jobs;
using Campaigns.Functions.Hosting;
using Campaigns.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Campaigns.Functions.Tests;

/// <summary>Holds every function.json against the classes, the queues that jobs use, and host.json.</summary>
public sealed class FunctionFilesTests
{
    private static readonly string Sources = Path.Combine(RepositoryRoot.Path, "functions");

    private static readonly IReadOnlyList<FunctionFile> Files = FunctionFiles.Read(Sources);

    [Fact]
    public async Task Every_function_has_a_class_and_every_class_a_function()
    {
        await using var app = await AppUnderTest.StartAsync();
        var names = app.App.Services.GetRequiredService<FunctionTable>().Names;
        Assert.Equal(names.Order(StringComparer.Ordinal), Files.Where(f => f.Trigger != "httpTrigger").Select(f => f.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_queue_that_a_job_uses_has_one_function_and_there_is_no_other()
    {
        await using var app = await AppUnderTest.StartAsync();
        var used = app.App.Services.GetServices<IJobStage>().Select(s => s.Queue).Append("touch").Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(used, Files.Where(f => f.Queue is not null).Select(f => f.Queue!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_timer_takes_its_schedule_from_an_app_setting_with_a_default()
    {
        foreach (var file in Files.Where(f => f.Trigger == "timerTrigger"))
        {
            Assert.Equal(file.Name + "Schedule", file.Schedule);
            var schedule = HostSettings.DefaultSchedules[file.Schedule!]!;
            Assert.NotNull(LocalTriggers.LocalTimers.NextTick(schedule, DateTimeOffset.UnixEpoch));
        }
    }

    [Fact]
    public void The_catch_all_is_the_only_http_function_and_its_name_sorts_last()
    {
        var http = Assert.Single(Files, f => f.Trigger == "httpTrigger");
        Assert.Equal(Files.Select(f => f.Name).Order(StringComparer.OrdinalIgnoreCase).Last(), http.Name);
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Sources, http.Name, "function.json")));
        var trigger = json.RootElement.GetProperty("bindings")[0];
        Assert.Equal("{*path}", trigger.GetProperty("route").GetString());
        Assert.Equal("anonymous", trigger.GetProperty("authLevel").GetString());
    }

    [Fact]
    public void Host_json_asks_for_the_custom_handler_with_proxied_requests()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "host.json")));
        var handler = json.RootElement.GetProperty("customHandler");
        Assert.True(handler.GetProperty("enableProxyingHttpRequest").GetBoolean());
        Assert.Equal("Campaigns.Functions", handler.GetProperty("description").GetProperty("defaultExecutablePath").GetString());
        Assert.Equal("", json.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());
        Assert.Equal("base64", json.RootElement.GetProperty("extensions").GetProperty("queues").GetProperty("messageEncoding").GetString());
    }

    [Fact]
    public void The_files_that_the_host_reads_stand_beside_the_binary()
    {
        Assert.Equal(Files, FunctionFiles.Read(AppContext.BaseDirectory));
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, "host.json")));
    }
}
