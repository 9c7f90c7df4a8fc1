using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Ingest;

/// <summary>What an id of a customer or an order may be: any text within its length, of whatever script, but for control characters, which nobody sees and no address can hold.</summary>
internal static class Ids
{
    /// <summary>Why the text is no id of a customer, or null. An empty one is for the caller to judge.</summary>
    public static string? CustomerProblem(ReadOnlySpan<char> id) =>
        id.Length > CustomerKey.MaxIdLength ? "customer id too long" : HoldsControl(id) ? "the customer id holds a control character" : null;

    /// <summary>Why the text is no id of an order, or null.</summary>
    public static string? OrderProblem(ReadOnlySpan<char> id) =>
        id.IsEmpty ? "no order id"
        : id.Length > Tables.MaxOrderIdLength ? "order id too long"
        : HoldsControl(id) ? "the order id holds a control character" : null;

    private static bool HoldsControl(ReadOnlySpan<char> id) => id.ContainsAnyInRange('\0', '\u001f') || id.ContainsAnyInRange('\u007f', '\u009f');
}
