using Campaigns.Core.Ingest;
using Campaigns.Core.Jobs;
using Campaigns.Core.Offers.Codes;
using Campaigns.Core.Planning.Codes;
using Campaigns.Core.Planning.Constraints;
using Campaigns.Core.Planning.Coordination;
using Campaigns.Core.Planning.Forecast;
using Campaigns.Core.Planning.Terms;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning;

/// <summary>What a launch now would come to. The draws are those of the next run, so that without changes in between it is exact unless estimated.</summary>
public sealed record AudiencePreview
{
    /// <summary>Who would be assigned and skipped.</summary>
    public required RunPlan Plan { get; init; }

    /// <summary>Members of the audience with an address, consent and no suppression on the channel, whatever the pauses and caps say.</summary>
    public required IReadOnlyDictionary<Channel, long> Reachable { get; init; }

    /// <summary>Messages that would go out.</summary>
    public long ExpectedSends => Plan.Treated;

    /// <summary>Customers in the control group.</summary>
    public long HeldOut => Plan.HeldOut;

    /// <summary>What sending would cost, in micro-units of the major unit.</summary>
    public required long SendCostMicros { get; init; }

    /// <summary>Only some buckets were read; counts are scaled up to all.</summary>
    public required bool Estimated { get; init; }

    /// <summary>What a budget is expected to be used for, or null where there is none and nothing else is short.</summary>
    public BudgetReport? Budget { get; init; }

    /// <summary>What the run is expected to bring, and what could be told of it.</summary>
    public RunForecast? Forecast { get; init; }

    /// <summary>The first customer by key who would be treated, to render a message for, or null where nobody would.</summary>
    public PreviewExample? Example { get; init; }

    /// <summary>Codes that are missing for so many messages, in a sentence with what to do; null where there are enough.</summary>
    public string? CodesMissing { get; init; }

    /// <summary>Why a launch would be refused as the total budget is used up, in a sentence with what to do; null where it is not.</summary>
    public string? BudgetUsedUp { get; init; }
}

/// <summary>A customer who would be treated, and with what.</summary>
public sealed record PreviewExample(CustomerRow Customer, AssignmentRow Assignment);

/// <summary>Makes previews.</summary>
public sealed class AudiencePreviews(IRowStore rows, IBlobStore blobs, Workspace workspace, Runs runs)
{
    /// <summary>Customers read before a preview becomes an estimate: about a second of the embedded store.</summary>
    public const int ExactLimit = 50_000;

    /// <summary>The preview of a campaign as it stands in the form, or null where there are no segments yet.</summary>
    public async ValueTask<AudiencePreview?> OfAsync(Campaign campaign, CancellationToken cancellation)
    {
        var now = await workspace.NowAsync(cancellation);
        if (await runs.SurveyedAsync(campaign, now, cancellation) is not { } surveyed)
        {
            return null;
        }

        var inputs = surveyed.Inputs;
        var settings = await workspace.SettingsAsync(cancellation);
        var run = Campaign.RunId(campaign.Id, campaign.Occurrences);
        var frame = new RunFrame(run, now, inputs, Convert.ToHexStringLower(settings.Salt))
        {
            Buckets = settings.Buckets,
            Before = await RunOrder.BeforeAsync(rows, run, inputs, cancellation),
            Rules = await OfferRules.LoadAsync(rows, blobs, inputs, now, cancellation),
        };
        var buckets = settings.Buckets;
        int? outside = null;
        if (frame.IsConstrained)
        {
            frame = new RunFrame(run, now, inputs, frame.Salt, await WeighAsync(frame, settings, cancellation)) { Buckets = frame.Buckets, Before = frame.Before, Rules = frame.Rules };
        }

        if (frame.HasCeiling)
        {
            (var histogram, buckets) = await CountAsync(frame, settings.Buckets, cancellation);
            outside = CountStep.PlanOf(Scaled(frame, buckets, settings.Buckets), [histogram]).FirstBinOutside;
        }

        var sample = new Sample(frame, outside);
        var read = await ReadAsync(frame, buckets, sample.Add, cancellation);
        var preview = sample.ToPreview(read, settings.Buckets);
        var needs = CodeNeeds.Of(inputs.Campaign, id => preview.Plan.Cells.Where(c => string.Equals(c.Treatment, id, StringComparison.Ordinal)).Sum(c => c.Treated));
        return preview with
        {
            CodesMissing = await new CodePools(rows).ShortageAsync(needs, cancellation),
            BudgetUsedUp = inputs.Total?.Refusal(inputs, settings.Currency),
            Forecast = RunForecast.Of(
                inputs, surveyed.Survey, preview.Plan, sample.Sends.ToSends(read, settings.Buckets), preview.SendCostMicros, surveyed.Evidence, Money.MicrosPerMinor(settings.Currency)),
        };
    }

    private async ValueTask<(CeilingHistogram Histogram, int Read)> CountAsync(RunFrame frame, int buckets, CancellationToken cancellation)
    {
        var tally = new CeilingTally(frame);
        var read = await ReadAsync(frame, buckets, tally.Add, cancellation);
        return (tally.ToHistogram(), read);
    }

