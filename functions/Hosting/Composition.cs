using Campaigns.Channels;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Dispatch.Ledger;
using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Measurement;
using Campaigns.Core.Measurement.Control;
using Campaigns.Core.Measurement.Replay;
using Campaigns.Core.Offers;
using Campaigns.Core.Offers.Codes;
using Campaigns.Core.Planning;
using Campaigns.Core.Planning.Brakes;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Planning.Decisions;
using Campaigns.Core.Primitives;
using Campaigns.Core.Privacy;
using Campaigns.Core.Profiles;
using Campaigns.Core.Segments;
using Campaigns.Core.Storage;
using Campaigns.Core.Tracking;
using Campaigns.Functions.Access;
using Campaigns.Functions.Api;
using Campaigns.Functions.LocalTriggers;
using Campaigns.Functions.Presets;

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
        services.AddStages(options);
        services.AddPrivacy();
        services.AddChannels(configuration);
        services.AddSingleton(WebhookKeys.Of(configuration));
        services.AddSingleton<WorkQueues>();
        services.AddSingleton<QueueWork>();
        services.AddSingleton<FollowUps>();
        services.AddSingleton<FunctionTable>();
        services.AddSingleton<FailedMessages>();
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
        services.AddSingleton<Quiescence>();
        services.AddSingleton(new PresetLibrary(Path.Combine(root, PresetLibrary.Folder)));
        services.AddSingleton<PresetLoading>();
        if (!underHost)
        {
            services.AddHostedService<LocalQueues>();
            services.AddHostedService<LocalTimers>();
        }

        return services;
    }

    /// <summary>The stages of the product, from left to right as data flows.</summary>
    private static void AddStages(this IServiceCollection services, CampaignsOptions options)
    {
        services.AddIngest();

        services.AddSingleton<Recompute>();
        services.AddSingleton<SegmentReader>();
        services.AddSingleton<SchemeCatalog>();
        services.AddSingleton<SchemePreviews>();
        services.AddSingleton<CustomerSegments>();
        services.AddSingleton<PlacementStep>();
        services.AddSingleton<ProductNames>();
        services.AddSingleton<IJobStage, SurveyStep>();
        services.AddSingleton<IJobStage, ClassifyStep>();

        services.AddSingleton<CodePools>();
        services.AddSingleton<CodeOwners>();
        services.AddSingleton<CodeUpload>();
        services.AddSingleton<TemplateProblems>(MessageRenderer.Validate);
        services.AddSingleton<CampaignCatalog>();
        services.AddSingleton<Runs>();
        services.AddSingleton<RunDecisions>();
        services.AddSingleton<AudiencePreviews>();
        services.AddSingleton<LaunchStep>();
        services.AddSingleton<RunBrakeStep>();
        services.AddSingleton<IJobStage, WeighStep>();
        services.AddSingleton<IJobStage, CountStep>();
        services.AddSingleton<IJobStage, AssignStep>();

        services.AddSingleton<RunLedger>();
        services.AddSingleton<SentMessages>();
        services.AddSingleton<MessageRenderer>();
        services.AddSingleton<IRecommendations, Recommendations>();
        services.AddSingleton<Func<WorkspaceSettings, IMessageLinks>>(SignedLinks.Of);
        services.AddSingleton<IJobStage>(s => ActivatorUtilities.CreateInstance<DispatchStep>(
            s, (Func<string>)(() => Guid.NewGuid().ToString("N")), TimeSpan.FromSeconds(options.ClaimSeconds)));
        services.AddSingleton<ComplaintStep>();
        services.AddSingleton<TouchStep>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<TouchSpool>(s, (Func<string>)(() => Guid.NewGuid().ToString("N"))));

        services.AddSingleton(s => ActivatorUtilities.CreateInstance<ConsentStep>(s, (Func<string>)(() => Guid.NewGuid().ToString("N"))));

        services.AddSingleton<IOutcomeFold, Outcomes>();
        services.AddSingleton<MeasuredRuns>();
        services.AddSingleton<Recount>();
        services.AddSingleton<Measure>();
        services.AddSingleton<Kpis>();
        services.AddSingleton<StoredDecisions>();
        services.AddSingleton<DecisionCsv>();
        services.AddSingleton<ChoiceGates>();
        services.AddSingleton<IJobStage, MeasureStep>();
        services.AddSingleton<IJobStage, PublishStep>();
        services.AddSingleton<ControlMeasure>();
        services.AddSingleton<IJobStage, ControlCapStep>();
        services.AddSingleton<IJobStage, ControlCompareStep>();
    }

    /// <summary>The first stage, and the doors through which orders and customers come.</summary>
    private static void AddIngest(this IServiceCollection services)
    {
        services.AddSingleton<Imports>();
        services.AddSingleton<ColumnsStep>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<ShopSpool>(s, (Func<string>)(() => Guid.NewGuid().ToString("N"))));
        services.AddSingleton(s => new InboxStep(s.GetRequiredService<IRowStore>(), s.GetRequiredService<Imports>(), s.GetRequiredService<StorePorts>().Inbox, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AddressBook>();
        services.AddSingleton<ICustomerFold, HistoryFold>();
        services.AddSingleton<ICustomerFold, MembershipFold>();
        services.AddSingleton<ICustomerFold, OutcomeFold>();
        services.AddSingleton<ICustomerFold, CodeRedemptions>();
        services.AddSingleton<UnmatchedRefunds>(orders => NetOrders.Of(orders).UnmatchedRefundMinor);
        services.AddSingleton<IJobStage, ParseStep>();
        services.AddSingleton<IJobStage, IngestStep>();
    }

    /// <summary>Customers' rights.</summary>
    private static void AddPrivacy(this IServiceCollection services)
    {
        services.AddSingleton<Erasure>();
        services.AddSingleton<ObjectionStep>();
        services.AddSingleton<CustomerExports>();
        services.AddSingleton<ImportTraces>();
        services.AddSingleton<RecomputeTraces>();
        services.AddSingleton(s => new PoisonSearch(
            s.GetRequiredService<IQueueStore>(),
            () => s.GetRequiredService<LocalTriggerSettings>().Functions.Select(f => f.Queue).OfType<string>().Select(LocalQueues.Poison)));
        services.AddSingleton<IJobStage>(s => ActivatorUtilities.CreateInstance<EraseStep>(
            s, (Func<CustomerKey>)(() => CustomerKey.OfHash(System.Security.Cryptography.RandomNumberGenerator.GetBytes(CustomerKey.HashLength)))));
    }
}
