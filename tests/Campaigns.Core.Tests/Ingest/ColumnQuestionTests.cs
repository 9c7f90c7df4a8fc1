using Campaigns.Core.Ingest;
using Campaigns.Core.Ingest.Csv;
using Campaigns.Core.Jobs;
using Campaigns.Core.Profiles;

namespace Campaigns.Core.Tests.Ingest;

/// <summary>Files whose headers say too little wait until somebody says what their columns are; the next of the kind needs no question.</summary>
public class ColumnQuestionTests
{
    private const string Till = "Receipt number,Purchase date,Client,Article number,Qty,Price each,Till\n";
    private const string Rows = "17,03/02/2026 10:15,ann,mug,2,3.50,A\n18,25/02/2026 11:00,bob,tea,1,4.00,B\n";

    private static readonly ColumnAnswer Answer = new(
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Receipt number"] = "order_id",
            ["Purchase date"] = "ordered_at",
            ["Client"] = "customer_id",
            ["Article number"] = "sku",
            ["Qty"] = "quantity",
            ["Price each"] = "unit_price",
            ["Till"] = "-",
        },
        "d/M/yyyy H:mm");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_unknown_header_asks_with_a_guess_for_each_column_and_the_first_rows()
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync(Till + Rows);

        Assert.Equal((JobStatus.Failed, true), (import.Status, import.AsksColumns));
        var question = (await Step(rig).FindAsync(import.Id, Cancelled))!;
        Assert.Equal(["order_id", "ordered_at", "-", "sku", "quantity", "unit_price", "-"], question.Columns.Select(c => c.Field));
        Assert.Equal(["17", "03/02/2026 10:15", "ann", "mug", "2", "3.50", "A"], question.Rows[0]);
        Assert.StartsWith("d/M/yyyy|", question.DateFormat, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_imports_the_file_and_the_next_of_the_kind_is_not_asked_about()
    {
        await using var rig = ImportRig.Create();
        var step = Step(rig);
        var import = await rig.ImportAsync(Till + Rows);

        var check = (await step.CheckAsync(import.Id, Answer, Cancelled))!;
        Assert.Equal((ImportSubject.Orders, null, 2L, 0L, true), (check.Subject, check.Problem, check.Rows, check.Rejected, check.Whole));
        Assert.Equal(new DateTimeOffset(2026, 2, 25, 11, 0, 0, TimeSpan.Zero), check.LastAt);
        var started = (await step.AnswerAsync(import.Id, Answer, Cancelled))!;
        await rig.Driver.RunAsync(started.Messages);
        var answered = (await rig.Imports.FindAsync(started.Id, Cancelled))!;
        var next = await rig.ImportAsync("till,price each,qty,article number,client,purchase date,receipt number\nA,1.00,1,mug,ann,26/02/2026 9:00,19\n");

        Assert.Equal((JobStatus.Done, 2L, 1_100L), (answered.Status, answered.Summary!.Orders, answered.Summary.NetMinor));
        Assert.Equal((JobStatus.Done, 1L, 0L), (next.Status, next.Summary!.Orders, next.Summary.Rejected));
        Assert.Contains("were read as was said", Assert.Single(next.Summary.Notices), StringComparison.Ordinal);
        Assert.Null(await step.FindAsync(import.Id, Cancelled));
        Assert.Equal(started.Id, (await step.AnswerAsync(import.Id, Answer, Cancelled))!.Id);
        Assert.DoesNotContain(await rig.Imports.ListAsync(Cancelled), i => i.Id == import.Id);
        Assert.Equal(2, (await rig.RowsAsync<PurchaseHistory>("h|")).Count);
    }

    [Fact]
    public async Task What_was_said_of_a_kind_of_file_can_be_forgotten()
    {
        await using var rig = ImportRig.Create();
        var step = Step(rig);
        var import = await rig.ImportAsync(Till + Rows);
        await rig.Driver.RunAsync((await step.AnswerAsync(import.Id, Answer, Cancelled))!.Messages);

        await step.ForgetAsync(Assert.Single(await step.ListAsync(Cancelled)).Id, Cancelled);

        Assert.True((await rig.ImportAsync(Till + Rows + "19,25/02/2026 11:00,cid,tea,1,4.00,B\n")).AsksColumns);
    }

    [Fact]
    public async Task Customers_keep_only_the_columns_that_somebody_wants_kept()
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync("Kunde,E-Mail-Adresse,Strasse,Lieblingstee\n7,ann@shop.example,Hauptstr. 1,Assam\n");
        var said = new ColumnAnswer(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["Kunde"] = "customer_id", ["E-Mail-Adresse"] = "email", ["Lieblingstee"] = ColumnMap.Attribute }, null);

        await rig.Driver.RunAsync((await Step(rig).AnswerAsync(import.Id, said, Cancelled))!.Messages);

        var ann = (await rig.CustomerAsync("7"))!;
        Assert.Equal("ann@shop.example", ann.Email);
        Assert.Equal(["Lieblingstee"], ann.Attributes.Keys);
    }

    [Theory]
    [InlineData("Client", "order_id", "are both said to be order_id")]
    [InlineData("Till", "first_name", "which is no field of orders")]
    [InlineData("Till", "colour", "which is no field of orders")]
    [InlineData("Shoe size", "category", "The file has no column \"Shoe size\"")]
    [InlineData("Qty", "-", "The column \"quantity\" is missing")]
    public async Task An_answer_that_cannot_be_read_is_refused_with_a_sentence(string column, string field, string problem)
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync(Till + Rows);
        var columns = new Dictionary<string, string>(Answer.Columns, StringComparer.Ordinal) { [column] = field };

        var check = (await Step(rig).CheckAsync(import.Id, Answer with { Columns = columns }, Cancelled))!;

        Assert.Contains(problem, check.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_do_not_fit_the_answer_are_counted_by_reason_before_anything_is_imported()
    {
        await using var rig = ImportRig.Create();
        var import = await rig.ImportAsync(Till + Rows);

        var check = (await Step(rig).CheckAsync(import.Id, Answer with { DateFormat = "M/d/yyyy H:mm" }, Cancelled))!;

        Assert.Equal((2L, 1L), (check.Rows, check.Rejected));
        Assert.Single(check.RejectedByReason);
        Assert.Empty(await rig.RowsAsync<PurchaseHistory>("h|"));
    }

    [Fact]
    public async Task A_known_header_asks_nothing_and_a_broken_file_is_no_question()
    {
        await using var rig = ImportRig.Create();

        Assert.False((await rig.ImportAsync("order_id,customer_id,ordered_at,total\n1,ann,2026-01-05,3\n")).AsksColumns);
        Assert.False((await rig.ImportAsync("PK\u0003\u0004")).AsksColumns);
    }

    private static ColumnsStep Step(ImportRig rig) => new(rig.Store.Rows, rig.Store.Blobs, rig.Store.Workspace, rig.Imports, TimeProvider.System);
}