    private async ValueTask<Weighing> WeighAsync(RunFrame frame, WorkspaceSettings settings, CancellationToken cancellation)
    {
        var tally = new AudienceWeightsTally();
        var read = await ReadAsync(frame, settings.Buckets, (bucket, batch) => WeighStep.AddAsync(rows, bucket, frame, batch, tally, cancellation), cancellation);
        return await WeighStep.WeighAsync(rows, frame, tally.ToWeights(read, settings.Buckets), settings.Currency, cancellation);
    }

    private ValueTask<int> ReadAsync(RunFrame frame, int buckets, Action<IReadOnlyList<AudienceMember>> add, CancellationToken cancellation) =>
        ReadAsync(
            frame,
            buckets,
            (_, batch) =>
            {
                add(batch.Members);
                return ValueTask.CompletedTask;
            },
            cancellation);

    /// <summary>Reads whole buckets until the limit; how many.</summary>
    private async ValueTask<int> ReadAsync(RunFrame frame, int buckets, Func<int, AudienceBatch, ValueTask> add, CancellationToken cancellation)
    {
        var (bucket, passed) = (0, 0);
        while (bucket < buckets && passed < ExactLimit)
        {
            await foreach (var batch in AudienceScan.ScanAsync(rows, bucket, frame, cancellation))
            {
                await add(bucket, batch);
                passed += batch.Passed;
            }

            bucket++;
        }

        return bucket;
    }

    /// <summary>The frame with the ceilings' share for the buckets read.</summary>
    private static RunFrame Scaled(RunFrame frame, int read, int buckets)
    {
        int? Share(int? most) => (int?)((long?)most * read / buckets);
        var campaign = frame.Inputs.Campaign;
        var inputs = frame.Inputs with
        {
            Campaign = campaign with
            {
                MaxSends = Share(campaign.MaxSends),
                Treatments = Array.ConvertAll(campaign.Treatments, t => t with { Offer = t.Offer with { Stock = Share(t.Offer.Stock) } }),
            },
            MaxSendCostMicros = frame.Inputs.MaxSendCostMicros * read / buckets,
            BudgetMicros = frame.Inputs.BudgetMicros * read / buckets,
        };
        return read == buckets ? frame : new RunFrame(frame.Run, frame.AsOf, inputs, frame.Salt, frame.Weighing) { Buckets = frame.Buckets, Before = frame.Before, Rules = frame.Rules };
    }

    private sealed class Sample(RunFrame frame, int? firstBinOutside)
    {
        private readonly RunPlanTally tally = new();

        public ExpectedSendsTally Sends { get; } = new();

        private readonly Dictionary<Channel, long> reachable = new() { [Channel.Email] = 0, [Channel.Sms] = 0 };
        private long costMicros;
        private PreviewExample? example;

        public void Add(IReadOnlyList<AudienceMember> members)
        {
            foreach (var member in members)
            {
                foreach (var channel in reachable.Keys)
                {
                    reachable[channel] += member.Customer?.ContactableOn(channel, frame.Inputs.Campaign.ConsentPurpose) == true ? 1 : 0;
                }

                switch (frame.Decide(member, firstBinOutside))
                {
                    case PlanDecision.Assigned { Assignment: var assignment }:
                        var row = frame.RowOf(member, assignment, 0);
                        tally.Assigned(row);
                        Sends.Add(member.Segment, assignment.Candidates);
                        costMicros += frame.SpendOf(member.Segment, assignment).CostMicros;
                        example ??= assignment.HeldOut ? null : new PreviewExample(member.Customer!, row);
                        break;
                    case PlanDecision.Excluded excluded:
                        tally.Skipped(member.Segment, excluded.Reason);
                        break;
                }
            }
        }

        public AudiencePreview ToPreview(int read, int buckets) => new()
        {
            Plan = read == buckets ? tally.ToPlan() : ScaledPlan(read, buckets),
            Reachable = reachable.ToDictionary(r => r.Key, r => r.Value * buckets / read),
            SendCostMicros = costMicros * buckets / read,
            Estimated = read < buckets,
            Example = example,
            Budget = frame.Weighing?.Report,
        };

        /// <summary>Each cell scaled by itself; the audience is their sum, so that the estimate adds up, too.</summary>
        private RunPlan ScaledPlan(int read, int buckets)
        {
            long Scale(long count) => ((count * buckets) + (read / 2)) / read;
            var plan = tally.ToPlan();
            var cells = plan.Cells
                .Select(c => c with { Treated = Scale(c.Treated), HeldOut = Scale(c.HeldOut), TreatedPartsPerMillion = Scale(c.TreatedPartsPerMillion) }).ToArray();
            var skipped = plan.Skipped.Select(s => s with { Customers = Scale(s.Customers) }).ToArray();
            return plan with
            {
                Cells = cells,
                Skipped = skipped,
                Audience = [.. plan.Audience.Select(a => a with
                {
                    Customers = cells.Where(c => string.Equals(c.Segment, a.Segment, StringComparison.Ordinal)).Sum(c => c.Treated + c.HeldOut)
                        + skipped.Where(s => string.Equals(s.Segment, a.Segment, StringComparison.Ordinal)).Sum(s => s.Customers),
                })],
            };
        }
    }
}
