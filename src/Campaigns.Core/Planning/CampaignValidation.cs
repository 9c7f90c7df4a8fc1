using System.Globalization;
using Campaigns.Core.Offers;
using Campaigns.Core.Offers.Codes;
using Campaigns.Core.Planning.Terms;
using Campaigns.Core.Primitives;
using Campaigns.Core.Segments.Rules;
using Campaigns.Core.Storage;

namespace Campaigns.Core.Planning;

/// <summary>Something to put right before a campaign can be saved. <paramref name="Sentence"/> begins with the field's name for people; <paramref name="Field"/> is its path.</summary>
public sealed record Problem(string Field, string Sentence)
{
    /// <inheritdoc/>
    public override string ToString() => Sentence;
}

/// <summary>What is wrong with a template's sources, in sentences. Owned here, implemented by <c>Dispatch/TemplateCheck</c>, which knows the fields.</summary>
public delegate IReadOnlyList<string> TemplateProblems(MessageTemplate template);

/// <summary>What a campaign must be to be saved. Pure.</summary>
public static class CampaignValidation
{
    /// <summary>Above half held out, the campaign is rather the exception than the rule.</summary>
    public const double MaxHoldoutShare = 0.5;

    /// <summary>Windows and pauses: a year. Beyond it, what happens has other causes.</summary>
    public const int MaxDays = 365;

    /// <summary>Variants of a campaign: more would leave each too few customers to be measured.</summary>
    public const int MaxTreatments = 10;

    /// <summary>Hours that an offer may hold: 90 days.</summary>
    public const int MaxValidHours = 90 * 24;

    /// <summary>Characters of an id: it is part of keys and links.</summary>
    public const int MaxIdLength = 60;

    /// <summary>Characters of a name.</summary>
    public const int MaxNameLength = 120;

    /// <summary>Characters of a subject: mail programs show fewer.</summary>
    public const int MaxSubjectLength = 200;

    /// <summary>Bytes of a campaign with its templates: a run freezes them in one row.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Characters of a coupon code.</summary>
    public const int MaxCodeLength = CodePool.MaxCodeLength;

    /// <summary>All problems, in the order of the form; none = it can be saved. <paramref name="scheme"/> is the one in force; null = the built-in one.</summary>
    public static IReadOnlyList<Problem> Problems(Campaign campaign, TemplateProblems templates, SegmentScheme? scheme = null)
    {
        var problems = new List<Problem>();
        CheckId(problems, "id", "Id", campaign.Id);
        CheckName(problems, "name", "Name", campaign.Name);
        CheckSegments(problems, campaign, scheme ?? RetailScheme.Scheme);
        CheckNumbers(problems, campaign);
        CheckTreatments(problems, campaign, templates);
        problems.AddRange(OfferTermsCheck.Problems(campaign));
        if (problems.Count == 0 && RowCodec.Encode(campaign).Length is var bytes && bytes > MaxBytes)
        {
            problems.Add(new Problem("treatments", string.Create(CultureInfo.InvariantCulture, $"Templates: together they take {bytes:N0} bytes; at most {MaxBytes:N0} can be kept. Link images instead of embedding them.")));
        }

        return problems;
    }

    /// <summary>Why the segment cannot be an audience, in a sentence; null where it can.</summary>
    public static string? BarredIn(SegmentScheme scheme, string segment) => BarredUse.FieldOf(scheme, segment) is { } field
        ? $"Segments: '{segment}' rests on {field}, which this workspace bars from offers; choose another segment, or lift the bar under Segments, Fields."
        : null;

    private static void CheckSegments(List<Problem> problems, Campaign campaign, SegmentScheme scheme)
    {
        var known = scheme.SegmentIds;
        if (campaign.Segments.Length == 0)
        {
            problems.Add(new Problem("segments", "Segments: choose at least one."));
        }

        foreach (var segment in campaign.Segments.Where(s => !known.Contains(s, StringComparer.Ordinal)))
        {
            problems.Add(new Problem("segments", $"Segments: '{segment}' is none; there are {string.Join(", ", known)}."));
        }

        foreach (var segment in campaign.Segments)
        {
            if (BarredIn(scheme, segment) is { } barred)
            {
                problems.Add(new Problem("segments", barred));
            }
        }

        foreach (var segment in campaign.Segments.Where(s => campaign.Treatments.Length > 0 && !Array.Exists(campaign.Treatments, t => t.FitsSegment(s))))
        {
            problems.Add(new Problem("treatments", $"Message variants: none is for the segment '{segment}'; add one, or leave the segment out."));
        }
    }

