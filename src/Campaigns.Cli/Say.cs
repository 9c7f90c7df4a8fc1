using System.Globalization;
using Spectre.Console;

namespace Campaigns.Cli;

/// <summary>Lines for people: invariant culture, markup in the text, values escaped.</summary>
internal static class Say
{
    public static void Line(FormattableString text) => AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, text);
}
