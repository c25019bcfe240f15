"""An annotated VCF file: one INFO field more, everything else as it was."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

import epitope
from epitope.errors import EpitopeError, OutputError, TableError
from epitope.show import annotated_vcf
from epitope.show.annotated_vcf import ENTRY_PARTS, info_text
from epitope.show.files import whole_file
from tests.second_antigen.make import write_pack
from tests.test_cli import one_line_on_stderr, run

DATA = Path(__file__).parents[1] / "data" / "vcf"
META = "##fileformat=VCFv4.2\n##contig=<ID=chr16,length=90338345>\n"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
R163L = "chr16\t28933043\trs9\tG\tT\t50\tPASS\tDP=3\n"
OUTSIDE = "chr1\t5\t.\tA\tC\t.\t.\t.\n"


def write(path: Path, body: str, columns: str = COLUMNS) -> Path:
    path.write_bytes((META + columns + "\n" + body).encode())
    return path


def unpacked(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def without_the_field(data: bytes) -> bytes:
    data = re.sub(rb"##INFO=<ID=EPITOPE,[^\r\n]*\r?\n", b"", data)
    return re.sub(rb"(\t|;)EPITOPE=[^\t;\r\n]*", lambda m: b"\t." if m[1] == b"\t" else b"", data)


def entries(data: bytes, position: int) -> list[dict[str, str]]:
    line = next(line for line in data.decode().splitlines() if line.split("\t")[1:2] == [str(position)])
    field = re.search(r"EPITOPE=([^;\t]*)", line)
    return [dict(zip(ENTRY_PARTS, e.split("|"), strict=True)) for e in field[1].split(",")] if field else []


def annotated(source: Path, name: str = "out.vcf") -> bytes:
    out = source.parent / name
    epitope.annotate_vcf(source, out)
    return unpacked(out)


def test_an_allele_carries_its_three_answers_and_numbers(tmp_path):
    said = entries(annotated(write(tmp_path / "in.vcf", R163L)), 28933043)
    (row,) = epitope.assess("c.488G>T").to_dict("records")
    assert len(said) == 1
    assert said[0]["allele"] == "T"
    for name in ("hgvs_c", "hgvs_p"):
        assert said[0][name] == row[name]
    assert said[0]["consequence"].split("&") == row["consequence"]
    for name in ("antigen", "fold", "epitope"):
        assert said[0][name] == row[name].replace(" ", "_")
    for name in ("ddg_kcal_mol", "p_destabilising", "hot_spot_score", "p_hot_spot"):
        assert float(said[0][name]) == pytest.approx(row[name], abs=5e-4)


@pytest.mark.parametrize(
    "body",
    [
        R163L,
        R163L.rstrip("\n"),
        R163L.replace("\n", "\r\n") + OUTSIDE,
        R163L + "\n" + OUTSIDE,
        R163L.replace("DP=3", "."),
        R163L.replace("DP=3", "DP=3;DB"),
        R163L + "chr16\t28933043\tbroken\n",
        OUTSIDE,
    ],
)
def test_every_other_byte_is_as_it_was(tmp_path, body):
    source = write(tmp_path / "in.vcf", body)
    data = annotated(source)
    assert data != source.read_bytes()
    assert without_the_field(data) == source.read_bytes()


def test_a_header_with_crlf_gets_a_line_with_crlf_before_the_columns(tmp_path):
    source = tmp_path / "in.vcf"
    source.write_bytes((META + "##zuletzt=é\n" + COLUMNS + "\n" + R163L).replace("\n", "\r\n").encode())
    lines = annotated(source).split(b"\r\n")
    assert [line[:15] for line in lines[2:5]] == [
        "##zuletzt=é".encode()[:15],
        b"##INFO=<ID=EPIT",
        b"#CHROM\tPOS\tID\tR",
    ]
    assert lines[-1] == b""


@pytest.mark.parametrize("name", ["out.vcf", "out.vcf.gz"])
def test_a_real_indexed_file_comes_back_whole(tmp_path, name):
    source = DATA / "indexed.vcf.gz"
    epitope.annotate_vcf(source, tmp_path / name)
    data = unpacked(tmp_path / name)
    assert without_the_field(data) == unpacked(source)
    assert data.count(b"EPITOPE=") > 1
    assert (tmp_path / name).read_bytes()[:4] == (b"##fi" if name == "out.vcf" else b"\x1f\x8b\x08\x04")


def test_plain_gzip_and_bgzip_give_the_same_file(tmp_path):
    plain = write(tmp_path / "in.vcf", R163L)
    packed = tmp_path / "in.vcf.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    blocks = tmp_path / "blocks.vcf.gz"
    with whole_file(blocks) as file:
        file.write(plain.read_bytes())
    assert annotated(plain, "a.vcf") == annotated(packed, "b.vcf.gz") == annotated(blocks, "c.vcf")


def test_changes_in_phase_have_an_entry_of_their_common_product_on_each_record(tmp_path):
    body = (
        "chr16\t28933042\t.\tC\tT\t.\t.\t.\tGT:PS\t0|1:7\t0/1\nchr16\t28933043\t.\tG\tA\t.\t.\t.\tGT:PS\t0|1:7\t0/0\n"
    )
    data = annotated(write(tmp_path / "in.vcf", body, COLUMNS + "\tFORMAT\tS 1\tS2"))
    first, second = entries(data, 28933042), entries(data, 28933043)
    assert [entry["hgvs_p"] for entry in first] == ["p.Arg163Cys", "p.Arg163Tyr"]
    assert [entry["hgvs_p"] for entry in second] == ["p.Arg163His", "p.Arg163Tyr"]
    assert [first[1]["in_phase_with"], second[1]["in_phase_with"]] == ["chr16-28933043-G-A", "chr16-28933042-C-T"]
    assert [entry["samples"] for entry in (*first, *second)] == ["", "S_1", "", "S_1"]


def test_alleles_of_one_record_are_told_apart_and_placeholders_have_no_entry(tmp_path):
    body = R163L.replace("\tT\t", "\tA,*,T\t") + "chr16\t28934000\t.\tA\t<DEL>\t.\t.\tEND=28939400\n"
    data = annotated(write(tmp_path / "in.vcf", body))
    assert [(e["allele"], e["hgvs_p"]) for e in entries(data, 28933043)] == [("A", "p.Arg163His"), ("T", "p.Arg163Leu")]
    assert [(e["allele"], e["antigen"]) for e in entries(data, 28934000)] == [("<DEL>", "lost")]


def test_a_wrong_reference_base_leaves_the_record_alone(tmp_path):
    source = write(tmp_path / "in.vcf", R163L + "chr16\t28933044\t.\tT\tG\t.\t.\tDP=1\n")
    assert entries(annotated(source), 28933044) == []


def test_what_has_a_meaning_in_the_column_is_written_as_its_code():
    assert info_text("a;b=c,d|e&f%g h") == "a%3Bb%3Dc%2Cd%7Ce%26f%25g_h"


def test_a_file_that_was_annotated_before_is_refused(tmp_path):
    annotated(write(tmp_path / "in.vcf", R163L))
    with pytest.raises(TableError, match=r"out\.vcf line 3: .* bcftools annotate"):
        epitope.annotate_vcf(tmp_path / "out.vcf", tmp_path / "again.vcf")
    assert not (tmp_path / "again.vcf").exists()


@pytest.mark.parametrize("name", ["out.txt", "out.gz", "in.vcf"])
def test_a_name_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path, name):
    source = write(tmp_path / "in.vcf", R163L)
    with pytest.raises(OutputError, match="choose"):
        epitope.annotate_vcf(source, tmp_path / name)
    assert source.read_bytes().endswith(R163L.encode())


def test_a_mistake_half_way_leaves_what_was_there(tmp_path, monkeypatch):
    def breaks(*_, **__):
        yield b"##fileformat=VCFv4.2\n", []
        raise TableError("damaged")

    source = write(tmp_path / "in.vcf", R163L)
    (tmp_path / "out.vcf").write_text("before")
    monkeypatch.setattr(annotated_vcf, "vcf_lines", breaks)
    with pytest.raises(TableError):
        epitope.annotate_vcf(source, tmp_path / "out.vcf")
    assert (tmp_path / "out.vcf").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.vcf", "out.vcf"]


def test_an_antigen_without_a_transcript_is_one_line(tmp_path):
    pack = write_pack(tmp_path / "pack", transcript=False, facts=False, binder=False)
    source = write(tmp_path / "in.vcf", R163L)
    structure = epitope.load(pack / "syna1_vhh.pdb", target=pack)
    with pytest.raises(EpitopeError, match="no transcript"):
        epitope.annotate_vcf(source, tmp_path / "out.vcf", structure)
    assert not (tmp_path / "out.vcf").exists()


def test_the_command_prints_the_table_and_names_the_file(tmp_path):
    source = write(tmp_path / "in.vcf", R163L + "chr16\t28933043\tbroken\n")
    result = run("assess", "--vcf", source, "--out", tmp_path / "out.vcf.gz")
    assert result.returncode == 1
    assert "p.Arg163Leu" in result.stdout
    assert result.stdout.endswith("out.vcf.gz\n")
    assert "line 5" in one_line_on_stderr(result)
    assert entries(unpacked(tmp_path / "out.vcf.gz"), 28933043)[0]["epitope"] == "at_risk"


def test_out_without_a_vcf_file_is_one_line(tmp_path):
    result = run("assess", "p.Phe61del", "--out", tmp_path / "out.vcf")
    assert result.returncode == 2
    assert "--vcf" in one_line_on_stderr(result)


@pytest.mark.extras
def test_htslib_reads_the_field(tmp_path):
    pysam = pytest.importorskip("pysam")
    annotated(write(tmp_path / "in.vcf", R163L + "chr16\t28933044\t.\tC\tG,T\t.\t.\t.\n"), "out.vcf.gz")
    with pysam.VariantFile(str(tmp_path / "out.vcf.gz")) as file:
        told = [[entry.split("|")[0] for entry in record.info["EPITOPE"]] for record in file]
        assert "Format: allele|hgvs_c" in file.header.info["EPITOPE"].description
    assert told == [["T"], ["G", "T"]]
