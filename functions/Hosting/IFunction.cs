namespace Campaigns.Functions.Hosting;

/// <summary>A function of the app: a folder of that name holds its <c>function.json</c> and this class.</summary>
public interface IFunction
{
    /// <summary>Name of the function, of its folder, and of its trigger endpoint.</summary>
    string Name { get; }
}

/// <summary>A function that a queue message triggers. It only forwards.</summary>
public interface IQueueFunction : IFunction
{
    /// <summary>Handles one message body. An exception returns the message to the queue, and after some tries to <c>{queue}-poison</c>.</summary>
    Task RunAsync(string message, CancellationToken cancellation);
}

/// <summary>A function that a timer triggers. Missed ticks give one call: work is driven by what is due, never by the count of ticks.</summary>
public interface ITimerFunction : IFunction
{
    /// <summary>Does what is due.</summary>
    Task RunAsync(CancellationToken cancellation);
}
