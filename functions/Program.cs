using System.Globalization;
using Campaigns.Functions.Hosting;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

await using var app = FunctionsApp.Build(args);
if (await app.PrepareAsync(CancellationToken.None) is { } key)
{
    Console.WriteLine($"The admin's API key, shown this once: {key}");
}

await app.RunAsync();
