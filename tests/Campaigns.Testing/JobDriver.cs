using Campaigns.Core.Jobs;

namespace Campaigns.Testing;

/// <summary>
/// Plays the queue for a <see cref="JobRunner"/>: handles messages and those that follow from them until nothing is left.
/// With a seed, it delivers them shuffled and some of them twice, as a queue may.
/// </summary>
public sealed class JobDriver(JobRunner runner, int? seed = null, int parallel = 1)
{
    /// <summary>A job that needs more messages than this goes round in circles.</summary>
    private const int MostMessages = 100_000;

    private readonly Random? chance = seed is { } s ? new Random(s) : null;

    /// <summary>Messages handled so far.</summary>
    public int Handled { get; private set; }

    /// <summary>Handles the messages and all that follow from them.</summary>
    public async Task RunAsync(IEnumerable<Outgoing> messages, CancellationToken cancellation = default)
    {
        var waiting = new List<Outgoing>(messages);
        var running = new List<Task<IReadOnlyList<Outgoing>>>();
        while (waiting.Count > 0 || running.Count > 0)
        {
            while (waiting.Count > 0 && running.Count < parallel)
            {
                running.Add(HandleAsync(Next(waiting), cancellation));
            }

            var done = await Task.WhenAny(running);
            running.Remove(done);
            waiting.AddRange(await done);
        }
    }

    /// <summary>Wakes what is due, as the timer does, until nothing is (or only what waits for a later business time).</summary>
    public async Task WakeAsync(CancellationToken cancellation = default)
    {
        while (true)
        {
            var due = new List<Outgoing>();
            await foreach (var message in runner.WakeAsync(null, cancellation))
            {
                due.Add(message);
            }

            if (due.Count == 0)
            {
                return;
            }

            await RunAsync(due, cancellation);
        }
    }

    private Task<IReadOnlyList<Outgoing>> HandleAsync(Outgoing message, CancellationToken cancellation)
    {
        if (++Handled > MostMessages)
        {
            throw new InvalidOperationException($"After {MostMessages} messages there are still more; the last is {message.Body}");
        }

        var work = Envelope.Parse(message.Body).Work ?? throw new InvalidOperationException($"Not a wake-up: {message.Body}");
        return Task.Run(async () => await runner.HandleAsync(work, cancellation), cancellation);
    }

    private Outgoing Next(List<Outgoing> waiting)
    {
        var at = chance?.Next(waiting.Count) ?? 0;
        var message = waiting[at];
        if (chance is null || chance.Next(4) != 0)
        {
            waiting.RemoveAt(at); // Otherwise it is delivered once more.
        }

        return message;
    }
}
