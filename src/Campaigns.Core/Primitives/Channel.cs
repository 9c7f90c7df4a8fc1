namespace Campaigns.Core.Primitives;

/// <summary>The way a message reaches a customer. Values are stored: never renumber.</summary>
public enum Channel : byte
{
    /// <summary>E-mail, addressed by a mailbox.</summary>
    Email = 1,

    /// <summary>Text message, addressed by an E.164 phone number.</summary>
    Sms = 2,
}
