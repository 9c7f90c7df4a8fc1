using Campaigns.Core.Dispatch;

namespace Campaigns.Channels.SendGrid;

/// <summary>SendGrid's answer to one request.</summary>
internal abstract record CallAnswer
{
    /// <summary>The same for all recipients.</summary>
    public sealed record Same(SendResult Result) : CallAnswer;

    /// <summary>Nothing was sent, as some recipients are at fault; <paramref name="Named"/> are their places in the request, none where the answer does not say which.</summary>
    public sealed record Refused(IReadOnlySet<int> Named) : CallAnswer;
}

/// <summary>
/// One recipient at fault makes SendGrid refuse the whole request. Refused requests are split until the bad recipients stand
/// alone; the others are sent once. Safe, as a refused request provably reached nobody.
/// </summary>
internal static class RefusedBatch
{
    /// <summary>Requests for one batch at most: finds three unnamed recipients among 1,000; more than that is a fault of the list, and the rest waits.</summary>
    public const int MaxCalls = 64;

    private const string Reason = "refused by SendGrid (400)";

    /// <summary>Sends the batch; the results by message.</summary>
    public static async ValueTask<IReadOnlyList<SendResult>> SendAsync(SharedContent batch, Func<SharedContent, CancellationToken, ValueTask<CallAnswer>> call, CancellationToken cancellation)
    {
        var results = new SendResult?[batch.Messages.Count];
        var suspects = new List<int>();
        var open = new Stack<int[]>([[.. Enumerable.Range(0, results.Length)]]);
        SendResult? stopped = null;
        for (var calls = 0; open.TryPop(out var part);)
        {
            if (stopped is not null || calls++ == MaxCalls)
            {
                stopped ??= new SendResult.NotSent("too many recipients are refused by SendGrid (400)");
                Fill(part, new SendResult.NotSent("not tried after an earlier failure"));
                continue;
            }

            switch (await call(batch with { Messages = [.. part.Select(i => batch.Messages[i])] }, cancellation))
            {
                case CallAnswer.Same same:
                    Fill(part, same.Result);
                    stopped = same.Result is SendResult.Accepted ? null : same.Result;
                    break;
                case CallAnswer.Refused { Named.Count: > 0 } refused when refused.Named.Any(n => n < part.Length):
                    Fill([.. part.Where((_, at) => refused.Named.Contains(at))], new SendResult.Rejected(Reason));
                    Push([.. part.Where((_, at) => !refused.Named.Contains(at))]);
                    break;
                default:
                    suspects.AddRange(part.Length == 1 ? part : []);
                    Push(part.Length == 1 ? [] : part[(part.Length / 2)..]);
                    Push(part.Length == 1 ? [] : part[..(part.Length / 2)]);
                    break;
            }
        }

        // Where nobody else got through, the request itself may be at fault: then nobody is refused for good.
        var alone = results.Length == 1 || results.Any(r => r is SendResult.Accepted or SendResult.Rejected);
        Fill([.. suspects], alone ? new SendResult.Rejected(Reason) : new SendResult.NotSent("SendGrid refuses the request (400)"));
        return results!;

        void Fill(int[] part, SendResult result) => Array.ForEach(part, i => results[i] = result);

        void Push(int[] part)
        {
            if (part.Length > 0)
            {
                open.Push(part);
            }
        }
    }
}
