using Campaigns.Core.Jobs;
using Campaigns.Core.Storage;
using Campaigns.Functions.Access;
using Campaigns.Functions.LocalTriggers;

namespace Campaigns.Functions.Hosting;

/// <summary>The composition root: which implementation stands behind which port, and which steps the jobs have.</summary>
public static class Composition
{
    /// <summary>Registers the app. <paramref name="root"/> holds host.json and the function folders.</summary>
    public static IServiceCollection AddCampaigns(this IServiceCollection services, IConfiguration configuration, string root, bool underHost)
    {
        var options = configuration.GetSection(CampaignsOptions.Section).Get<CampaignsOptions>() ?? new CampaignsOptions();
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(s => StorePorts.Open(configuration, options, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => s.GetRequiredService<StorePorts>().Rows);
        services.AddSingleton(s => s.GetRequiredService<StorePorts>().Queues);
        services.AddSingleton(s => s.GetRequiredService<StorePorts>().Blobs);
        services.AddSingleton<Workspace>();
        services.AddSingleton<WorkQueues>();
        services.AddSingleton<QueueWork>();
        services.AddSingleton<FunctionTable>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<SignIn>();
        services.AddSingleton(s => new JobRunner(
            s.GetRequiredService<IRowStore>(),
            s.GetRequiredService<IBlobStore>(),
            s.GetRequiredService<Workspace>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetServices<IJobStage>(),
            TimeSpan.FromSeconds(options.LeaseSeconds)));
        services.AddSingleton(new LocalTriggerSettings
        {
            Functions = FunctionFiles.Read(root),
            Queues = FunctionFiles.ReadQueueSettings(root),
            Visibility = TimeSpan.FromSeconds(options.LeaseSeconds),
            Timers = configuration.GetValue("LocalTimers", true),
        });
        if (!underHost)
        {
            services.AddHostedService<LocalQueues>();
            services.AddHostedService<LocalTimers>();
        }

        return services;
    }
}
