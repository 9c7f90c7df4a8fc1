namespace Campaigns.Core.Primitives;

/// <summary>
/// The address of a sending record: <c>{run}.{customer}</c>. It goes to the provider with the message and comes back
/// with its events, so that a webhook finds the row. It holds no personal data.
/// </summary>
public readonly record struct SendId(string Run, CustomerKey Customer)
{
    /// <inheritdoc/>
    public override string ToString() => Run + "." + Customer.Text;

    /// <summary>The id in the text, or null where the text is none.</summary>
    public static SendId? Parse(string? text)
    {
        var dot = text?.LastIndexOf('.') ?? -1;
        return dot > 0 && text!.Length - dot - 1 == CustomerKey.Length
            ? new SendId(text[..dot], new CustomerKey(text[(dot + 1)..]))
            : null;
    }
}
