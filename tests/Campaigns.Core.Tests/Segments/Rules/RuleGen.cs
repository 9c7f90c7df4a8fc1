using Campaigns.Core.Ingest;
using Campaigns.Core.Segments;
using Campaigns.Core.Segments.Rules;
using CsCheck;

namespace Campaigns.Core.Tests.Segments.Rules;

/// <summary>Rules over a handful of fields of every type, and customers for whom each is sometimes unknown.</summary>
internal static class RuleGen
{
    public static readonly FieldCatalogue Catalogue = FieldCatalogue.BuiltIn.With(
        new AttributeType("age", FieldType.Number), new AttributeType("city", FieldType.Text), new AttributeType("member", FieldType.YesNo), new AttributeType("born", FieldType.Date));

    private static readonly Gen<string> NumberField = Gen.OneOf("orders", "order_days", "days_since_last_order", "own_gap", "spend", "attribute.age", "product.p1.lines", "event.visit.count");
    private static readonly Gen<string> TextField = Gen.OneOf("country", "language", "attribute.city", "rfm.cell");
    private static readonly Gen<string> DateField = Gen.OneOf("last_order_at", "attribute.born", "customer_since");
    private static readonly Gen<string> YesNoField = Gen.OneOf("attribute.member", "email.consent", "product.p2.bought");
    private static readonly Gen<string> AnyField = Gen.OneOf(NumberField, TextField, DateField, YesNoField);
    private static readonly Gen<string> Words = Gen.OneOf("GB", "en", "Leeds", "York", "champions", "ä \"quoted\" {x} 日本", "l");
    private static readonly Gen<Comparison> Sides = Gen.OneOf(Comparison.Is, Comparison.Above, Comparison.AtLeast, Comparison.Below, Comparison.AtMost);
    private static readonly Gen<FieldValue> NumberValue = Gen.OneOf(Gen.Int[0, 10].Select(i => FieldValue.Of((double)i)), Gen.Double[-1e6, 1e6].Select(d => FieldValue.Of(d)));
    private static readonly Gen<FieldValue> DateValue = Gen.Int[-20_000, 1_000].Select(d => FieldValue.Of(ShopGen.Start.AddMinutes(d * 1_440L)));

    private static readonly Gen<Operand> Number = Gen.Recursive<Operand>((depth, inner) => depth > 2
        ? NumberValue.Select(v => (Operand)new Operand.Literal(v))
        : Gen.Frequency(
            (5, NumberValue.Select(v => (Operand)new Operand.Literal(v))),
            (2, Gen.Const((Operand)new Operand.Parameter("limit"))),
            (2, NumberField.Select(f => (Operand)new Operand.OfField(f, null))),
            (1, NumberField.Select(f => (Operand)new Operand.OfField(f, new Operand.Parameter("limit")))),
            (1, inner.Array[1, 3].Select(o => (Operand)new Operand.Greatest([.. o]))),
            (1, inner.Array[1, 3].Select(o => (Operand)new Operand.Least([.. o]))),
            (1, inner.Array[1, 3].Select(o => (Operand)new Operand.First([.. o])))));

    private static readonly Gen<Rule> Single = Gen.OneOf(
        Gen.Select(NumberField, Sides, Number, (f, c, o) => (Rule)new Rule.Compare(f, c, o)),
        Gen.Select(DateField, Sides, DateValue, (f, c, v) => (Rule)new Rule.Compare(f, c, new Operand.Literal(v))),
        Gen.Select(TextField, Gen.OneOf(Comparison.Is, Comparison.StartsWith, Comparison.Contains), Words, (f, c, w) => (Rule)new Rule.Compare(f, c, new Operand.Literal(FieldValue.Of(w)))),
        Gen.Select(YesNoField, Gen.Bool, (f, yes) => (Rule)new Rule.Compare(f, Comparison.Is, new Operand.Literal(FieldValue.Of(yes)))),
        Gen.Select(NumberField, Gen.Int[0, 50], Gen.Int[0, 50], (f, low, more) => (Rule)new Rule.Between(f, Of(low), Of(low + more))),
        Gen.Select(TextField, Words.Array[1, 3], (f, w) => (Rule)new Rule.OneOf(f, [.. w.Select(x => FieldValue.Of(x))])),
        Gen.Select(DateField, Gen.Int[0, 400], Gen.Bool, Gen.Bool, (f, d, ahead, yearly) => (Rule)new Rule.Within(f, d, ahead, yearly)),
        AnyField.Select(f => (Rule)new Rule.Known(f)));

    /// <summary>A rule of at most a few levels.</summary>
    public static readonly Gen<Rule> Any = Gen.Recursive<Rule>((depth, inner) => depth > 2
        ? Single
        : Gen.Frequency(
            (3, Single),
            (1, inner.Array[1, 3].Select(r => (Rule)new Rule.All([.. r]))),
            (1, inner.Array[1, 3].Select(r => (Rule)new Rule.Any([.. r]))),
            (1, inner.Select(r => (Rule)new Rule.Not(r)))));

    /// <summary>A customer at a time.</summary>
    public static readonly Gen<(CustomerRow? Customer, Core.Profiles.PurchaseHistory? History, SegmentParameters Shop, DateTimeOffset AsOf)> Customer =
        from history in ShopGen.History
        from known in Gen.Bool
        from shop in ShopGen.Parameters
        from day in Gen.Int[0, 1500]
        from age in Gen.OneOf("", "17", "40", "no number")
        from city in Gen.OneOf("", "Leeds", "leeds", "York")
        from member in Gen.OneOf("", "yes", "no")
        from born in Gen.OneOf("", "1980-02-29", "1991-12-31")
        from events in Gen.Int[0, 2]
        select (
            known ? new CustomerRow { CustomerId = "c", CreatedAt = ShopGen.Start, Country = city.Length == 0 ? null : "GB", Attributes = new() { ["age"] = age, ["city"] = city, ["member"] = member, ["born"] = born } } : null,
            events == 0 ? null : history with { Events = [new("visit", events, ShopGen.Start, 1_000)] },
            shop,
            ShopGen.Start.AddDays(day));

    /// <summary>The scheme of these rules: segments s0, s1, …</summary>
    public static SegmentScheme Scheme(params Rule[] rules) => new()
    {
        Id = "some",
        Name = "Some",
        Attributes = [new("age", FieldType.Number), new("city", FieldType.Text), new("member", FieldType.YesNo), new("born", FieldType.Date)],
        Parameters = [new("limit", 3, FieldUnit.Orders, "a limit")],
        Segments = [.. rules.Select((r, i) => new SegmentDefinition { Id = "s" + i, Name = "S" + i, Rule = r })],
    };

    /// <summary>What the rules say of the customer.</summary>
    public static bool[] Hold((CustomerRow? Customer, Core.Profiles.PurchaseHistory? History, SegmentParameters Shop, DateTimeOffset AsOf) customer, params Rule[] rules)
    {
        var set = new CompiledScheme(Scheme(rules), Catalogue).Classify(Facts(customer));
        return [.. rules.Select((_, i) => set.Contains(i))];
    }

    public static CustomerFacts Facts((CustomerRow? Customer, Core.Profiles.PurchaseHistory? History, SegmentParameters Shop, DateTimeOffset AsOf) c) =>
        new() { Customer = c.Customer, History = c.History, Shop = c.Shop, AsOf = c.AsOf };

    private static Operand.Literal Of(double number) => new(FieldValue.Of(number));
}
