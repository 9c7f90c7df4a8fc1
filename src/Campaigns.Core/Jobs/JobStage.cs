namespace Campaigns.Core.Jobs;

/// <summary>
/// One stage of a kind of job: what a queue message runs. Implemented by the steps (<c>*Step.cs</c>) of each stage of the
/// product. A stage may be run again for a part at any time, also at the same time elsewhere: it must end in the same state.
/// </summary>
public interface IJobStage
{
    /// <summary>Kind of job.</summary>
    string Kind { get; }

    /// <summary>Name of the stage: lower-case letters, unique within the kind.</summary>
    string Name { get; }

    /// <summary>Position in the kind, from 0.</summary>
    int Order { get; }

    /// <summary>Queue whose function runs it.</summary>
    string Queue { get; }

    /// <summary>One part per bucket (true) or a single part 0 (false).</summary>
    bool PerBucket { get; }

    /// <summary>Jobs of the same kind may wait for this stage: when it is complete, those that wait are woken.</summary>
    bool IsAwaited => false;

    /// <summary>The job must wait for another job's awaited stage before a part of this one begins. Once false, false for good.</summary>
    ValueTask<bool> WaitsAsync(JobContext context, CancellationToken cancellation) => ValueTask.FromResult(false);

    /// <summary>Does the part's work and gives its summary, or says when to come back.</summary>
    ValueTask<PartOutcome> RunAsync(JobContext context, int part, CancellationToken cancellation);

    /// <summary>
    /// Merges the parts' summaries, which come in part order, and does what follows from the stage being complete (for
    /// example pointing "latest" at the result). May run more than once; must then do and give the same.
    /// </summary>
    ValueTask<ReadOnlyMemory<byte>> MergeAsync(JobContext context, IAsyncEnumerable<ReadOnlyMemory<byte>> summaries, CancellationToken cancellation);
}

/// <summary>What a part's run came to.</summary>
public abstract record PartOutcome
{
    /// <summary>Finished, with the part's summary (may be empty).</summary>
    public sealed record Done(ReadOnlyMemory<byte> Summary) : PartOutcome;

    /// <summary>More to do at this business time: <c>WakeJobs</c> comes back.</summary>
    public sealed record Later(DateTimeOffset DueAt) : PartOutcome;
}

/// <summary>A refusal that no retry can cure: the job ends as failed with this sentence, which says what to do.</summary>
public sealed class JobFailedException(string problem) : Exception(problem);
