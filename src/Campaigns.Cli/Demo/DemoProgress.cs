using Spectre.Console;

namespace Campaigns.Cli.Demo;

/// <summary>One bar per step of the demo.</summary>
internal sealed class DemoProgress : IDisposable
{
    private readonly ProgressContext context;
    private readonly DemoShop shop;
    private readonly Dictionary<string, ProgressTask> tasks = new(StringComparer.Ordinal);

    public DemoProgress(ProgressContext context, DemoShop shop)
    {
        (this.context, this.shop) = (context, shop);
        shop.Progress = (what, share) =>
        {
            // What follows comes in many imports: their own bar counts weeks.
            if (what != FollowUp)
            {
                Advance(what, share);
            }
        };
    }

    /// <summary>The step whose bar is advanced by weeks.</summary>
    private const string FollowUp = "Orders that follow";

    /// <summary>Runs a step without a measure of its own.</summary>
    public async Task StepAsync(string what, Func<Task> step)
    {
        Advance(what, null);
        await step();
        Advance(what, 1);
    }

    /// <summary>Sets a step's share; null = under way, nobody knows how far.</summary>
    public void Advance(string what, double? share)
    {
        if (!tasks.TryGetValue(what, out var task))
        {
            tasks[what] = task = context.AddTask(Markup.Escape(what), maxValue: 1);
        }

        task.IsIndeterminate = share is null;
        if (share is { } value)
        {
            task.Value = value;
        }
    }

    public void Dispose() => shop.Progress = null;
}
