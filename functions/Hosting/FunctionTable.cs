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
    public Task DeliverAsync(string name, string message, CancellationToken cancellation) =>
        ((IQueueFunction)Create(name)).RunAsync(message, cancellation);

    /// <summary>Ticks a timer function.</summary>
    public Task TickAsync(string name, CancellationToken cancellation) =>
        ((ITimerFunction)Create(name)).RunAsync(cancellation);

    private object Create(string name) => types.TryGetValue(name, out var type)
        ? ActivatorUtilities.CreateInstance(services, type)
        : throw new InvalidOperationException($"Function {name} has a function.json and no class.");
}
