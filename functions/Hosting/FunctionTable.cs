using Campaigns.Functions.LocalTriggers;

namespace Campaigns.Functions.Hosting;

/// <summary>Finds functions by name. Both triggers, the host's and the local ones, call functions through it.</summary>
public sealed class FunctionTable
{
    private readonly IServiceProvider services;
    private readonly Dictionary<string, Type> types;

    /// <summary>The functions of the app.</summary>
    public FunctionTable(IServiceProvider services)
        : this(services, typeof(FunctionTable).Assembly.GetTypes())
    {
    }

    /// <summary>The functions among these types.</summary>
    internal FunctionTable(IServiceProvider services, IEnumerable<Type> among)
    {
        this.services = services;
        types = among
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IFunction)))
            .ToDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>Names of all functions with a class.</summary>
    public IReadOnlyCollection<string> Names => types.Keys;

    /// <summary>Delivers a message to a queue function.</summary>
    public async Task DeliverAsync(string name, string message, CancellationToken cancellation)
    {
        try
        {
            await ((IQueueFunction)Create(name)).RunAsync(message, cancellation);
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            await NoteAsync(name, message, error, cancellation);
            throw;
        }
    }

    /// <summary>Ticks a timer function.</summary>
    public Task TickAsync(string name, CancellationToken cancellation) =>
        ((ITimerFunction)Create(name)).RunAsync(cancellation);

    /// <summary>The trigger tries again and tells of the error itself: that it could not be noted, too, is logged and no more.</summary>
    private async Task NoteAsync(string name, string message, Exception error, CancellationToken cancellation)
    {
        if (services.GetService<FailedMessages>() is not { } failed
            || services.GetRequiredService<LocalTriggerSettings>().Functions.FirstOrDefault(f => f.Name == name)?.Queue is not { } queue)
        {
            return;
        }

        try
        {
            await failed.NoteAsync(queue, message, error, cancellation);
        }
        catch (Exception second)
        {
            services.GetRequiredService<ILogger<FunctionTable>>().LogWarning(second, "How a message of queue {Queue} failed could not be noted.", queue);
        }
    }

    private object Create(string name) => types.TryGetValue(name, out var type)
        ? ActivatorUtilities.CreateInstance(services, type)
        : throw new InvalidOperationException($"Function {name} has a function.json and no class.");
}
