namespace Campaigns.Sqlite;

/// <summary>Where an embedded store lives and how it behaves.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The file. It and its folder are made where they are missing; two files with "-wal" and "-shm" at the end of the name stand beside it while it is open.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// Every acknowledged write survives a power cut (<c>synchronous=FULL</c>): a claim that is forgotten would send
    /// twice. False only for tests: then it survives the end of the process, not of the machine.
    /// </summary>
    public bool SurvivesPowerCut { get; init; } = true;

    /// <summary>Messages are received in an order drawn with this seed; null = oldest first. For tests: Azure promises no order.</summary>
    public ulong? QueueShuffleSeed { get; init; }

    /// <summary>Connections that read; each has a cache of its own of some MiB. More reads than this at a time wait for one another.</summary>
    public int Readers { get; init; } = Math.Max(4, Environment.ProcessorCount);
}
