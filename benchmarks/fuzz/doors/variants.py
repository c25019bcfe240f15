"""Variants as people type them and as files hold them."""

from __future__ import annotations

import gzip
import io
import random
import re
import string
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.fuzz.doors.base import Door, loaded
from benchmarks.fuzz.mutate import damaged_bytes, damaged_lines
from benchmarks.variants import KINDS


class VariantText(Door):
    """Variants as people type them: the grammar's own words, well and badly put together."""

    words = (
        *("c.", "p.", "g.", "n.", "r.", "m.", "(", ")", "[", "]", ";", "_", "-", "+", "*", "?", "=", ">", "del"),
        *("dup", "ins", "inv", "con", "delins", "fs", "ext", "Ter", "Phe61", "F61", "Pro60", "R163L", "183", "185"),
        *("0", "1", "999999999999999999999", "-5", "A", "C", "G", "T", "N", "u", " ", ":", "chr16", "28933043"),
        *("NM_001178098.2", "NP_001171569.1", "CD19", "ex2part", "exon 2", "skip", "NC_000016.10"),
        *("(;)", "{", "}", "Δ", "→", "–", "\u200b", "\n", "\t", "\x00", "\ud800", "é", "²", "٣", "×", "%", "∆2"),
    )  # fmt: skip

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        how = rng.random()
        if how < 0.4:
            text = "".join(rng.choices(self.words, k=rng.randrange(1, 12)))
        else:
            text = rng.choice(list(KINDS.values()))(_reference(), rng)
            for _ in range(rng.choice((0, 1, 1, 2, 3))):
                at = rng.randrange(len(text) + 1)
                word = rng.choice((*self.words, rng.choice(string.printable)))
                text = text[:at] + rng.choice((word, "", text[:at][-3:])) + text[at + rng.randrange(3) :]
            if how > 0.9:
                text = rng.choice(("[{0};{0}]", "c.[{0}];[{0}]", "{0} {0}", "{0} (p.F61del)", "{0}" * 30)).format(text)
        return text.encode("utf-8", "surrogatepass")

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        from epitope.api import as_variants
        from epitope.target import load_target
        from epitope.variant import consequence_of

        for variant in as_variants(case.decode("utf-8", "surrogatepass")):
            consequence_of(variant, load_target()).hgvs_p.encode()


@cache
def _reference() -> Any:
    from epitope.target import load_target
    from epitope.variant.hgvs.transcript_map import transcript_map_of

    return transcript_map_of(load_target())


VCF = """##fileformat=VCFv4.2
##contig=<ID=chr16,length=90338345,assembly=GRCh38>
##INFO=<ID=CSQ,Number=.,Type=String,Description="x. Format: Allele|SYMBOL|HGVSc">
##FORMAT=<ID=GT,Number=1,Type=String,Description="g">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2
chr16\t28933043\trs1\tG\tT\t50\tPASS\tCSQ=T|CD19|c.488G>T\tGT:AD\t0/1:10,9\t0|1:3,4
chr16\t28932449\t.\tGAAC\tG,GA\t.\t.\t.\tGT\t1|2\t./.
chr16\t28931000\t.\tN\t<DEL>\t.\t.\tEND=28940000;SVTYPE=DEL\tGT\t0/1\t0/0
16\t28933044\t.\tC\t*\t.\tq10\t.\tGT\t0/1\t1/1
chr16\t28933100\t.\tA\tA[chr16:28934000[\t.\t.\t.\tGT\t0/1\t0/1
"""


class Vcf(Door):
    """VCF files, plain and packed, read and written again with the answers in them."""

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        text = damaged_lines(rng, VCF, lambda line: re.split(r"[\t]", line), "\t")
        if rng.random() < 0.3:
            text = damaged_lines(rng, text, lambda line: re.split(r"([:|;,=/])", line), "")
        data = text.encode("utf-8", "replace")
        if rng.random() < 0.2:
            data = damaged_bytes(rng, data)
        if rng.random() < 0.1:
            data = gzip.compress(data)
            data = damaged_bytes(rng, data) if rng.random() < 0.5 else data
        return data

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        import epitope

        path = folder / ("x.vcf.gz" if case[:2] == b"\x1f\x8b" else "x.vcf")
        path.write_bytes(case)
        _names(epitope.read_variants(path, structure=loaded()))


TABLES = (
    "sample,variant,note\nA,p.Phe61del,x\nB,c.488G>T,\nC,R163L;K220E,two\n",
    "Hugo_Symbol\tChromosome\tStart_Position\tEnd_Position\tReference_Allele\tTumor_Seq_Allele2\tNCBI_Build\tHGVSp_Short\n"
    "CD19\t16\t28933043\t28933043\tG\tT\tGRCh38\tp.R163L\nCD22\t19\t1\t1\tA\tC\tGRCh38\tp.A1T\n",
    "chrom;pos;ref;alt\nchr16;28933043;G;T\n16;28932449;GAAC;G\n",
)


class Table(Door):
    """Tables of variants: CSV, TSV and Excel."""

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        text = rng.choice(TABLES)
        if rng.random() < 0.15:
            return damaged_bytes(rng, _workbook(text))
        text = damaged_lines(rng, text, lambda line: re.split(r"([,;\t])", line), "")
        data = text.encode(rng.choice(("utf-8", "utf-8", "utf-16", "latin-1")), "replace")
        return damaged_bytes(rng, data) if rng.random() < 0.2 else data

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        import epitope

        path = folder / ("x.xlsx" if case[:2] == b"PK" else "x.tsv" if b"\t" in case else "x.csv")
        path.write_bytes(case)
        _names(epitope.read_variants(table=path, structure=loaded()))


@cache
def _workbook(text: str) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for line in text.splitlines():
        book.active.append(re.split("[,;\t]", line))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _names(rows: list[Any]) -> None:
    """Say what each variant is; an error of one is an answer."""
    from epitope.errors import EpitopeError
    from epitope.target import load_target
    from epitope.variant import consequence_of
    from epitope.variant.model import Variant

    for row in rows:
        if isinstance(row, Variant):
            try:
                consequence_of(row, load_target()).hgvs_p.encode()
            except EpitopeError as error:
                str(error).encode()


STAR = "chr16\t28932449\t28932578\t1\t1\t0\t40\t3\t38\nchr16\t28932613\t28932910\t1\t1\t1\t900\t0\t38\n"

BED = (
    "chr16\t28932400\t28932600\tJUNC1\t40\t+\t28932400\t28932600\t255,0,0\t2\t48,22\t0,178\n"
    "chr16\t28932580\t28932930\tJUNC2\t900\t+\t28932580\t28932930\t255,0,0\t2\t32,20\t0,330\n"
)


class Junctions(Door):
    """Junction counts of STAR and in BED12."""

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        text = damaged_lines(rng, rng.choice((STAR, BED)) * rng.choice((1, 5)), lambda line: line.split("\t"), "\t")
        data = text.encode("utf-8", "replace")
        return damaged_bytes(rng, data) if rng.random() < 0.2 else data

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        from epitope.target import load_target
        from epitope.variant.readers.junctions import isoform_usage

        path = folder / ("x.bed" if b"JUNC" in case else "xSJ.out.tab")
        path.write_bytes(case)
        isoform_usage([path], load_target()).to_json().encode()
