namespace Campaigns.EndToEnd.Tests;

/// <summary>Tests that start whole programs, one after the other: several at a time would only wait for one another.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Processes
{
    public const string Name = "processes";
}

/// <summary>A folder of a test's own, deleted with what is in it.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("campaigns-e2e-").FullName;

    public string Combine(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
