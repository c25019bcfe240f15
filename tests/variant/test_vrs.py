"""VRS 2 identifiers, held against published ones and against the digest written out here."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from pathlib import Path

import pytest

import epitope
from epitope.errors import MissingDependencyError, TargetError
from epitope.show.tables import assessment_json, assessment_table
from epitope.variant import consequence_of
from epitope.variant.vrs import allele_ids
from tests.second_antigen.make import write_pack
from tests.test_cli import run

TARGET = epitope.load_target()


def digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha512(data).digest()[:24]).decode()


def canonical(value: dict) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def identifier(sequence: str, start: int, end: int, state: dict) -> str:
    """The computed identifier as the specification of VRS 2 tells it."""
    location = {
        "type": "SequenceLocation",
        "sequenceReference": {"type": "SequenceReference", "refgetAccession": sequence},
        "start": start,
        "end": end,
    }
    allele = {"type": "Allele", "location": digest(canonical(location)), "state": state}
    return f"ga4gh:VA.{digest(canonical(allele))}"


def literal(sequence: str) -> dict:
    return {"type": "LiteralSequenceExpression", "sequence": sequence}


def shortened(length: int, unit: int) -> dict:
    return {"type": "ReferenceLengthExpression", "length": length, "repeatSubunitLength": unit}


PROTEIN = "SQ." + digest(TARGET.sequence.encode())
CHROMOSOME = TARGET.transcript.chromosome_refget


def test_the_digest_of_chromosome_16_gives_the_published_identifier_of_another_gene():
    # VariantValidator, tests/test_vrs.py: NM_000548.3:c.138+821del on NC_000016.10
    assert identifier(CHROMOSOME, 2049571, 2049574, shortened(2, 1)) == "ga4gh:VA.swtaZ9h8m_gc6bDXPtNAALWSRBquhDcs"


@pytest.mark.extras
class TestWithTheLibrary:
    @pytest.fixture(autouse=True)
    def _library(self):
        pytest.importorskip("ga4gh.vrs")

    @pytest.mark.parametrize("text", ["c.488G>T", "chr16-28933043-G-T", "NC_000016.10:g.28933043G>T"])
    def test_one_allele_has_one_identifier_however_it_is_written(self, text):
        ids = epitope.vrs_ids(text)
        assert ids["genomic"] == identifier(CHROMOSOME, 28933042, 28933043, literal("T"))
        assert ids["protein"] == identifier(PROTEIN, 162, 163, literal("L"))

    @pytest.mark.parametrize("text", ["c.183_185del", "c.182_184del", "c.179 CCTT>C"])
    def test_equal_deletions_are_justified_to_one_allele(self, text):
        reference = TARGET.transcript
        lost, start = "TTC", 28932439  # g.28932440_28932442, 3'-shifted
        before = start
        while reference.genomic_bases(before, 1) == reference.genomic_bases(before + 3, 1):
            before -= 1
        after = start + 3
        while reference.genomic_bases(after + 1, 1) == reference.genomic_bases(after - 2, 1):
            after += 1
        state = shortened(after - before - 3, len(lost))
        assert epitope.vrs_ids(text)["genomic"] == identifier(CHROMOSOME, before, after, state)

    def test_a_residue_lost_has_one_identifier_from_dna_and_from_protein(self):
        ids = epitope.vrs_ids("p.Phe61del")
        assert ids == {"genomic": "", "protein": epitope.vrs_ids("c.183_185del")["protein"]}
        assert ids["protein"] == identifier(PROTEIN, 60, 61, shortened(0, 1))

    def test_a_new_stop_is_an_asterisk(self):
        assert epitope.vrs_ids("p.Ser269Ter")["protein"] == identifier(PROTEIN, 268, 269, literal("*"))

    @pytest.mark.parametrize("text", ["c.100dup", "c.559+1G>A", "c.61_75inv", "p.Met1?"])
    def test_a_product_that_is_no_allele_of_the_protein_has_no_identifier(self, text):
        assert epitope.vrs_ids(text)["protein"] == ""

    def test_several_changes_and_bases_that_are_not_held_have_none(self):
        assert epitope.vrs_ids("c.[487C>T;488G>A]") == {"genomic": "", "protein": ""}
        assert epitope.vrs_ids("chr16:g.28934001_28939400del")["genomic"] == ""

    def test_a_gene_on_the_minus_strand_is_named_on_the_plus_strand(self, tmp_path):
        pack = write_pack(tmp_path / "pack")
        sequence = "SQ." + 32 * "A"
        toml = (pack / "target.toml").read_text(encoding="utf-8")
        toml = toml.replace("chromosome_length", f'chromosome_refget = "{sequence}"\nchromosome_length', 1)
        (pack / "target.toml").write_text(toml, encoding="utf-8")
        target = epitope.load_target(pack)
        start = target.transcript.genomic_start + 200
        base = target.transcript.genomic_bases(start, 1)
        other = "A" if base != "A" else "C"
        found = consequence_of(f"{target.transcript.chromosome}-{start}-{base}-{other}", target)
        assert allele_ids(found, target)["genomic"] == identifier(sequence, start - 1, start, literal(other))

    def test_the_page_shows_what_is_computed(self):
        page = Path(__file__).parents[2] / "docs" / "formats.md"
        assert f"\n{epitope.vrs_ids('c.488G>T')}\n" in page.read_text(encoding="utf-8")

    def test_the_json_of_an_assessment_has_them(self):
        said = json.loads(run("assess", "c.488G>T", "p.Gly60del", "--json").stdout)
        assert said["provenance"]["vrs"].startswith("VRS 2, ga4gh.vrs ")
        assert said["assessments"][0]["vrs"] == epitope.vrs_ids("c.488G>T")
        assert said["assessments"][1]["vrs"] == {"genomic": "", "protein": ""}


def test_without_the_library_the_json_says_so_and_is_whole(monkeypatch):
    monkeypatch.setattr("importlib.metadata.version", _missing)
    rows = epitope.assess_each("c.488G>T")
    said = json.loads(assessment_json(assessment_table(rows), rows, TARGET, {}))
    assert "epitope[vrs]" in said["provenance"]["vrs"]
    assert "vrs" not in said["assessments"][0]
    with pytest.raises(MissingDependencyError, match=r"epitope\[vrs\]"):
        epitope.vrs_ids("c.488G>T")


def _missing(name: str) -> str:
    raise sys.modules["importlib.metadata"].PackageNotFoundError(name)


def test_a_digest_of_another_form_is_refused(tmp_path):
    pack = write_pack(tmp_path / "pack")
    toml = (pack / "target.toml").read_text(encoding="utf-8")
    toml = toml.replace("chromosome_length", 'chromosome_refget = "NC_1"\nchromosome_length', 1)
    (pack / "target.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(TargetError, match=r"chromosome_refget.*SQ"):
        epitope.load_target(pack)
