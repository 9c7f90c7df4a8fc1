using Campaigns.Core.Dispatch;
using Campaigns.Core.Primitives;
using Campaigns.Core.Tracking;
using Touch = Campaigns.Core.Tracking.Touch;

namespace Campaigns.Core.Tests.Faults;

/// <summary>
/// A provider as the world sees it: what it was given, what it took, and the events that it will report, in any order and some
/// of them twice. It outlives every process. One that can tell is like the outbox: it keeps each message once, by its id.
/// </summary>
internal sealed class SimulatedProvider(Channel channel, bool canTell, Random chance, Func<bool> faultsLeft, Func<DateTimeOffset> now)
{
    private static readonly TouchKind[] Later = [TouchKind.Delivered, TouchKind.Opened, TouchKind.Clicked, TouchKind.HardBounced, TouchKind.SoftBounced, TouchKind.Complained, TouchKind.Unsubscribed];

    /// <summary>What it carries.</summary>
    public Channel Channel => channel;

    /// <summary>It answers what became of a message.</summary>
    public bool CanTell => canTell;

    /// <summary>Calls per message that may have been accepted.</summary>
    public Dictionary<SendId, int> MaybeTaken { get; } = [];

    /// <summary>Messages that it really took.</summary>
    public HashSet<SendId> Taken { get; } = [];

    /// <summary>Who must not be called for any more: they unsubscribed before the claim.</summary>
    public HashSet<SendId> Forbidden { get; } = [];

    /// <summary>Events that nobody has been told yet.</summary>
    public List<Touch> Events { get; } = [];

    /// <summary>One call.</summary>
    public IReadOnlyList<SendResult> Take(IReadOnlyList<OutgoingMessage> batch)
    {
        var fate = faultsLeft() ? chance.Next(12) : 11;
        return [.. batch.Select(m => Take(m, fate))];
    }

    /// <summary>What it knows of a message.</summary>
    public FindResult Find(SendId id)
    {
        if (!canTell)
        {
            return FindResult.CannotTell;
        }

        if (Taken.Contains(id))
        {
            return FindResult.Accepted;
        }

        MaybeTaken.Remove(id); // Now it is known: no call was taken.
        return FindResult.NeverReceived;
    }

    private SendResult Take(OutgoingMessage message, int fate)
    {
        Assert.DoesNotContain(message.Id, Forbidden);
        switch (fate)
        {
            case 0: return new SendResult.NotSent("429", TimeSpan.FromMinutes(chance.Next(1, 20)));
            case 1: return new SendResult.NotSent("no connection");
            case 2 when chance.Next(3) == 0: return new SendResult.Rejected("no such mailbox", chance.Next(2) == 0 ? "hard bounce" : null);
        }

        MaybeTaken[message.Id] = MaybeTaken.GetValueOrDefault(message.Id) + 1;
        if (fate == 3)
        {
            return new SendResult.Unknown("500"); // Not taken, but who could know?
        }

        if (Taken.Add(message.Id))
        {
            var events = Later.Where(_ => chance.Next(5) == 0).Prepend(TouchKind.Accepted).Select(k => new Touch(message.Id.ToString(), k, now().AddMinutes((int)k))).ToList();
            Events.AddRange(events.Concat(events.Where(_ => chance.Next(4) == 0)));
        }

        return fate is 4 or 5 ? new SendResult.Unknown("the answer was lost") : new SendResult.Accepted("id-" + message.Id);
    }
}

/// <summary>The channel port of a simulated process. It answers, whatever happens, unless the process dies.</summary>
internal sealed class SimulatedChannel(SimulatedProvider provider, SimulatedProcess process) : IMessageChannel
{
    public string Name => "simulated";

    public Channel Channel => provider.Channel;

    public int BatchSize => 3;

    public ValueTask<IReadOnlyList<SendResult>> SendAsync(IReadOnlyList<OutgoingMessage> batch, CancellationToken cancellation) =>
        process.AroundAsync(() => ValueTask.FromResult(provider.Take(batch)), mayFail: false, mayStall: !provider.CanTell);

    public ValueTask<FindResult> FindAsync(SendId id, CancellationToken cancellation) =>
        process.AroundAsync(() => ValueTask.FromResult(provider.Find(id)), mayFail: false);
}
