using System.Globalization;
using System.Text;
using Campaigns.Simulation.Offers;

namespace Campaigns.Cli.Simulate;

/// <summary>Cumulative regret as a share of that of equal shares, by round, as an SVG picture.</summary>
internal static class RegretPlot
{
    private const int Width = 720;
    private const int Height = 400;
    private const int Left = 60;
    private const int Right = 150;
    private const int Top = 30;
    private const int Bottom = 50;

    /// <summary>Told apart by people who see few colours (Okabe and Ito 2008).</summary>
    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73"];

    public static string Draw(IReadOnlyList<OfferTrial> trials)
    {
        var svg = new StringBuilder();
        var top = Math.Max(1, trials.Max(t => t.RegretShare.Max()));
        svg.Append(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\"><rect width=\"{Width}\" height=\"{Height}\" fill=\"#fff\"/>"));
        svg.Append(Invariant($"<text x=\"{Left}\" y=\"18\">Cumulative regret ÷ that of equal shares, over {trials[0].Seeds} markets</text>"));
        for (var mark = 0; mark <= 4; mark++)
        {
            var y = Y(mark / 4.0 * top, top);
            svg.Append(Invariant($"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:0.0}\" y2=\"{y:0.0}\" stroke=\"#ddd\"/><text x=\"{Left - 8}\" y=\"{y + 4:0.0}\" text-anchor=\"end\">{mark / 4.0 * top:0.00}</text>"));
        }

        var rounds = trials[0].Rounds;
        for (var round = 1; round <= rounds; round += Math.Max(1, rounds / 10))
        {
            svg.Append(Invariant($"<text x=\"{X(round, rounds):0.0}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{round}</text>"));
        }

        svg.Append(Invariant($"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 12}\" text-anchor=\"middle\">Round</text>"));
        for (var i = 0; i < trials.Count; i++)
        {
            var share = trials[i].RegretShare;
            var points = string.Join(' ', share.Select((s, r) => Invariant($"{X(r + 1, rounds):0.0},{Y(s, top):0.0}")));
            var colour = Colours[i % Colours.Length];
            svg.Append(Invariant($"<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"));
            svg.Append(Invariant($"<text x=\"{Width - Right + 8}\" y=\"{Y(share[^1], top) + 4:0.0}\" fill=\"{colour}\">{trials[i].Customers:N0} customers: {share[^1]:0.00}</text>"));
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static double X(int round, int rounds) => Left + ((Width - Left - Right) * (round - 1.0) / Math.Max(1, rounds - 1));

    private static double Y(double share, double top) => Height - Bottom - ((Height - Top - Bottom) * share / top);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
