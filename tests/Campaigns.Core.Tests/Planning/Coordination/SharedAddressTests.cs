using Campaigns.Core.Ingest;
using Campaigns.Core.Planning;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments;

namespace Campaigns.Core.Tests.Planning.Coordination;

/// <summary>An address gets one message per run, whoever has it.</summary>
public sealed class SharedAddressTests
{
    private const string Shared = "Anna@example.com";

    private static readonly Consent Yes = new(true, "test", PlanWorld.Start);

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(256)]
    public async Task Of_customers_with_one_mail_address_the_lowest_id_alone_is_in_an_arm(int buckets)
    {
        await using var world = await PlanWorld.CreateAsync(buckets);
        for (var i = 0; i < 30; i++)
        {
            // Pairs, some of which differ by case alone; 40 % are held out, so that both arms hold firsts.
            await AddAsync(world, $"a{i:00}", c => c with { Email = $"p{i}@example.com" });
            await AddAsync(world, $"b{i:00}", c => c with { Email = $"P{i}@example.com" });
        }

        var run = await world.PlanAsync(PlanWorld.TwoVariants() with { HoldoutShare = 0.4 });

        var rows = (await world.RowsAsync(run)).Values.Select(r => r.Row).ToList();
        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"a{i:00}"), rows.Select(r => r.CustomerId).Order(StringComparer.Ordinal));
        Assert.Contains(rows, r => r.HeldOut);
        Assert.Contains(rows, r => !r.HeldOut);
        var plan = await world.PlanOfAsync(run);
        Assert.Equal(30, plan.SkippedByReason()[ExclusionReasons.SameAddress]);
        Assert.Equal(60, plan.AudienceCustomers);
    }

    [Fact]
    public async Task Whoever_passes_no_gate_or_has_the_address_no_more_keeps_nobody_out()
    {
        await using var world = await PlanWorld.CreateAsync();
        await AddAsync(world, "a", c => c with { Email = Shared, EmailConsent = Consent.Unknown });
        await AddAsync(world, "b", c => c with { Email = Shared }, segment: SegmentNames.Regular); // Not in the audience.
        await AddAsync(world, "c", c => c with { Email = Shared });
        await world.AddAsync("c", SegmentNames.Loyal, c => c with { Email = "new@example.com" }); // The note of its old address stays.
        await AddAsync(world, "d", c => c with { Email = Shared });

        var run = await world.PlanAsync(PlanWorld.TwoVariants());

        Assert.Equal(["c", "d"], (await world.RowsAsync(run)).Values.Select(r => r.Row.CustomerId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_shared_phone_matters_only_to_those_who_are_written_to_by_phone()
    {
        await using var world = await PlanWorld.CreateAsync();
        const string Phone = "+447700900123";
        await AddAsync(world, "a", c => c with { Phone = Phone, SmsConsent = Yes });
        await AddAsync(world, "b", c => c with { Phone = Phone, SmsConsent = Yes });
        await AddAsync(world, "c", c => c with { Email = null, Phone = Phone, SmsConsent = Yes });
        await AddAsync(world, "d", c => c with { Email = null, Phone = Phone, SmsConsent = Yes });

        var run = await world.PlanAsync(PlanWorld.TwoVariants());

        Assert.Equal(["a", "b", "c"], (await world.RowsAsync(run)).Values.Select(r => r.Row.CustomerId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_address_of_a_hundred_and_more_gets_one_message_and_the_preview_says_so()
    {
        await using var world = await PlanWorld.CreateAsync();
        for (var i = 0; i < 130; i++)
        {
            await AddAsync(world, $"c{i:000}", c => c with { Email = "none@example.com" });
        }

        var preview = await new AudiencePreviews(world.Store.Rows, world.Store.Blobs, world.Store.Workspace, world.Runs).OfAsync(PlanWorld.TwoVariants(), PlanWorld.None);
        var run = await world.PlanAsync(PlanWorld.TwoVariants());

        Assert.Single(await world.RowsAsync(run));
        Assert.Equal(129, (await world.PlanOfAsync(run)).SkippedByReason()[ExclusionReasons.SameAddress]);
        Assert.Equal(129, preview!.Plan.SkippedByReason()[ExclusionReasons.SameAddress]);
    }

    private static async Task AddAsync(PlanWorld world, string id, Func<CustomerRow, CustomerRow> change, string segment = SegmentNames.Loyal)
    {
        var row = change(new CustomerRow { CustomerId = id, CreatedAt = PlanWorld.Start, Email = id + "@example.com" });
        var book = new AddressBook(world.Store.Rows, world.Store.Workspace);
        await book.AddAsync(new[] { row.Email, row.Phone }.OfType<string>().Select(a => (a, world.Key(id))), PlanWorld.None);
        await world.AddAsync(id, segment, change);
    }
}