    private static void CheckNumbers(List<Problem> problems, Campaign campaign)
    {
        Check(problems, "holdoutShare", !(campaign.HoldoutShare is < 0 or > MaxHoldoutShare or double.NaN), "Control group: choose a share from 0 % to 50 %.");
        Check(problems, "outcomeWindowDays", campaign.OutcomeWindowDays is >= 1 and <= MaxDays, $"Outcome window: choose 1 to {MaxDays} days.");
        Check(problems, "reentryPauseDays", campaign.ReentryPauseDays is >= 0 and <= MaxDays, $"Re-entry pause: choose 0 to {MaxDays} days.");
        Check(problems, "expiryHours", campaign.ExpiryHours is null or (>= 1 and <= MaxValidHours), $"Expiry: choose 1 to {MaxValidHours} hours, or leave it empty.");
        Check(problems, "repeatDays", campaign.RepeatDays is >= 0 and <= MaxDays, $"Repeat: choose every 1 to {MaxDays} days, or 0 for a single run.");
        Check(problems, "maxSends", campaign.MaxSends is null or >= 1, "Most messages per run: choose at least 1, or leave it empty for no ceiling.");
        Check(problems, "maxSendCostMinor", campaign.MaxSendCostMinor is null or >= 1, "Most sending cost per run: choose more than 0, or leave it empty for no ceiling.");
        Check(problems, "budgetMinor", campaign.BudgetMinor is null or >= 1, "Budget per run: choose more than 0, or leave it empty for no budget.");
        Check(problems, "totalBudgetMinor", campaign.TotalBudgetMinor is null or >= 1, "Total budget: choose more than 0, or leave it empty for none.");
        Check(problems, "conversionEvent", campaign.ConversionEvent is null or { Length: >= 1 and <= MaxNameLength }, "Conversion: name an event, or leave it empty for orders.");
        Check(problems, "strategy", Enum.IsDefined(campaign.Strategy), "Choosing: there are automatic, fixed, split and adaptive.");
        foreach (var own in campaign.SegmentStrategies)
        {
            Check(problems, "segmentStrategies", Enum.IsDefined(own.Strategy), $"Choosing in segment '{own.Segment}': there are automatic, fixed, split and adaptive.");
            Check(
                problems,
                "segmentStrategies",
                campaign.Segments.Contains(own.Segment, StringComparer.Ordinal),
                $"Choosing in segment '{own.Segment}': it is not one of the campaign's; add it, or let it choose as the campaign does.");
        }

        Check(
            problems,
            "segmentStrategies",
            campaign.SegmentStrategies.DistinctBy(s => s.Segment, StringComparer.Ordinal).Count() == campaign.SegmentStrategies.Length,
            "Choosing by segment: one is there twice.");
        Check(problems, "priority", campaign.Priority is >= 0 and <= 1000, "Priority: choose 0 to 1,000; lower goes first.");
    }

