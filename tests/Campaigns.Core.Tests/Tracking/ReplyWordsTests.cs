using Campaigns.Core.Tracking;

namespace Campaigns.Core.Tests.Tracking;

public class ReplyWordsTests
{
    [Theory]
    [InlineData("STOP")]
    [InlineData(" stop. ")]
    [InlineData("Stop it please!")]
    [InlineData("STOP ALL")]
    [InlineData("stopall")]
    [InlineData("Unsubscribe")]
    [InlineData("end")]
    [InlineData("QUIT")]
    [InlineData("revoke")]
    [InlineData("opt-out")]
    [InlineData("OPT OUT")]
    [InlineData("Cancel")]
    [InlineData("Stopp")]
    [InlineData("Kündigen")]
    [InlineData("arrêt")]
    [InlineData("Désabonner")]
    [InlineData("BAJA")]
    [InlineData("wypisz")]
    [InlineData("odhlásit")]
    public void Opt_outs_are_understood_in_every_spelling(string reply) => Assert.Equal(ReplyKind.Stop, ReplyWords.Of(reply));

    [Theory]
    [InlineData("Cancel my order 1234 please", ReplyKind.Other)]
    [InlineData("When does the sale end?", ReplyKind.Other)]
    [InlineData("Stop is a word that I do not mean", ReplyKind.Other)]
    [InlineData("", ReplyKind.Other)]
    [InlineData("👍", ReplyKind.Other)]
    [InlineData("start", ReplyKind.Start)]
    [InlineData("UNSTOP", ReplyKind.Start)]
    [InlineData("help", ReplyKind.Help)]
    [InlineData("Info!", ReplyKind.Help)]
    [InlineData("yes", ReplyKind.Other)]
    public void Anything_else_is_what_it_says(string reply, ReplyKind expected) => Assert.Equal(expected, ReplyWords.Of(reply));

    [Fact]
    public void Only_what_the_provider_leaves_unanswered_is_answered()
    {
        Assert.True(ReplyWords.AnsweredByProvider("Stop"));
        Assert.False(ReplyWords.AnsweredByProvider("Stop it please"));
        Assert.False(ReplyWords.AnsweredByProvider("ARRET"));
    }
}
