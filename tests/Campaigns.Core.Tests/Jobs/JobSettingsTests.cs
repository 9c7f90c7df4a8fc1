using Campaigns.Core.Jobs;
using Campaigns.Core.Tests.Faults;

namespace Campaigns.Core.Tests.Jobs;

/// <summary>Instances keep settings for a moment; a job never goes by what was changed before it was created.</summary>
public sealed class JobSettingsTests : IAsyncDisposable
{
    private readonly TempStore store = TempStore.Create(1);
    private readonly SimulatedTime time = new(new DateTimeOffset(2025, 3, 1, 9, 0, 0, TimeSpan.Zero));
    private readonly List<int> seen = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync() => await store.DisposeAsync();

    [Fact]
    public async Task A_job_goes_by_settings_that_another_instance_changed_just_before_it_was_created()
    {
        var (here, there) = (Instance(), Instance());
        await here.Workspace.SettingsAsync(Cancelled);

        await ChangeAsync(there.Workspace, days: 31);
        await RunAsync(here.Runner, "first");
        await ChangeAsync(there.Workspace, days: 32);
        await RunAsync(here.Runner, "second");

        Assert.Equal([31, 32], seen);
    }

    [Fact]
    public async Task Settings_are_kept_for_a_moment_and_read_again_after_it()
    {
        var (here, there) = (Instance().Workspace, Instance().Workspace);
        var before = (await here.SettingsAsync(Cancelled)).ChurnDays;
        await ChangeAsync(there, days: 31);

        Assert.Equal(before, (await here.SettingsAsync(Cancelled)).ChurnDays);
        Assert.Equal(31, (await here.ReadSettingsAsync(Cancelled)).ChurnDays);
        await ChangeAsync(there, days: 32);
        time.Advance(Workspace.CacheFor);
        Assert.Equal(32, (await here.SettingsAsync(Cancelled)).ChurnDays);
    }

    [Fact]
    public void Jobs_are_remembered_up_to_the_limit()
    {
        var jobs = new RecentJobs();
        for (var i = 0; i <= RecentJobs.Limit; i++)
        {
            Assert.True(jobs.Add("job" + i));
        }

        Assert.False(jobs.Add("job" + RecentJobs.Limit));
        Assert.False(jobs.Add("job1"));
        Assert.True(jobs.Add("job0"));
    }

    private static async Task ChangeAsync(Workspace workspace, int days) =>
        await workspace.ChangeAsync(s => s with { ChurnDays = days }, Cancelled);

    private async Task RunAsync(JobRunner runner, string job)
    {
        var head = new JobHead { Job = job, Kind = Stage.JobKind, Status = JobStatus.Running, AsOf = time.GetUtcNow(), CreatedAt = time.GetUtcNow(), Inputs = [] };
        foreach (var message in await runner.CreateAsync(head, Cancelled))
        {
            await runner.HandleAsync(Envelope.Parse(message.Body).Work!, Cancelled);
        }
    }

    /// <summary>A process of the app: a workspace with settings of its own memory.</summary>
    private (Workspace Workspace, JobRunner Runner) Instance()
    {
        var workspace = new Workspace(store.Rows, time);
        return (workspace, new JobRunner(store.Rows, store.Blobs, workspace, time, [new Stage(seen)], TimeSpan.FromSeconds(30)));
    }

    /// <summary>Tells the settings that it was given.</summary>
    private sealed class Stage(List<int> seen) : IJobStage
    {
        public const string JobKind = "look";

        public string Kind => JobKind;

        public string Name => "look";

        public int Order => 0;

        public string Queue => "plan";

        public bool PerBucket => false;

        public ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation)
        {
            seen.Add(context.Settings.ChurnDays);
            return ValueTask.FromResult<PartOutcome>(new PartOutcome.Done(default));
        }

        public ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation) =>
            ValueTask.FromResult<ReadOnlyMemory<byte>>(default);
    }
}
