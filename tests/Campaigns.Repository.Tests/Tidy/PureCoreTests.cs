using System.Text.RegularExpressions;

namespace Campaigns.Repository.Tests.Tidy;

/// <summary>Decisions are pure: only named files of Core take the storage.</summary>
public partial class PureCoreTests
{
    /// <summary>Files besides steps that read or write the store, and why each is no step.</summary>
    private static readonly Dictionary<string, string> Shells = new(StringComparer.Ordinal)
    {
        ["Dispatch/Ledger/Letterheads.cs"] = "keeps what messages took from the settings",
        ["Dispatch/Ledger/SentMessages.cs"] = "reads what is needed to make a sent message again",
        ["Dispatch/Ledger/RunLedger.cs"] = "reads the sending records of a run: counted and listed, for pages, the API and the command line",
        ["Ingest/AddressBook.cs"] = "writes the index of addresses and reads suppressions, for the import and for webhooks",
        ["Ingest/BucketIngest.cs"] = "commits a bucket's sorted orders and customers, for the ingest step",
        ["Ingest/FedProducts.cs"] = "stores products as a feed describes them",
        ["Ingest/Imports.cs"] = "starts imports and reads how they went, for the API",
        ["Ingest/NamedProducts.cs"] = "stores products as orders name them",
        ["Ingest/ProductFacts.cs"] = "reads what feeds say of products, for orders that say less",
        ["Ingest/ShopSpool.cs"] = "keeps orders that shop systems post until they are imported",
        ["Ingest/SortedContent.cs"] = "reads an import's sorted entries",
        ["Ingest/StoredCustomers.cs"] = "reads and writes customers' rows during an import",
        ["Ingest/Spill/SpillMerge.cs"] = "streams an import's spilled blobs in sorted order",
        ["Ingest/Spill/SpillSorter.cs"] = "spreads an import's records over buckets beside the reading",
        ["Ingest/Spill/SpillWriter.cs"] = "spills an import's records into one blob per bucket and chunk",
        ["Measurement/CodeRedemptions.cs"] = "notes which orders carry a single-use code, beside the ingest",
        ["Measurement/Control/ControlMeasure.cs"] = "starts measurements of the global control group, and reads them",
        ["Measurement/Control/KnownCustomers.cs"] = "streams the customers who were known at a quarter's start",
        ["Measurement/Control/QuarterActivity.cs"] = "streams what customers did in a quarter",
        ["Measurement/Kpis.cs"] = "reads the latest measurement, for pages and the API",
        ["Measurement/Measure.cs"] = "starts the measure job",
        ["Measurement/Recount.cs"] = "streams a run's outcomes and their orders, to compare the two",
        ["Offers/Codes/CodeOwners.cs"] = "notes who has a code and which orders carry it",
        ["Offers/Codes/CodePools.cs"] = "keeps the pools of codes, and reserves ranges of them for runs",
        ["Offers/Codes/CodeUpload.cs"] = "takes files of codes into pools",
        ["Offers/ProductNames.cs"] = "reads product names, cached, for messages and pages",
        ["Measurement/Replay/DecisionCsv.cs"] = "streams the decisions of a run as a file",
        ["Measurement/Replay/StoredDecisions.cs"] = "streams the decisions of runs, to replay another policy on them",
        ["Offers/Learning/EvidenceRows.cs"] = "stores what closed runs taught",
        ["Planning/AudiencePreview.cs"] = "reads whole buckets to tell what a launch would come to",
        ["Planning/Terms/OfferRules.cs"] = "reads the recompute by which a run's offers ask who may get them",
        ["Planning/AudienceScan.cs"] = "streams a bucket's audience in batches",
        ["Planning/Brakes/RunBrakes.cs"] = "keeps how runs are held, by themselves or by hand",
        ["Planning/Constraints/RunSpend.cs"] = "keeps what runs have really cost",
        ["Planning/Constraints/TotalBudget.cs"] = "reads what a campaign's earlier runs cost and reserve",
        ["Planning/CampaignCatalog.cs"] = "stores campaigns as people edit them",
        ["Planning/Coordination/RunIndexRow.cs"] = "reads the runs that customers are assigned to",
        ["Planning/Coordination/RunOrder.cs"] = "keeps the order of a day's runs",
        ["Planning/Coordination/SharedAddresses.cs"] = "reads who has the same address, so that it gets one message",
        ["Planning/Decisions/RunDecisions.cs"] = "reads what runs decided: explained for one customer, made once more for all",
        ["Planning/Decisions/RunRows.cs"] = "streams a run's assignments in the customers' order",
        ["Planning/Forecast/AudienceSurveys.cs"] = "reads an audience, or a fair sample of it, before a launch",
        ["Planning/Runs.cs"] = "keeps the lists of runs, newest first",
        ["Privacy/CustomerExports.cs"] = "reads all that is held of a customer",
        ["Privacy/Erasure.cs"] = "marks a customer as erased, and starts the job",
        ["Privacy/ImportTraces.cs"] = "takes a customer out of what imports left",
        ["Privacy/PoisonSearch.cs"] = "takes a customer's failed messages away",
        ["Privacy/RecomputeTraces.cs"] = "takes a customer out of results of recomputes",
        ["Segments/CustomerScan.cs"] = "streams a bucket's customers, all their rows side by side",
        ["Segments/CustomerSegments.cs"] = "reads one customer's segments, for pages and the API",
        ["Segments/MembershipWrites.cs"] = "streams memberships and writes those that changed",
        ["Segments/SchemeCatalog.cs"] = "stores the scheme as people edit it, with its versions",
        ["Segments/SchemePreviews.cs"] = "reads customers to tell what a scheme would come to",
        ["Segments/SegmentSeries.cs"] = "keeps the series of recomputes",
        ["Segments/SegmentReader.cs"] = "reads finished recomputations, for planning and pages",
        ["Tracking/TouchSpool.cs"] = "keeps what providers reported until it is applied",
    };

    [Fact]
    public void Only_steps_and_named_shells_take_the_storage()
    {
        var wrong = SourceTree.Core.Where(f => Port().IsMatch(f.Code) && !MayTakeThem(f)).Select(f => f.Path);

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_named_shell_takes_the_storage_and_has_its_reason()
    {
        foreach (var (path, reason) in Shells)
        {
            var file = SourceTree.Core.SingleOrDefault(f => f.Path == "src/Campaigns.Core/" + path);
            Assert.True(file is not null && Port().IsMatch(file.Code), $"{path} is not there or takes no storage: strike it from the list.");
            Assert.NotEmpty(reason);
        }
    }

    [Fact]
    public void Core_has_no_package_that_does_input_or_output()
    {
        var project = SourceTree.All.Single(f => f.Path == "src/Campaigns.Core/Campaigns.Core.csproj").Text;

        Assert.DoesNotMatch(@"Include=""(Azure|Microsoft\.Data|Microsoft\.Extensions\.Http|SendGrid|MailKit|Microsoft\.AspNetCore)", project);
        Assert.DoesNotContain("ProjectReference", project, StringComparison.Ordinal);
    }

    private static bool MayTakeThem(SourceFile file) =>
        file.Path.StartsWith("src/Campaigns.Core/Storage/", StringComparison.Ordinal)
        || file.Path.StartsWith("src/Campaigns.Core/Jobs/", StringComparison.Ordinal)
        || file.Name.EndsWith("Step.cs", StringComparison.Ordinal)
        || Shells.ContainsKey(file.Path["src/Campaigns.Core/".Length..]);

    [GeneratedRegex(@"\b(IRowStore|IBlobStore|IQueueStore|JobContext)\b")]
    private static partial Regex Port();
}