    private static void CheckTreatments(List<Problem> problems, Campaign campaign, TemplateProblems templates)
    {
        Check(problems, "treatments", campaign.Treatments.Length is >= 1 and <= MaxTreatments, $"Message variants: there must be 1 to {MaxTreatments}.");
        foreach (var twice in campaign.Treatments.GroupBy(t => t.Id, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            problems.Add(new Problem("treatments", $"Message variants: the id '{twice.Key}' is there twice; give each its own."));
        }

        foreach (var treatment in campaign.Treatments)
        {
            var (path, label) = ($"treatments.{treatment.Id}", $"Message variant '{treatment.Id}'");
            CheckId(problems, path + ".id", label + ", id", treatment.Id);
            foreach (var segment in treatment.Segments.Where(s => !campaign.Segments.Contains(s, StringComparer.Ordinal)))
            {
                problems.Add(new Problem(path + ".segments", $"{label}, segments: '{segment}' is not one of the campaign's."));
            }

            CheckChannels(problems, path, label, treatment);
            CheckOffer(problems, path + ".offer", label + ", offer", treatment.Offer);
            Check(problems, path + ".template.subject", treatment.Template.Subject.Length <= MaxSubjectLength, $"{label}, subject: use at most {MaxSubjectLength} characters.");
            problems.AddRange(templates(treatment.Template).Select(p => new Problem(path + ".template", $"{label}, {p}")));
        }
    }

    private static void CheckChannels(List<Problem> problems, string path, string label, Treatment treatment)
    {
        var channels = treatment.Channels;
        Check(problems, path + ".channels", channels.Length > 0, $"{label}, channels: choose at least one.");
        Check(problems, path + ".channels", channels.Distinct().Count() == channels.Length, $"{label}, channels: one is there twice.");
        Check(problems, path + ".channels", Array.TrueForAll(channels, c => c is Channel.Email or Channel.Sms), $"{label}, channels: there are e-mail and SMS.");
        Check(
            problems,
            path + ".template.sms",
            !channels.Contains(Channel.Sms) || !string.IsNullOrWhiteSpace(treatment.Template.Sms),
            $"{label}, SMS text: write one, or take SMS out of the channels.");
        Check(
            problems,
            path + ".template.subject",
            !channels.Contains(Channel.Email) || !string.IsNullOrWhiteSpace(treatment.Template.Subject),
            $"{label}, subject: write one, or take e-mail out of the channels.");
        Check(
            problems,
            path + ".template.html",
            !channels.Contains(Channel.Email) || !string.IsNullOrWhiteSpace(treatment.Template.Html),
            $"{label}, HTML body: write one, or take e-mail out of the channels.");
    }

    private static void CheckOffer(List<Problem> problems, string path, string label, Offer offer)
    {
        CheckId(problems, path + ".id", label + " id", offer.Id);
        CheckName(problems, path + ".name", label + " name", offer.Name);
        Check(problems, path + ".kind", Enum.IsDefined(offer.Kind), $"{label} kind: choose an exclusive benefit, a recommendation, a time-limited discount or a bundle.");
        Check(
            problems,
            path + ".discountShare",
            offer.DiscountShare is >= 0 and <= Offer.MaxDiscountShare,
            string.Create(CultureInfo.InvariantCulture, $"{label} discount: choose 0 % to {Offer.MaxDiscountShare * 100:0} %."));
        Check(problems, path + ".validHours", offer.ValidHours is >= 0 and <= MaxValidHours, $"{label} valid hours: choose 1 to {MaxValidHours}, or 0 until the outcome window ends.");
        Check(problems, path + ".benefitCostMinor", offer.BenefitCostMinor >= 0, $"{label} benefit cost: it cannot be negative.");
        Check(
            problems,
            path + ".code",
            offer.Code is null || (offer.Code.Length is >= 1 and <= MaxCodeLength && offer.Code.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0),
            $"{label} code: use 1 to {MaxCodeLength} letters, digits and signs without spaces.");
        Check(problems, path + ".code", !offer.IsDiscount || offer.Code is not null || offer.CodePool is not null, $"{label} code: a discount needs one, by which its redemptions are known.");
        Check(problems, path + ".code", offer.Code is null || offer.CodePool is null, $"{label} code: choose one code for all, or a pool of single-use codes, not both.");
        Check(problems, path + ".codePool", offer.CodePool is null || CodePool.IsId(offer.CodePool), $"{label} pool of codes: use 1 to {CodePool.MaxIdLength} lower-case letters, digits and hyphens.");
        problems.AddRange(OfferTermsCheck.Problems(path, label, offer));
        if (offer.Kind == OfferKind.TimeLimitedDiscount)
        {
            Check(problems, path + ".discountShare", offer.DiscountShare is not 0 || offer.DiscountMinor > 0 || offer.FreeShipping, $"{label} discount: a time-limited discount needs more than 0 %, an amount, or free shipping.");
            Check(problems, path + ".validHours", offer.ValidHours != 0, $"{label} valid hours: a time-limited discount needs at least 1.");
        }
    }

    private static void CheckId(List<Problem> problems, string field, string label, string id)
    {
        var fits = id.Length is >= 1 and <= MaxIdLength && id.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');
        Check(problems, field, fits, $"{label}: use 1 to {MaxIdLength} lower-case letters, digits and hyphens.");
    }

    private static void CheckName(List<Problem> problems, string field, string label, string name) =>
        Check(problems, field, !string.IsNullOrWhiteSpace(name) && name.Length <= MaxNameLength, $"{label}: use 1 to {MaxNameLength} characters.");

    private static void Check(List<Problem> problems, string field, bool holds, string sentence)
    {
        if (!holds)
        {
            problems.Add(new Problem(field, sentence));
        }
    }
}
