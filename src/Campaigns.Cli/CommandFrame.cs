using Campaigns.Core.Jobs;

namespace Campaigns.Cli;

/// <summary>What commands that read a file and report on it have in common: a bar while they work, and one sentence where they cannot.</summary>
internal static class CommandFrame
{
    /// <summary>Exit code where a file or an option cannot be used.</summary>
    public const int Refused = 2;

    /// <summary>
    /// Runs the work and gives its exit code. What it refuses goes to standard error as one sentence, after
    /// <paramref name="subject"/>, the name of the file as far as it is known by then, or "".
    /// </summary>
    public static async Task<int> RunAsync(Func<string> subject, Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (JobFailedException refused)
        {
            await Console.Error.WriteLineAsync((subject() is { Length: > 0 } file ? file + ": " : "") + refused.Message);
            return Refused;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return Refused;
        }
    }
}
