"""Tables of variants in every dress."""

from __future__ import annotations

import gzip
import importlib.util

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epitope.errors import EpitopeError, MissingDependencyError, TableError
from epitope.target import load_target
from epitope.variant.model import SampleCall, Variant
from epitope.variant.readers.rows import RowStatus, UnassessedRow
from epitope.variant.readers.tables import read_table, read_variant_table

TARGET = load_target()


def write(folder, text, name="file.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(path, **options):
    return list(read_variant_table(path, TARGET, **options))


@pytest.mark.parametrize(
    "column",
    [
        "variant",
        "HGVSc",
        "hgvs_c",
        "cDNA change",
        "Mutation",
        "HGVSp_Short",
        "protein_change",
        "cdna_as_published",
    ],
)
def test_the_variant_column_is_found_by_its_name(tmp_path, column):
    (row,) = read(write(tmp_path, f"sample,{column},note\nR1,c.488G>T,late\n"))
    assert row == Variant("c.488G>T", "file.csv line 2", "", (("sample", "R1"), ("note", "late")), (SampleCall("R1"),))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_by_the_header(tmp_path, delimiter):
    text = "sample,variant,note\nR1,p.R163L,x\n".replace(",", delimiter)
    assert read(write(tmp_path, text))[0].text == "p.R163L"


def test_a_protein_name_beside_a_cdna_name_is_the_label(tmp_path):
    rows = read(write(tmp_path, "sample,protein,cdna\nA,p.P60del,c.179 CCTT>C\nB,p.Q186sp,\nC,,\n"))
    assert (rows[0].text, rows[0].label) == ("c.179 CCTT>C", "p.P60del")
    assert (rows[1].text, rows[1].label) == ("p.Q186sp", "")
    assert rows[2].status is RowStatus.NOT_ASSESSABLE
    assert "no variant in columns 'cdna' and 'protein'" in rows[2].message


def test_a_genes_name_in_front_of_a_column_does_not_hide_it(tmp_path):
    rows = read(write(tmp_path, "cd19_variant_as_published\tcdna_as_published\np.S269*\tc.806 C>A\n", "t.tsv"))
    assert (rows[0].text, rows[0].label) == ("c.806 C>A", "p.S269*")


def test_rows_of_other_genes_and_transcripts_are_not_taken_for_the_targets(tmp_path):
    text = "gene,transcript,hgvsc\nTP53,,c.488G>T\ncd19,NM_001770.5,c.488G>T\nCD19,NM_001178098.2,c.488G>T\n"
    rows = read(write(tmp_path, text))
    assert rows[0].status is RowStatus.OTHER_GENE
    assert not rows[0].is_error
    assert "is about TP53, not CD19" in rows[0].message
    assert isinstance(rows[1], Variant)
    assert rows[2].status is RowStatus.NOT_ASSESSABLE
    assert "NM_001178098.2" in rows[2].message


def test_the_column_can_be_named(tmp_path):
    path = write(tmp_path, "what,variant,why\np.R163L,p.L174V,none\n")
    assert read(path, column="WHAT")[0].text == "p.R163L"
    assert read(path, column="what", label_column="variant")[0].label == "p.L174V"
    with pytest.raises(TableError, match=r"file\.csv line 1: no column 'where'; the columns are: what, variant, why"):
        read(path, column="where")


def test_a_table_without_a_variant_column_is_refused(tmp_path):
    with pytest.raises(TableError, match=r"line 1: no variant column.*--column; the columns are: a, b"):
        read(write(tmp_path, "a,b\n1,2\n"))


def test_chromosome_position_and_alleles_make_a_genomic_change(tmp_path):
    text = "Chr,Pos,Ref,Alt\n16,28933043,G,T\nchr16,28933043,G,-\nchr16,28933043,-,ACG\nchr1,5,A,C\n16,x,A,C\n"
    rows = read(write(tmp_path, text))
    assert [row.text for row in rows[:3]] == [
        "chr16-28933043-G-T",
        "NC_000016.10:g.28933043delG",
        "NC_000016.10:g.28933043_28933044insACG",
    ]
    assert rows[3].status is RowStatus.OUTSIDE
    assert rows[4].is_error
    assert "column 'Pos': 'x' is not a position" in rows[4].message


MAF = (
    "Hugo_Symbol\tNCBI_Build\tChromosome\tStart_Position\tEnd_Position\tReference_Allele\tTumor_Seq_Allele1\t"
    "Tumor_Seq_Allele2\tTumor_Sample_Barcode\tHGVSc\tHGVSp_Short\tt_depth\tt_alt_count\n"
)


def test_a_row_whose_alleles_are_both_empty_is_an_error(tmp_path):
    (row,) = read(write(tmp_path, "chrom,pos,ref,alt\nchr16,28933043,-,-\n"))
    assert row.is_error
    assert "columns 'ref' and 'alt': both alleles are empty" in row.message


def maf(folder, *rows):
    return read(write(folder, MAF + "".join("\t".join(row.split(",")) + "\n" for row in rows), "calls.maf"))


def test_a_maf_row_without_hgvs_is_read_from_position_and_alleles(tmp_path):
    rows = maf(
        tmp_path,
        "CD19,GRCh38,chr16,28933043,28933043,G,G,T,R1,,p.R163L,40,10",
        "CD19,38,CHR16,28933043,28933044,-,-,ACG,R1,,,,",
        "CD19,hg38,16,28933043,28933043,G,G,-,R1,.,,,",
        "CD19,GRCh38,chr16,28933043,28933043,G,G,T,R1,c.488G>T,p.R163L,,",
        "CD19,GRCh38,,,,,,,R1,,,,",
    )
    assert [row.text for row in rows] == [
        "chr16-28933043-G-T",
        "NC_000016.10:g.28933043_28933044insACG",
        "NC_000016.10:g.28933043delG",
        "c.488G>T",
        "",
    ]
    assert rows[0].label == "p.R163L"
    assert rows[0].calls == (SampleCall("R1", "", 40, 10, 0.25),)
    assert rows[4].status is RowStatus.NOT_ASSESSABLE


@pytest.mark.parametrize("build", ["GRCh37", "37", "hg19", ""])
def test_positions_of_grch37_in_a_maf_are_an_error_and_its_names_are_read(tmp_path, build):
    rows = maf(
        tmp_path,
        f"CD19,{build},chr16,28944364,28944364,G,G,T,R1,,,,",
        f"CD19,{build},chr16,28944364,28944364,G,G,T,R1,c.488G>T,,,",
    )
    assert rows[0].is_error
    assert "GRCh37" in rows[0].message
    assert rows[1].text == "c.488G>T"
    said = (
        "column 'NCBI_Build' says GRCh37, and CD19 is on GRCh38: the name in column 'HGVSc' was read, not the position",
    )
    assert rows[1].notes == (said if build else ())


def test_a_protein_name_read_in_place_of_positions_of_another_build_says_so(tmp_path):
    (row,) = maf(tmp_path, "CD19,GRCh37,chr16,28944364,28944364,G,G,T,R1,,p.R163L,,")
    assert row.text == "p.R163L"
    assert "says GRCh37" in row.notes[0] and "'HGVSp_Short' was read" in row.notes[0]


def test_a_name_beside_positions_of_the_own_build_needs_no_note(tmp_path):
    (row,) = maf(tmp_path, "CD19,GRCh38,chr16,28933043,28933043,G,G,T,R1,c.488G>T,,,")
    assert row.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        "chrom,pos,ref,alt,build\nchr16,28933043,G,T,hg19\n",
        "chrom,pos,ref,alt,NCBI_Build\nchr16,28933043,G,T,37\n",
        "chrom,pos,ref,alt\nchr16,28944364,G,T\nchr16,28943775,T,C\n",
        "chrom,pos,ref,alt\nCM000678.1,28944364,G,T\n",
    ],
)
def test_a_table_of_positions_of_another_build_is_refused(tmp_path, text):
    with pytest.raises(TableError, match=r"file\.csv line 2.*lift (it|the table|the file) over"):
        read(write(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        "chrom,chromStart,ref,alt\nchr16,28933042,G,T\n",
        "chrom,start0,ref,alt\nchr16,28933042,G,T\n",
        "chrom,pos,ref,alt\nchr16,28933042,G,T\nchr16,28932453,T,C\n",
        "chrom,start,end,ref,alt\nchr16,28938729,28938730,G,A\n",
    ],
)
def test_positions_that_count_from_zero_are_refused(tmp_path, text):
    with pytest.raises(TableError, match=r"file\.csv line 1, ?.*|file\.csv line 1: .*") as caught:
        read(write(tmp_path, text))
    assert "from 0" in str(caught.value)
    assert "add 1" in str(caught.value)


