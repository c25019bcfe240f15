"""Junction counts to isoform use."""

from __future__ import annotations

import gzip
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from epitope.errors import EpitopeError, TableError
from epitope.target import load_target
from epitope.variant.readers.junctions import (
    USAGE_COLUMNS,
    _context,
    event_junctions,
    isoform_usage,
    sample_names,
    wilson_interval,
)

TARGET = load_target()
EX2PART = 28932449  # the first of nine placements, c.192_321
EJ23 = (28932613, 28932910)
SKIP = (28932089, 28932910)


def star(*junctions, chrom="chr16"):
    """Write lines of SJ.out.tab: (start, end, unique) or (start, end, unique, multi, strand)."""
    lines = []
    for start, end, unique, *rest in junctions:
        multi, strand = (*rest, 0, 1)[:2] if len(rest) < 2 else rest
        lines.append(f"{chrom}\t{start}\t{end}\t{strand}\t0\t0\t{unique}\t{multi}\t38\n")
    return "".join(lines)


def write(folder, text, name="R1_SJ.out.tab"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def usage(*paths, **options):
    return isoform_usage(paths, TARGET, **options).set_index(["sample", "event"])


def test_the_nine_placements_follow_from_the_sequence():
    first, second = event_junctions(TARGET)
    assert first.event == tuple((EX2PART + shift, EX2PART + shift + 129) for shift in range(9))
    assert len(first.event) == TARGET.isoform("ex2part").junction_shifts
    assert second.event == (SKIP,)
    assert second.event_name == "exon 1-3"
    assert {first.reference, second.reference} == {EJ23}


def test_any_of_the_placements_may_stand_in_the_target_file():
    moved = replace(TARGET.isoform("ex2part"), cds_start=197, cds_end=326)
    (event,) = event_junctions(replace(TARGET, isoforms=(moved,)))
    assert event.event == event_junctions(TARGET)[0].event


def test_a_gene_on_the_minus_strand_has_mirrored_junctions():
    transcript = TARGET.transcript
    flip = 60_000_000
    exons = tuple(replace(exon, start=flip - exon.end, end=flip - exon.start) for exon in transcript.exons)
    mirrored = replace(TARGET, known_transcript=replace(transcript, strand=-1, exons=exons))
    for event, original in zip(event_junctions(mirrored), event_junctions(TARGET), strict=True):
        assert event.reference == (flip - original.reference[1], flip - original.reference[0])
        assert set(event.event) == {(flip - end, flip - start) for start, end in original.event}


def test_placements_are_added_up_and_set_against_the_reference_junction(tmp_path):
    junctions = [(EX2PART + shift, EX2PART + shift + 129, 5, 0, 0) for shift in range(9)]
    table = usage(write(tmp_path, star(*junctions, (*EJ23, 90), (*SKIP, 9), (EX2PART + 9, EX2PART + 138, 7))))
    row = table.loc[("R1", "ex2part")]
    assert (row.event_reads, row.reference_reads, row.placements_seen) == (45, 90, 9)
    assert row.reference_junction == "exon 2-3"
    assert row.ratio_percent == pytest.approx(50)
    assert row.usage_percent == pytest.approx(100 / 3)
    assert row.ratio_low_percent < 50 < row.ratio_high_percent
    assert row.warning == ""
    assert table.loc[("R1", "ex2skip")].ratio_percent == pytest.approx(10)


def test_the_columns_are_fixed(tmp_path):
    table = isoform_usage([write(tmp_path, star((*EJ23, 90)))], TARGET)
    assert tuple(table.columns) == USAGE_COLUMNS
    assert len(table) == 2


def test_marker_and_objection_stand_beside_the_number(tmp_path):
    row = usage(write(tmp_path, star((*EJ23, 100), (EX2PART, EX2PART + 129, 30)))).loc[("R1", "ex2part")]
    assert row.against_mark == "above the 25 % mark"
    assert "11.2" in row.context
    assert "falsitron" in row.objection
    assert "Zhao" in row.source and "Schulz" in row.source


@pytest.mark.parametrize(("reads", "warned"), [(19, True), (20, False)])
def test_fewer_than_twenty_reads_are_warned_of(tmp_path, reads, warned):
    row = usage(write(tmp_path, star((*EJ23, reads), (EX2PART, EX2PART + 129, 1)))).loc[("R1", "ex2part")]
    assert ("fewer than 20" in row.warning) == warned


def test_without_reference_reads_there_is_no_ratio_and_a_reason(tmp_path):
    row = usage(write(tmp_path, star((EX2PART, EX2PART + 129, 12)))).loc[("R1", "ex2part")]
    assert math.isnan(row.ratio_percent)
    assert "no reads on exon 2-3" in row.warning
    row = usage(write(tmp_path, star((5, 90, 12), chrom="chr1"))).loc[("R1", "ex2part")]
    assert math.isnan(row.usage_percent)
    assert "no junction of CD19 in the file" in row.warning


@pytest.mark.parametrize(("hits", "side"), [(1, "not above"), (25, "not above"), (26, "above"), (90, "above")])
def test_a_ratio_is_set_against_the_published_mark(hits, side):
    assert _context(TARGET.isoform("ex2part"), hits, 100)[0] == f"{side} the 25 % mark"


def test_multi_mapping_reads_count_only_on_demand(tmp_path):
    path = write(tmp_path, star((*EJ23, 50, 30, 1)))
    assert usage(path).reference_reads.iloc[0] == 50
    assert usage(path, multimapped=True).reference_reads.iloc[0] == 80


def test_reads_on_the_other_strand_are_told_and_not_counted(tmp_path):
    row = usage(write(tmp_path, star((*EJ23, 50), (*SKIP, 7, 0, 2)))).loc[("R1", "ex2skip")]
    assert row.event_reads == 0
    assert "7 reads on the other strand" in row.warning


@pytest.mark.parametrize("chrom", ["chr16", "16", "NC_000016.10"])
def test_every_name_of_the_chromosome_is_understood(tmp_path, chrom):
    assert usage(write(tmp_path, star((*EJ23, 50), chrom=chrom))).reference_reads.iloc[0] == 50


def test_bed12_counts_the_gap_between_the_blocks(tmp_path):
    start, end = EJ23[0] - 1 - 40, EJ23[1] + 30
    line = f"chr16\t{start}\t{end}\tJUNC1\t64\t+\t{start}\t{end}\t255,0,0\t2\t40,30\t0,{end - start - 30}\n"
    skip = line.replace(str(start), str(SKIP[0] - 41)).replace("\t64\t+", "\t8\t?")
    skip = skip.replace(f"0,{end - start - 30}", f"0,{end - SKIP[0] + 41 - 30}")
    path = write(tmp_path, "track name=junctions\n" + line + skip, "R7.junctions.bed")
    row = usage(path).loc[("R7", "ex2skip")]
    assert (row.event_reads, row.reference_reads) == (8, 64)


def test_several_files_are_several_samples(tmp_path):
    first = write(tmp_path, star((*EJ23, 50)))
    second = write(tmp_path, gzip.compress(star((*EJ23, 70)).encode()), "R2.SJ.out.tab.gz")
    table = isoform_usage([first, second], TARGET)
    assert list(table["sample"]) == ["R1", "R1", "R2", "R2"]
    assert list(isoform_usage([first, second], TARGET, samples=["a", "b"])["sample"].unique()) == ["a", "b"]
    with pytest.raises(TableError, match="1 sample names for 2 junction files"):
        isoform_usage([first, second], TARGET, samples=["a"])
    assert sample_names([Path("a/R1.bed"), Path("b/R1.bed")]) == ["a/R1.bed", "b/R1.bed"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"", "line 1: no junctions"),
        ("chr16\t5\t9\n", "line 1: 3 columns; STAR's SJ.out.tab has 9"),
        (star((*EJ23, "x")), "line 1, column 7: unique reads 'x' is not a whole number"),
        (star((*EJ23, 5)) + star((9, 5, 3)), "line 2, columns 2 and 3"),
        (star((*EJ23, 5, 0, 7)), "column 4: the strand '7'"),
        (star((*EJ23, 5)) + "\t".join("a" * 12), "line 2: 12 columns"),
        (star((*EJ23, 5), chrom="NC_000016.9"), "line 1: NC_000016.9 is of another build"),
        (b"chr16\t5\t9\t1\t0\t0\t\xe4\t0\t9\n", "line 1: byte 0xe4 is not UTF-8"),
        ("chr16\t5\t99\tj\t3\t+\t5\t99\t0\t2\t20,9\t0,10\n", "blocks overlap"),
        ("chr16\t5\t99\tj\t3\t+\t5\t99\t0\t3\t20,9\t0,40\n", "3 blocks, 2 sizes, 2 starts"),
        ("chr16\t5\t99\tj\t3\tx\t5\t99\t0\t2\t20,9\t0,40\n", "column 6: the strand 'x'"),
    ],
)
def test_malformed_lines_are_refused_with_file_and_line(tmp_path, text, word):
    with pytest.raises(TableError) as caught:
        usage(write(tmp_path, text))
    assert str(caught.value).startswith("R1_SJ.out.tab line ")
    assert word in str(caught.value)


@pytest.mark.parametrize(("hits", "total"), [(0, 10), (1, 7), (12, 40), (40, 40), (300, 10_000)])
def test_the_interval_is_that_of_scipy(hits, total):
    expected = binomtest(hits, total).proportion_ci(0.95, method="wilson")
    assert wilson_interval(hits, total) == pytest.approx((expected.low, expected.high), abs=1e-12)


@settings(deadline=None, max_examples=150)
@given(data=st.binary(max_size=200))
def test_no_bytes_raise_anything_but_the_projects_error(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    for content in (data, star((*EJ23, 5)).encode() + data):
        try:
            table = usage(write(folder, content))
        except EpitopeError as error:
            assert "R1_SJ.out.tab" in str(error)
        else:
            assert len(table) == 2
