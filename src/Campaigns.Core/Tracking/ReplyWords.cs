using System.Globalization;
using System.Text;

namespace Campaigns.Core.Tracking;

/// <summary>What the reply to a text message asks for.</summary>
public enum ReplyKind
{
    /// <summary>Nothing that we act on.</summary>
    Other,

    /// <summary>No more messages.</summary>
    Stop,

    /// <summary>Messages again, after a stop.</summary>
    Start,

    /// <summary>Who this is and how to stop.</summary>
    Help,
}

/// <summary>
/// Words by which recipients of text messages opt out, opt in again or ask. English ones are those that Twilio and the CTIA
/// name; beside them the usual words of other languages. Pure. In doubt a reply is an opt-out: one message too few does
/// less harm than one too many.
/// </summary>
public static class ReplyWords
{
    /// <summary>The most words of a reply that begins with an opt-out and is one: "Stop it please", but no letter to the shop.</summary>
    private const int MostWords = 5;

    /// <summary>Words that the provider acts on and answers by itself.</summary>
    private static readonly HashSet<string> KnownToProvider = new(StringComparer.Ordinal)
    {
        "STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL", "START", "UNSTOP", "HELP", "INFO",
    };

    /// <summary>Opt out where they stand alone; each without marks, as replies are compared.</summary>
    private static readonly HashSet<string> StopAlone = new(StringComparer.Ordinal)
    {
        "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL",
        "ABMELDEN", "ABBESTELLEN", "KUNDIGEN", // German
        "ARRET", "ARRETER", "DESABONNER", "DESINSCRIRE", // French
        "BAJA", "ALTO", "PARAR", "CANCELAR", // Spanish, Portuguese
        "SAIR", "REMOVER", // Portuguese
        "ANNULLA", "DISISCRIVI", "CANCELLA", // Italian
        "AFMELDEN", "UITSCHRIJVEN", // Dutch
        "REZYGNUJE", "WYPISZ", "KONIEC", // Polish
        "AVSLUTA", "AVBRYT", // Swedish
        "AFMELD", "FRAMELD", // Danish
        "AVSLUTT", "AVMELD", // Norwegian
        "LOPETA", "PERU", // Finnish
        "ODHLASIT", "ZRUSIT", // Czech, Slovak
        "LEIRATKOZAS", "LEMONDAS", // Hungarian
        "DEZABONARE", // Romanian
    };

    /// <summary>Opt out also at the head of a short reply.</summary>
    private static readonly HashSet<string> StopFirst = new(StringComparer.Ordinal) { "STOP", "STOPALL", "STOPP", "STOPPEN", "UNSUBSCRIBE" };

    private static readonly HashSet<string> Starts = new(StringComparer.Ordinal) { "START", "UNSTOP", "ANMELDEN", "ALTA", "REPRENDRE" };

    private static readonly HashSet<string> Helps = new(StringComparer.Ordinal) { "HELP", "INFO", "HILFE", "AIDE", "AYUDA", "AIUTO", "POMOC", "HJALP", "HJELP" };

    /// <summary>What the reply asks for.</summary>
    public static ReplyKind Of(string reply)
    {
        var words = Words(reply);
        return words.Count == 0 ? ReplyKind.Other
            : words.Count <= MostWords && StopFirst.Contains(words[0]) ? ReplyKind.Stop
            : StopAlone.Contains(string.Concat(words)) && words.Count <= 2 ? ReplyKind.Stop
            : words.Count > 1 ? ReplyKind.Other
            : Starts.Contains(words[0]) ? ReplyKind.Start
            : Helps.Contains(words[0]) ? ReplyKind.Help
            : ReplyKind.Other;
    }

    /// <summary>The provider answers the reply by itself: an answer of ours would be a second one.</summary>
    public static bool AnsweredByProvider(string reply) => Words(reply) is [var word] && KnownToProvider.Contains(word);

    /// <summary>Upper case, without marks and punctuation.</summary>
    private static List<string> Words(string reply)
    {
        var (words, word) = (new List<string>(), new StringBuilder());
        foreach (var c in reply.Normalize(NormalizationForm.FormD))
        {
            if (char.IsLetter(c))
            {
                word.Append(char.ToUpperInvariant(c));
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark && word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        if (word.Length > 0)
        {
            words.Add(word.ToString());
        }

        return words;
    }
}