def test_one_wrong_reference_among_right_ones_is_left_to_the_consequence(tmp_path):
    text = "chrom,pos,ref,alt\nchr16,28933042,G,T\nchr16,28932454,T,C\nchr16,28933043,G,A\n"
    assert all(isinstance(row, Variant) for row in read(write(tmp_path, text)))


def test_an_accession_of_another_build_is_refused(tmp_path):
    with pytest.raises(TableError, match=r"line 2: column 'chrom': NC_000016\.9 is not of GRCh38"):
        read(write(tmp_path, "chrom,pos,ref,alt\nNC_000016.9,28944364,G,T\n"))


def test_marks_line_ends_and_compression_change_nothing(tmp_path):
    plain = "sample,variant\nR1,p.R163L\nR2,p.L174V\n"
    expected = [row.text for row in read(write(tmp_path, plain))]
    for data in (
        b"\xef\xbb\xbf" + plain.encode(),
        plain.replace("\n", "\r\n").encode(),
        plain.replace("\n", "\r").encode(),
        plain.replace("\n", "\r\n", 2).encode(),
        b"# made by hand\n\n" + plain.encode() + b"\n,\n",
        gzip.compress(plain.encode()),
    ):
        assert [row.text for row in read(write(tmp_path, data))] == expected


def test_rows_keep_the_line_numbers_of_the_file(tmp_path):
    text = '# note\nvariant,note\np.R163L,"two\nlines"\n\np.L174V,x\n'
    assert [row.origin for row in read(write(tmp_path, text))] == ["file.csv line 3", "file.csv line 6"]


