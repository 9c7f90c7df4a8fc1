namespace Campaigns.Core.Tracking;

/// <summary>
/// Opens and clicks that no human made: mail gateways that follow links before they deliver, previews of messengers,
/// prefetching browsers. They are kept as touches, marked, and left out of every figure and decision. Pure. Scanners that
/// pose as browsers cannot be told this way; that is why a GET changes nothing but a figure.
/// </summary>
public static class Machines
{
    /// <summary>Parts of the names by which scanners, crawlers, previews and programs call themselves. Gmail's and Yahoo's picture proxies are not among them: they load a picture when a human opens the message.</summary>
    private static readonly string[] Names =
    [
        "bot", "crawler", "spider", "scanner", "preview", "prefetch", "facebookexternalhit", "whatsapp", "slack", "skypeuripreview", "headless",
        "barracuda", "mimecast", "proofpoint", "safelinks", "trendmicro", "symantec", "sophos", "fortinet", "zscaler", "forcepoint",
        "curl/", "wget/", "python", "go-http-client", "java/", "okhttp", "apache-httpclient", "libwww", "node-fetch", "axios", "php/", "ruby",
    ];

    /// <summary>The request is a machine's.</summary>
    /// <param name="isHead">It asks for the head only.</param>
    /// <param name="purpose">Headers Sec-Purpose and Purpose: browsers that fetch ahead say so.</param>
    /// <param name="userAgent">Header User-Agent; a missing one tells nothing.</param>
    public static bool Made(bool isHead, string purpose, string userAgent) =>
        isHead
        || purpose.Contains("prefetch", StringComparison.OrdinalIgnoreCase)
        || Array.Exists(Names, name => userAgent.Contains(name, StringComparison.OrdinalIgnoreCase));
}
