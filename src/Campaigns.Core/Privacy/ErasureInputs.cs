using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using MemoryPack;

namespace Campaigns.Core.Privacy;

/// <summary>Whom an erasure erases: the key alone, so that the job itself keeps nobody's id.</summary>
[MemoryPackable]
public sealed partial record ErasureInputs : IStoredRow
{
    /// <summary>Kind of job.</summary>
    public const string JobKind = "erase";

    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>Text of the customer's key.</summary>
    public required string Customer { get; init; }

    /// <summary>The customer.</summary>
    [MemoryPackIgnore]
    public CustomerKey Key => new(Customer);
}

/// <summary>Who a customer is: what texts may be searched for. In memory only.</summary>
/// <param name="CustomerId">The shop's id.</param>
/// <param name="Key">Key of the customer.</param>
/// <param name="Email">E-mail address, or null.</param>
/// <param name="Phone">Phone number, or null.</param>
internal sealed record Identity(string CustomerId, CustomerKey Key, string? Email, string? Phone)
{
    /// <summary>Shorter ids stand in every text: a text is then searched for addresses and key alone.</summary>
    private const int ShortestId = 3;

    /// <summary>The text names the customer.</summary>
    public bool IsIn(ReadOnlySpan<char> text) =>
        text.Contains(Key.Text, StringComparison.Ordinal)
        || (CustomerId.Length >= ShortestId && text.Contains(CustomerId, StringComparison.OrdinalIgnoreCase))
        || (Email is { } email && text.Contains(email, StringComparison.OrdinalIgnoreCase))
        || (Phone is { } phone && text.Contains(phone, StringComparison.Ordinal));
}
