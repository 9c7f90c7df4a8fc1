using System.IO.Compression;
using System.Text;
using Campaigns.Core.Offers.Codes;

namespace Campaigns.Core.Tests.Offers.Codes;

public sealed class CodeUploadTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    private readonly TempStore store = TempStore.Create(1);

    private static CancellationToken None => CancellationToken.None;

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private async Task<CodeUploadResult> UploadAsync(byte[] content, string pool = "spring") =>
        await new CodeUpload(store.Rows).AddAsync(pool, new MemoryStream(content), Now, None);

    private Task<CodeUploadResult> UploadAsync(string text, string pool = "spring") => UploadAsync(Encoding.UTF8.GetBytes(text), pool);

    private async Task<List<string>> CodesAsync(int first = 0, int count = int.MaxValue) => await new CodePools(store.Rows).CodesAsync("spring", first, count, None).ToListAsync();

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    [Theory]
    [InlineData("A1\nB2\nC3")]
    [InlineData("A1\r\nB2\r\n\r\nC3\r\n")]
    [InlineData("code\nA1\nB2\nC3\n")]
    [InlineData("number;Coupon Code;value\n1;A1;10\n2;\"B2\";10\n3;C3;10\n")]
    [InlineData("A1,x\nB2,y\nC3,z\n")]
    public async Task Codes_are_read_from_text_and_from_CSV_compressed_or_not(string text)
    {
        Assert.Equal(3, (await UploadAsync(text)).Added);
        Assert.Equal(["A1", "B2", "C3"], await CodesAsync());
        var again = await UploadAsync(Gzip(text));
        Assert.Equal((0, 3, 0), (again.Added, again.Unchanged, again.Rejected));
    }

    [Fact]
    public async Task Unfit_and_doubled_codes_are_rejected_with_their_lines()
    {
        var result = await UploadAsync($"A1\nwith space\na1\n{new string('x', 41)}\nümlaut\nB2\n");
        Assert.Equal((2, 0, 4), (result.Added, result.Unchanged, result.Rejected));
        Assert.Equal(
            [(2, "not only letters, digits and signs without spaces"), (3, "twice in this file"), (4, "longer than 40 characters"), (5, "not only letters, digits and signs without spaces")],
            result.Rejects.Select(r => (r.Line, r.Reason)));
        Assert.Equal(["A1", "B2"], await CodesAsync());
    }

    [Fact]
    public async Task A_damaged_file_keeps_what_could_be_read_and_says_what_to_do()
    {
        var whole = string.Join('\n', Enumerable.Range(0, 60_000).Select(i => $"CODE-{i:D6}-{i * 7919 % 60_007:D6}"));
        var packed = Gzip(whole);
        var damaged = (byte[])packed.Clone();
        damaged.AsSpan(packed.Length / 2, 64).Fill(0xff);
        var cut = await UploadAsync(damaged);
        Assert.Contains("damaged", cut.Problem, StringComparison.Ordinal);
        var rest = await UploadAsync(packed);
        Assert.Equal(60_000, rest.Added + rest.Unchanged);
        Assert.Null(rest.Problem);
        Assert.InRange((await new CodePools(store.Rows).FindAsync("spring", None))!.Codes, 60_000, 60_000 + cut.Added);
    }

    [Fact]
    public async Task Any_stretch_of_a_pool_is_read_whatever_the_files_that_it_came_in()
    {
        await UploadAsync(string.Join('\n', Enumerable.Range(0, 2_500).Select(i => $"C{i}")));
        await UploadAsync(string.Join('\n', Enumerable.Range(2_500, 7).Select(i => $"C{i}")));
        await UploadAsync(string.Join('\n', Enumerable.Range(2_507, 3_000).Select(i => $"C{i}")));
        foreach (var (first, count) in new[] { (0, 1), (1_999, 2), (2_499, 9), (2_506, 2), (5_506, 5), (0, 9_999), (3_000, 0) })
        {
            Assert.Equal(Enumerable.Range(0, 5_507).Skip(first).Take(count).Select(i => $"C{i}"), await CodesAsync(first, count));
        }
    }

    [Fact]
    public async Task No_text_or_an_empty_file_is_refused_in_a_sentence()
    {
        Assert.StartsWith("The file is empty.", (await UploadAsync("")).Problem, StringComparison.Ordinal);
        Assert.Contains("ZIP or Excel", (await UploadAsync("PK\u0003\u0004...")).Problem, StringComparison.Ordinal);
        Assert.Null(await new CodePools(store.Rows).FindAsync("spring", None));
    }
}
