"""VCF files, sound and broken."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epitope.errors import EpitopeError, TableError
from epitope.target import load_target
from epitope.variant.model import SampleCall, Variant
from epitope.variant.readers import vcf
from epitope.variant.readers.rows import RowStatus, UnassessedRow

TARGET = load_target()
GENE = TARGET.transcript
DATA = Path(__file__).parents[1] / "data" / "vcf"
META = "##fileformat=VCFv4.2\n##contig=<ID=chr16,length=90338345>\n"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"


def write(folder, body, meta=META, columns=COLUMNS, name="calls.vcf"):
    path = folder / name
    data = body if isinstance(body, bytes) else body.encode()
    path.write_bytes((meta + columns + "\n").encode() + data)
    return path


def read(path, **options):
    return list(vcf.read_vcf(path, TARGET, **options))


def record(position=28933043, ref="G", alt="T", chrom="chr16", info=".", rest=""):
    return f"{chrom}\t{position}\t.\t{ref}\t{alt}\t50\tPASS\t{info}{rest}\n"


def test_a_record_becomes_a_variant_that_knows_its_line(tmp_path):
    (row,) = read(write(tmp_path, record()))
    assert row == Variant("chr16-28933043-G-T", "calls.vcf line 4", "", (("record", "calls.vcf:4"), ("filter", "PASS")))


@pytest.mark.parametrize("name", ["chr16", "16", "NC_000016.10", "CHR16", "Chr16", "CM000678.2"])
def test_every_name_of_the_chromosome_is_understood(tmp_path, name):
    (row,) = read(write(tmp_path, record(chrom=name)))
    assert isinstance(row, Variant)
    assert row.text == "chr16-28933043-G-T"


def test_alternate_alleles_are_rows_in_file_order(tmp_path):
    rows = read(write(tmp_path, record(alt="T,*,C") + record(28932454, "T", "C")))
    assert [row.text for row in rows] == [
        "chr16-28933043-G-T",
        "chr16-28933043-G-*",
        "chr16-28933043-G-C",
        "chr16-28932454-T-C",
    ]


@pytest.mark.parametrize(
    ("alternate", "word"),
    [
        ("<DEL>", "symbolic"),
        ("*", "another record"),
        (".", "no alternate allele"),
        ("<NON_REF>", "not seen"),
        ("G]chr17:198982]", "breakend"),
        ("]chr13:123456]T", "breakend"),
        ("G.", "breakend"),
        ("<DUP:TANDEM>", "symbolic"),
        ("GN", "ambiguous"),
    ],
)
def test_alleles_without_a_sequence_are_told_and_are_no_errors(tmp_path, alternate, word):
    (row,) = read(write(tmp_path, record(alt=alternate)))
    assert isinstance(row, UnassessedRow)
    assert row.status is RowStatus.NOT_ASSESSABLE
    assert not row.is_error
    assert word in row.message


def test_a_record_outside_the_gene_is_a_row_that_says_so(tmp_path):
    rows = read(write(tmp_path, record(5000) + record(100, chrom="chr1") + record()))
    assert [getattr(row, "status", None) for row in rows] == [RowStatus.OUTSIDE, RowStatus.OUTSIDE, None]
    assert "lies outside CD19 (chr16:28931971-28939342, GRCh38)" in rows[0].message


def test_many_records_outside_the_gene_are_counted_in_one_row(tmp_path):
    strays = "".join(record(100 + step, chrom="chr1") for step in range(vcf.OUTSIDE_ROWS_LISTED + 1))
    rows = read(write(tmp_path, strays + record() + "chr1\t5\t.\n"))
    assert rows[0].text == "chr16-28933043-G-T"
    assert rows[1].is_error and rows[1].origin == f"calls.vcf line {vcf.OUTSIDE_ROWS_LISTED + 6}"
    assert rows[2].status is RowStatus.SKIPPED
    assert "1001 records outside CD19" in rows[2].message
    assert len(rows) == 3


@pytest.mark.parametrize("line", ["chr16\t5\t.\n", "chr16\tx\t.\tG\tT\t.\t.\t.\n", "chr16\t5\t.\tG\tT\t.\t.\tA\rB\n"])
def test_a_broken_record_on_the_chromosome_is_an_error_among_many_outside_too(tmp_path, line):
    strays = "".join(record(100 + step, chrom="chr1") for step in range(vcf.OUTSIDE_ROWS_LISTED + 1))
    broken, outside = read(write(tmp_path, strays + line))
    assert broken.is_error
    assert "1001 records outside CD19" in outside.message


@pytest.mark.parametrize(
    ("position", "alternate", "info", "text"),
    [
        (28933999, "<DEL>", "SVTYPE=DEL;END=28939400", "chr16:g.28934000_28939400del"),
        (28933999, "<DEL>", "SVTYPE=DEL;SVLEN=-5401", "chr16:g.28934000_28939400del"),
        (28933042, "<DEL:ME>", "END=28933043", "chr16:g.28933043del"),
        (28933042, "<DUP:TANDEM>", "SVTYPE=DUP;END=28933048", "chr16:g.28933043_28933048dup"),
    ],
)
def test_a_symbolic_change_with_an_end_is_read_as_its_genomic_name(tmp_path, position, alternate, info, text):
    (row,) = read(write(tmp_path, record(position, "A", alternate, info=info)))
    assert (row.text, row.notes) == (text, ())


def test_of_a_deletion_longer_than_is_read_the_part_at_the_gene_is_taken_and_said_so(tmp_path):
    info = "IMPRECISE;SVTYPE=DEL;END=30000000"
    body = record(1000, "A", "<DEL>", info=info) + record(1000, "A", "<DEL>", info="END=2000")
    over, before = read(write(tmp_path, body))
    assert over.text == f"chr16:g.{GENE.gene_start - 1}_{GENE.gene_end + 1}del"
    assert over.notes == (
        "the file calls the ends of this change imprecise",
        "the deletion 1001-30000000 is read as far as it touches the gene",
    )
    assert before.status is RowStatus.OUTSIDE


@pytest.mark.parametrize("alternate", ["<DUP>", "<INV>", "<CNV>", "<DUP:TANDEM>"])
def test_other_symbolic_alleles_stay_not_assessable(tmp_path, alternate):
    (row,) = read(write(tmp_path, record(28900000, "A", alternate, info="END=29900000")))
    assert row.status is RowStatus.NOT_ASSESSABLE


@pytest.mark.parametrize(
    ("position", "term"),
    [
        (GENE.gene_start - 1, "upstream_gene_variant"),
        (GENE.gene_start - 5000, "upstream_gene_variant"),
        (GENE.gene_start - 5001, ""),
        (GENE.gene_end + 1, "downstream_gene_variant"),
        (GENE.gene_end + 5001, ""),
    ],
)
def test_a_record_near_the_gene_has_veps_word_beside_its_status(tmp_path, position, term):
    (row,) = read(write(tmp_path, record(position, "A", "C")))
    assert (row.status, row.term) == (RowStatus.OUTSIDE, term)


def test_a_deletion_that_begins_before_the_gene_reaches_the_consequence(tmp_path):
    (row,) = read(write(tmp_path, record(28931969, "CCCC", "C")))
    assert isinstance(row, Variant)


@pytest.mark.parametrize(
    ("keys", "call", "fraction"),
    [
        ("GT:AD", "0/1:30,10", 0.25),
        ("GT:AD:AF", "0/1:30,10:0.9", 0.25),
        ("GT:AD", "0/1:.", None),
        ("GT:AD", "0/1:0,0", None),
        ("GT:AF", "0/1:0.41", 0.41),
        ("GT:VAF", "0/1:0.5", 0.5),
        ("GT:RD:AD:FREQ", "0/1:30:10:99%", 0.25),
        ("GT:FREQ", "0/1:12.5%", 0.125),
        ("GT:RO:AO", "0/1:90:10", 0.1),
        ("GT", "0/1", None),
        ("GT:AD", "0/1", None),
    ],
)
def test_the_allele_fraction_is_taken_from_whatever_the_caller_wrote(tmp_path, keys, call, fraction):
    path = write(tmp_path, record(rest=f"\t{keys}\t{call}"), columns=f"{COLUMNS}\tFORMAT\tR1")
    ((told,),) = (row.calls for row in read(path))
    assert told.allele_fraction == fraction
    assert (told.sample, told.genotype) == ("R1", "0/1")


@pytest.mark.parametrize(
    ("keys", "call", "depth", "reads"),
    [
        ("GT:AD:DP", "0/1:30,10:44", 44, 10),
        ("GT:AD", "0/1:30,10", 40, 10),
        ("GT:DP", "0/1:44", 44, None),
        ("GT:RD:AD", "0/1:30:10", 40, 10),
        ("GT:RO:AO", "0/1:90:10", 100, 10),
        ("GT:AD", "0/1:.,10", None, None),
        ("GT", "0/1", None, None),
    ],
)
def test_depth_and_reads_of_the_allele_are_told(tmp_path, keys, call, depth, reads):
    path = write(tmp_path, record(rest=f"\t{keys}\t{call}"), columns=f"{COLUMNS}\tFORMAT\tR1")
    ((told,),) = (row.calls for row in read(path))
    assert (told.depth, told.allele_depth) == (depth, reads)


def test_each_alternate_allele_has_its_own_fraction(tmp_path):
    path = write(tmp_path, record(alt="T,C", rest="\tGT:AD\t1/2:50,30,20"), columns=f"{COLUMNS}\tFORMAT\tR1")
    assert [row.calls[0].allele_fraction for row in read(path)] == [0.3, 0.2]


def test_without_samples_the_fraction_comes_from_info(tmp_path):
    rows = read(write(tmp_path, record(alt="T,C", info="DP=9;AF=0.2,0.1")))
    assert [row.calls for row in rows] == [
        (SampleCall(depth=9, allele_fraction=0.2),),
        (SampleCall(depth=9, allele_fraction=0.1),),
    ]


def test_the_carriers_of_an_allele_are_told_and_one_sample_can_be_chosen(tmp_path):
    columns = f"{COLUMNS}\tFORMAT\tR1\tR2\tR3"
    path = write(tmp_path, record(rest="\tGT:AD\t0/1:30,10\t0/0:40,0\t1/1:0,8"), columns=columns)
    (row,) = read(path)
    assert row.calls == (SampleCall("R1", "0/1", 40, 10, 0.25), SampleCall("R3", "1/1", 8, 8, 1.0, (0, 1)))
    (row,) = read(path, sample="R3")
    assert [call.sample for call in row.calls] == ["R3"]
    with pytest.raises(TableError, match="no sample 'R9'; its samples are: R1, R2, R3"):
        read(path, sample="R9")


def test_an_allele_that_the_chosen_sample_does_not_carry_is_counted_not_listed(tmp_path):
    columns = f"{COLUMNS}\tFORMAT\tTUMOUR\tNORMAL"
    body = record(rest="\tGT:AD\t0/1:30,10\t0/0:40,0") + record(28932454, "T", "C", rest="\tGT\t0/1\t0|1")
    path = write(tmp_path, body, columns=columns)
    own, closing = read(path, sample="NORMAL")
    assert own.text == "chr16-28932454-T-C"
    assert closing.status is RowStatus.SKIPPED
    assert closing.message == "alleles that NORMAL does not carry are not listed: 1"


def test_an_allele_without_a_call_is_not_counted_among_those_that_are_not_carried(tmp_path):
    columns = f"{COLUMNS}\tFORMAT\tR1\tR2"
    calls = ("0/0\t./.", "./.\t.|.", "0/0\t0/0", "0/0\t0/.", "./1\t./.")
    body = "".join(record(28932454 + i, "T", "C", rest=f"\tGT\t{call}") for i, call in enumerate(calls))
    body += record(28932460, "T", "C", rest="\tGT:AD\t0/0:9,0\t./.:30,0")
    path = write(tmp_path, body, columns=columns)
    told = [row.message for row in read(path) if isinstance(row, UnassessedRow)]
    assert told == [
        "alleles that no sample carries are not listed: 2",
        "alleles not called (./.) in every sample, and found in no other, are not listed: 3",
    ]
    told = [row.message for row in read(path, sample="R2") if isinstance(row, UnassessedRow)]
    assert told == [
        "alleles that R2 does not carry are not listed: 2",
        "alleles not called (./.) in R2 are not listed: 4",
    ]


@pytest.mark.parametrize(
    ("keys", "call", "carried"),
    [
        ("GT", "0/0", False),
        ("GT", "./.", False),
        ("GT:AD", "./.:.", False),
        ("GT:AD", "./.:20,0", False),
        ("GT:AD", "./.:20,5", True),
        ("GT", ".", False),
        ("GT", "1", True),
        ("GT", "./1", True),
        ("GT", "0/2", False),
        ("AD", "20,0", False),
        ("AD", "20,5", True),
        ("DP", "20", True),
    ],
)
def test_genotype_then_reads_say_whether_an_allele_is_carried(tmp_path, keys, call, carried):
    (row,) = read(write(tmp_path, record(rest=f"\t{keys}\t{call}"), columns=f"{COLUMNS}\tFORMAT\tR1"))
    assert isinstance(row, Variant) is carried


def test_compressed_files_and_windows_line_ends_read_the_same(tmp_path):
    body = record() + record(28932454, "T", "C", info="DP=2")
    expected = [row.text for row in read(write(tmp_path, body))]
    packed = tmp_path / "calls.vcf.gz"
    packed.write_bytes(gzip.compress((META + COLUMNS + "\n" + body).encode()))
    assert [row.text for row in read(packed)] == expected
    mixed = record().replace("\n", "\r\n") + record(28932454, "T", "C", info="DP=2")
    assert [row.text for row in read(write(tmp_path, mixed))] == expected
    last_line_open = body.removesuffix("\n")
    assert [row.text for row in read(write(tmp_path, last_line_open))] == expected


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("chr16\t28933043\t.\tG\n", "4 columns where the header has 8"),
        ("chr16 28933043 . G T . . .\n", "1 columns where the header has 8"),
        (record("28,933,043"), "POS '28,933,043' is not a whole number"),
        (record(ref=""), "REF column is empty"),
        (record(ref="."), "REF column is empty"),
        (record(ref="GX"), "REF 'GX'"),
        (record(alt="T,"), "ALT column is empty"),
        (record(alt="Q"), "ALT column"),
        (record(info="A=1\rB=2"), "carriage return"),
        (record(info="A=1").encode().replace(b"A=1", b"A=\xff"), "byte 0xff in column 8 is not UTF-8"),
        (COLUMNS + "\n", "header line among the records"),
        (record(rest="\tGT"), "9 columns where the header has 8"),
    ],
)
def test_a_broken_line_is_an_error_row_and_the_others_are_read(tmp_path, line, word):
    data = line if isinstance(line, bytes) else line.encode()
    broken, sound = read(write(tmp_path, data + record().encode()))
    assert broken.is_error
    assert word in broken.message
    assert broken.origin == "calls.vcf line 4"
    assert sound.text == "chr16-28933043-G-T"


@pytest.mark.parametrize(
    "meta",
    [
        "##contig=<ID=chr16,length=90354753>\n",
        "##contig=<ID=16,assembly=b37,length=90354753>\n",
        "##contig=<ID=1,length=249250621>\n",
        "##reference=file:///refs/hg19.fa\n",
        "##reference=human_g1k_v37.fasta\n",
        "##reference=GRCh37\n",
        "##contig=<ID=NC_000016.9>\n",
        "##contig=<ID=chr16,length=12345>\n",
        "##contig=<ID=NC_000001.10,length=249250621>\n",
        "##contig=<ID=CM000678.1>\n",
        '##VEP="v105" time="2022-03-01" cache="/vep/homo_sapiens/105_GRCh37" assembly="GRCh37.p13"\n',
        "##bcftools_callCommand=call -mv -f /refs/hg19.fa\n",
        '##GATKCommandLine=<ID=Mutect2,CommandLine="--reference /refs/hs37d5.fa">\n',
    ],
)
def test_another_genome_build_is_refused_with_file_and_line(tmp_path, meta):
    path = write(tmp_path, record(), meta="##fileformat=VCFv4.2\n" + meta)
    with pytest.raises(TableError, match=r"calls\.vcf line 2: .*(GRCh37|another build).*lift the file over"):
        read(path)


def test_an_accession_of_another_build_among_the_records_is_refused(tmp_path):
    with pytest.raises(TableError, match=r"line 5: chromosome NC_000016\.9 means another build"):
        read(write(tmp_path, record() + record(chrom="NC_000016.9")))


def test_what_a_column_is_said_to_hold_is_no_word_on_the_build(tmp_path):
    meta = '##fileformat=VCFv4.2\n##INFO=<ID=X,Number=1,Type=Float,Description="AF of gnomAD on GRCh37">\n'
    meta += "##liftover=hg19ToHg38.over.chain\n##cmd=/paths1/call\n"
    assert read(write(tmp_path, record(), meta=meta))[0].text == "chr16-28933043-G-T"


BARE = "##fileformat=VCFv4.2\n"


def test_records_where_the_gene_is_on_another_build_refuse_a_file_that_names_none(tmp_path):
    body = record(28944364, "G", "T") + record(28943775, "T", "C") + record(1000, chrom="chr1")
    with pytest.raises(TableError, match=r"calls\.vcf line 3: chr16:28944364 lies in CD19 on GRCh37 .*; 2 of 2 ref"):
        read(write(tmp_path, body, meta=BARE))


@pytest.mark.parametrize("chrom", ["chr16", "CHR16"])
def test_they_do_so_too_among_many_records_outside_the_gene(tmp_path, chrom):
    strays = "".join(record(100 + step, chrom="chr1") for step in range(vcf.OUTSIDE_ROWS_LISTED + 1))
    with pytest.raises(TableError, match=r"line 1004: chr16:28944364 lies in CD19 on GRCh37"):
        read(write(tmp_path, strays + record(28944364, "G", "T", chrom=chrom), meta=BARE))


@pytest.mark.parametrize(
    ("meta", "body"),
    [
        (META, record(28944364, "G", "T")),
        (BARE + "##reference=/refs/hg38.fa\n", record(28944364, "G", "T")),
        (BARE, record(28944364, "G", "T", chrom="NC_000016.10")),
        (BARE, record(28944364, "C", "T") + record(28944365, "A", "T")),
    ],
)
def test_records_behind_the_gene_are_outside_where_the_build_is_named_or_the_bases_deny_the_other(tmp_path, meta, body):
    assert {row.status for row in read(write(tmp_path, body, meta=meta))} == {RowStatus.OUTSIDE}


def test_a_path_that_names_both_builds_is_settled_by_the_contig_length(tmp_path):
    path = write(tmp_path, record(), meta=META + "##reference=/lifted/hg19_to_hg38.fa\n")
    assert read(path)[0].text == "chr16-28933043-G-T"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "line 1: no header line #CHROM"),
        (record().encode(), "line 1: no header line #CHROM"),
        (META.encode() + record().encode(), "line 3: no header line #CHROM"),
        (b"##fileformat=VCFv3.3\n", "not VCF 4"),
        (COLUMNS.replace("\t", " ").encode() + b"\n", "separated by tabs"),
        (b"##fileformat=VCFv4.2\r##x\r", "carriage return"),
        (b"##fileformat=VCFv4.2\n##source=\xe4\n", "line 2: byte 0xe4 is not UTF-8"),
        (b"BCF\x02\x02\xff\xff", "BCF"),
        (f"{COLUMNS}\tFORMAT\tA\tA\n".encode(), "twice"),
    ],
)
def test_a_file_without_a_sound_header_is_refused(tmp_path, data, word):
    path = tmp_path / "calls.vcf"
    path.write_bytes(data)
    with pytest.raises(TableError) as caught:
        read(path)
    assert word in str(caught.value)
    assert "calls.vcf" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_compressed_data_cut_short_are_refused(tmp_path):
    whole = gzip.compress((META + COLUMNS + "\n" + record() * 5000).encode())
    path = tmp_path / "calls.vcf.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TableError, match=r"calls\.vcf\.gz line \d+: the compressed data are damaged"):
        read(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(TableError, match="does not exist"):
        read(tmp_path / "no.vcf")
    with pytest.raises(TableError, match="is a folder"):
        read(tmp_path)


@pytest.fixture(params=[".tbi", ".csi"])
def indexed(tmp_path, request, monkeypatch):
    monkeypatch.setattr(vcf, "WHOLE_FILE_BYTES", 0)
    path = tmp_path / "indexed.vcf.gz"
    shutil.copyfile(DATA / path.name, path)
    shutil.copyfile(DATA / (path.name + request.param), str(path) + request.param)
    return path


def test_the_index_finds_the_records_that_htslib_finds(indexed):
    rows = read(indexed)
    expected = (DATA / "indexed.positions.txt").read_text().split()
    assert [row.origin.split(":")[-1] for row in rows[:-1]] == expected
    assert rows[-1].status is RowStatus.SKIPPED
    assert rows[3].origin.startswith("indexed.vcf.gz chr16:")


def test_an_index_older_than_its_file_is_left_alone(indexed):
    os.utime(indexed, (2**31, 2**31))
    rows = read(indexed)
    assert len(rows) == len((DATA / "indexed.positions.txt").read_text().split()) + 1
    assert "are not listed" in rows[-1].message


def test_a_damaged_index_is_refused(indexed):
    index = next(indexed.parent.glob("*.vcf.gz.*i"))
    index.write_bytes(gzip.compress(gzip.decompress(index.read_bytes())[:3000]))
    with pytest.raises(TableError, match=r"the index is damaged; make it again with tabix"):
        read(indexed)


@settings(deadline=None, max_examples=150)
@given(body=st.binary(max_size=300))
def test_no_bytes_below_the_header_raise_anything_but_the_projects_error(body, tmp_path_factory):
    path = write(tmp_path_factory.mktemp("fuzz"), body)
    try:
        rows = read(path)
    except EpitopeError as error:
        assert "calls.vcf" in str(error)
    else:
        assert all(isinstance(row, Variant | UnassessedRow) for row in rows)


@settings(deadline=None, max_examples=150)
@given(
    fields=st.lists(st.text(alphabet="ACGTN0123456789.,*<>[]:/;=chrgt\t\r%-", max_size=12), max_size=14),
)
def test_no_columns_raise_anything_but_the_projects_error(fields, tmp_path_factory):
    body = "chr16\t" + "\t".join(fields) + "\n" + record(alt=fields[0] if fields else "T")
    path = write(tmp_path_factory.mktemp("fuzz"), body)
    rows = read(path)
    assert all(isinstance(row, Variant | UnassessedRow) for row in rows)
    assert len(rows) >= 2


@settings(deadline=None, max_examples=100)
@given(data=st.binary(max_size=200))
def test_no_file_at_all_raises_anything_but_the_projects_error(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("fuzz") / "calls.vcf"
    path.write_bytes(data)
    with pytest.raises(EpitopeError):
        read(path)
