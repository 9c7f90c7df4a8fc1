using Campaigns.Core.Primitives;

namespace Campaigns.Functions.Hosting;

/// <summary>
/// App settings, section <c>Campaigns</c>. Under the Functions host they are environment variables such as
/// <c>Campaigns__Buckets</c>; infra/ sets each of them, and a test checks that.
/// </summary>
public sealed class CampaignsOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Campaigns";

    /// <summary>SQLite file of the embedded storage; used where no Azure storage is named.</summary>
    public string DataFile { get; set; } = "";

    /// <summary>Number of buckets, 0 = the adapter's default (16 embedded, 256 on Azure). Fixed when a store is created.</summary>
    public int Buckets { get; set; }

    /// <summary>Seconds for which a handler holds a part of a job; renewed at a third.</summary>
    public int LeaseSeconds { get; set; } = 30;

    /// <summary>Seconds for which a send is claimed: well above the longest call of any provider, a minute at most.</summary>
    public int ClaimSeconds { get; set; } = 180;

    /// <summary>Address under which customers and providers reach the app, without a trailing slash. Signed links rest on it.</summary>
    public string PublicBaseUrl { get; set; } = "";

    /// <summary>The admin's API key (at least 32 characters), from Key Vault. By hand it may stay empty: one is made and printed.</summary>
    public string AdminKey { get; set; } = "";

    /// <summary>An import is followed by a recompute and a measurement at once, not only by the nightly ones.</summary>
    public bool FollowUps { get; set; } = true;

    /// <summary>Where files are put to be imported: a folder beside the embedded storage, the name of a blob container on Azure. Empty: nowhere.</summary>
    public string Inbox { get; set; } = "";

    /// <summary>Makes a new store reproducible: who is held out follows from it. For the demo only.</summary>
    public ulong? Seed { get; set; }

    /// <summary>Buckets for the storage in use.</summary>
    public int BucketsFor(bool distributed) => Buckets > 0 ? Buckets : distributed ? Bucketing.Distributed : Bucketing.Embedded;
}

/// <summary>Names of settings that stand outside the section, because the Functions host reads them too.</summary>
public static class HostSettings
{
    /// <summary>Connection of queues, tables and blobs: a connection string, or <c>{name}__accountName</c> for managed identity.</summary>
    public const string Storage = "CampaignsStorage";

    /// <summary>Set by the Functions host: the port on which it expects the handler.</summary>
    public const string Port = "FUNCTIONS_CUSTOMHANDLER_PORT";

    /// <summary>Cron expressions (six fields, UTC) where nothing else is set.</summary>
    public static readonly IReadOnlyDictionary<string, string?> DefaultSchedules = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["RecomputeSegmentsSchedule"] = "0 0 3 * * *",
        ["LaunchCampaignsSchedule"] = "0 */5 * * * *",
        ["MeasureResultsSchedule"] = "0 30 * * * *",
        ["ApplyWebhooksSchedule"] = "0 * * * * *",
        ["TakeInFilesSchedule"] = "0 */5 * * * *",
        ["WakeJobsSchedule"] = "*/20 * * * * *",
    };
}
