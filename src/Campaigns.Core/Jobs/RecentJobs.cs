namespace Campaigns.Core.Jobs;

/// <summary>
/// The jobs that this process met lately. At the first message of a job settings are read again, so that every part of it goes by what stood
/// when it was created or later, whichever instance changed it.
/// </summary>
internal sealed class RecentJobs
{
    /// <summary>Jobs that are kept: far more than run at a time. One that is met again after it was forgotten costs one read.</summary>
    public const int Limit = 256;

    private readonly Lock gate = new();
    private readonly HashSet<string> jobs = new(Limit, StringComparer.Ordinal);
    private readonly Queue<string> oldest = new(Limit);

    /// <summary>True where the job was not met yet, or so long ago that it was forgotten.</summary>
    public bool Add(string job)
    {
        lock (gate)
        {
            if (!jobs.Add(job))
            {
                return false;
            }

            oldest.Enqueue(job);
            if (oldest.Count > Limit)
            {
                jobs.Remove(oldest.Dequeue());
            }

            return true;
        }
    }
}