def test_a_row_with_other_columns_than_the_header_is_an_error_row(tmp_path):
    rows = read(write(tmp_path, "variant,note\np.R163L\np.R163L,a,b\np.L174V,x,,\n"))
    assert [isinstance(row, UnassessedRow) and row.is_error for row in rows] == [True, True, False]
    assert rows[1].origin == "file.csv line 3"
    assert "3 columns where the header has 2" in rows[1].message


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "line 1"),
        (b"variant,note\np.R163L,\xe4\n", "line 2: byte 0xe4 is not UTF-8"),
        ("variant\n".encode("utf-16"), "line 1: the file is UTF-16"),
        (b"variant,x\n\0,1\n", "line 2: a NUL byte"),
        (b'variant,x\n"p.R163L,1\n', "line 2: "),
        (b"variant,variant\na,b\n", "line 1: the column 'variant' occurs twice"),
        (b"##fileformat=VCFv4.2\n#CHROM\tPOS\n", "this is a VCF file"),
    ],
)
def test_files_that_are_no_tables_are_refused_with_file_and_line(tmp_path, data, word):
    with pytest.raises(TableError) as caught:
        read(write(tmp_path, data))
    assert "file.csv" in str(caught.value)
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_plain_list_is_one_variant_a_line(tmp_path):
    rows = read(write(tmp_path, "# of the ward\np.R163L\n\nc.179 CCTT>C\n", "list.txt"))
    assert rows == [Variant("p.R163L", "list.txt line 2"), Variant("c.179 CCTT>C", "list.txt line 4")]
    rows = read(write(tmp_path, "variant\np.R163L\n", "list.txt"))
    assert rows == [Variant("p.R163L", "list.txt line 2")]


@pytest.mark.extras
def test_an_excel_sheet_reads_like_the_same_table_as_text(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="the extra xlsx is not installed")
    book = openpyxl.Workbook()
    for line in (["sample", "chrom", "pos", "ref", "alt", None], ["R1", 16, 28933043, "G", "T", None]):
        book.active.append(line)
    book.active.append([None] * 5)
    book.active.append(["R2", "chr16", 28932454.0, "T", "C"])
    book.save(tmp_path / "file.xlsx")
    rows = read(tmp_path / "file.xlsx")
    assert [row.text for row in rows] == ["chr16-28933043-G-T", "chr16-28932454-T-C"]
    assert [row.origin for row in rows] == ["file.xlsx line 2", "file.xlsx line 4"]


def test_without_openpyxl_the_message_says_what_to_install(tmp_path, monkeypatch):
    path = write(tmp_path, b"PK", "file.xlsx")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r'pip install "epitope\[xlsx\]"'):
        read(path)


@pytest.mark.extras
def test_a_broken_excel_file_is_refused(tmp_path):
    pytest.importorskip("openpyxl", reason="the extra xlsx is not installed")
    with pytest.raises(TableError, match=r"file\.xlsx: not a readable XLSX file"):
        read(write(tmp_path, b"PK\x03\x04no zip", "file.xlsx"))


@settings(deadline=None, max_examples=150)
@given(data=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
def test_no_bytes_raise_anything_but_the_projects_error(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    for name, content in (("a.csv", data), ("b.txt", data), ("c.csv", b"chrom,pos,ref,alt\n" + data)):
        try:
            rows = read(write(folder, content, name))
        except EpitopeError as error:
            assert name in str(error)
        else:
            assert all(isinstance(row, Variant | UnassessedRow) for row in rows)


@settings(deadline=None, max_examples=80)
@given(cells=st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), max_size=5))
def test_quoted_cells_come_back_as_they_were(cells, tmp_path_factory):
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([["left", "right"], *cells])
    kept = [row for row in cells if any(cell.strip() for cell in row)]
    if any(mark in cell for row in cells for cell in row for mark in "\r\0\ud800"):
        return
    try:
        data = buffer.getvalue().encode()
    except UnicodeEncodeError:
        return
    table = read_table(write(tmp_path_factory.mktemp("fuzz"), data))
    assert [list(row.cells.values()) for row in table.rows] == kept
