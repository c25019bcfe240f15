"""Another antigen goes through every command, and nothing of the bundled one is in what comes out.

The pack of `make`: minus strand, two membrane segments, no signal peptide, a VHH; and the
barest pack there can be, a name and a sequence.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import epitope
from epitope.cli import app
from epitope.errors import EpitopeError
from epitope.features.measured import MeasuredComplex
from epitope.target import load_target
from epitope.target.model import RegionKind
from tests.second_antigen.make import BINDER, NAME, SEGMENT_1, write_pack

OF_THE_BUNDLED_ANTIGEN = re.compile(
    "cd19|b43|6al5|p15391|nm_001770|cd81|ex2part|ex2skip|zhao|orlando|blinatumomab|fmc63|teplyakov", re.IGNORECASE
)
PICTURES = ("lollipop", "distance-map", "contacts", "contact-map", "burial", "site", "overview", "epitope")


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("syna1") / "pack")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bare") / "pack"
    return write_pack(folder, transcript=False, facts=False, binder=False)


@pytest.fixture(scope="module")
def structure(pack: Path) -> MeasuredComplex:
    return epitope.load(target=pack)


def run(pack: Path, *words: str) -> str:
    """Run a command on the pack and its structure; return what it prints, if nothing in it is foreign."""
    where = [] if words[0] in ("isoform", "cohort") else ["--structure", str(pack / "syna1_vhh.pdb")]
    result = CliRunner().invoke(app, [*words, "--target", str(pack), *where])
    if isinstance(result.exception, EpitopeError):
        assert not OF_THE_BUNDLED_ANTIGEN.search(str(result.exception).replace(words[-1], ""))
        raise result.exception
    assert result.exit_code == 0, result.output
    assert not (found := OF_THE_BUNDLED_ANTIGEN.search(result.output)), found
    return result.output


def check_files(folder: Path) -> list[str]:
    """Look for what is foreign in every file of text; return the names of all files."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        if path.suffix in (".html", ".csv", ".json", ".svg", ".pml", ".cxc", ".pdb"):
            # Neither bitmaps nor the made-up names of an SVG's parts are words.
            words = re.sub(r"base64,[A-Za-z0-9+/=\s]+|(id=\"|#)\w+", "", path.read_text(encoding="utf-8"))
            found = OF_THE_BUNDLED_ANTIGEN.search(words)
            assert not found, (path, found)
    return sorted(path.name for path in files)


def test_compare_puts_two_structures_side_by_side(pack: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.pdb"
    copy.write_text((pack / "syna1_vhh.pdb").read_text() + "REMARK   1 COPY\n")
    run(pack, "compare", str(copy), "--out", str(tmp_path / "out"))
    printed = json.loads((tmp_path / "out" / "comparison.json").read_text(encoding="utf-8"))
    assert [row["antibody"] for row in printed["antibodies"]] == [f"{BINDER} (syna1_vhh)", f"{BINDER} (copy)"]
    assert [row["jaccard"] for row in printed["overlap"]] == [1.0]
    assert "barcode.svg" in check_files(tmp_path / "out")


def test_a_trajectory_of_another_antigen_is_followed(pack: Path, tmp_path: Path) -> None:
    words = ["--topology", str(pack / "syna1_vhh.pdb"), "--out", str(tmp_path), "--area-every", "0"]
    printed = CliRunner().invoke(app, ["dynamics", *words, "--target", str(pack)])
    assert printed.exit_code == 0, printed.output
    assert not OF_THE_BUNDLED_ANTIGEN.search(printed.output)
    assert {"frames.csv", "contacts.csv", "rmsf.pdb", "dynamics.svg"} <= set(check_files(tmp_path))
    held = epitope.load(pack / "syna1_vhh.pdb", target=pack)
    assert len(pd.read_csv(tmp_path / "contacts.csv")) == (held.contacts["atom_pairs_4A"] > 0).sum()


def test_the_pack_says_what_it_is(pack: Path) -> None:
    target = load_target(pack)
    assert target == load_target(pack / "target.toml")
    assert target.transcript.strand == -1
    assert [region.kind.value for region in target.regions].count("transmembrane") == 2
    assert (target.epitopes, target.disulfides, target.uniprot_name) == ((), (), "")


def test_roles_binder_epitope_and_disulfides_come_from_the_structure(structure: MeasuredComplex) -> None:
    held = structure.complex
    assert (held.antigen_chains, held.heavy_chains, held.light_chains) == (("X",), ("N",), ())
    assert structure.antibody_name == structure.epitope.binder == BINDER
    assert structure.epitope.computed
    # The contacts of the heavy chain, numbered as in this antigen: 18 positions more.
    heavy = epitope.load(heavy="H", light=())
    moved = [position + 18 for position in heavy.contact_positions]
    assert list(structure.contact_positions) == moved
    assert [(d.first, d.second) for d in structure.target.disulfides] == [(56, 279), (115, 218), (152, 191)]


def test_protein_and_dna_changes_on_the_minus_strand_agree(pack: Path) -> None:
    target = load_target(pack)
    codon = target.sequence.index("R", 170) + 1
    transcript = target.transcript
    base = 3 * codon - 1  # CGT > CTT
    exon = next(e for e in transcript.exons if e.cds_start <= base <= e.cds_end)
    offset = base - exon.cds_start
    start = exon.end - offset
    said = json.loads(
        run(pack, "assess", f"p.Arg{codon}Leu", f"c.{base}G>T", f"{transcript.chromosome}-{start}-C-A", "--json")
    )["assessments"]
    assert {row["hgvs_p"] for row in said} == {f"p.Arg{codon}Leu"}
    assert len({(row["antigen"], row["fold"], row["epitope"]) for row in said}) == 1
    assert f"the epitope of {BINDER} is at risk" in said[0]["mechanism"]


def test_a_table_of_assessments_names_no_other_antigen(pack: Path) -> None:
    first = len("MSKRTPENDSGQKARRL") + 1
    printed = run(pack, "assess", "p.Arg181Leu", "p.Leu114del", "c.7del", "c.100+1G>A", f"p.{SEGMENT_1[0]}{first}P")
    assert BINDER in printed
    assert NAME in printed


def test_structure_residues_and_distances_are_told(pack: Path) -> None:
    assert f"binder      {BINDER}" in run(pack, "structure")
    said = json.loads(run(pack, "structure", "--json"))
    assert (said["epitope_origin"], said["epitope_published"]) == ("computed", [])
    assert "CDR-H3" in run(pack, "contacts", "p.Arg181Leu")
    assert "E138" in run(pack, "distances", "L114", "E138")
    table = json.loads(run(pack, "residues", "--json"))
    assert len(table) == len(load_target(pack).sequence)
    near = json.loads(run(pack, "residues", "--around", "173-184", "--within", "0", "--json"))
    assert [row["uniprot_position"] for row in near] == list(range(173, 185))
    assert {row["loop"] for row in json.loads(run(pack, "residues", "--around", "epitope", "--json"))} >= {"173-184"}


def test_scan_writes_an_atlas_with_codons_of_the_minus_strand(pack: Path, tmp_path: Path) -> None:
    run(pack, "scan", "--out", str(tmp_path))
    assert {"atlas.csv", "candidates.csv", "atlas.svg"} <= set(check_files(tmp_path))
    atlas = pd.read_csv(tmp_path / "atlas.csv", keep_default_na=False)
    single = atlas[atlas["kind"] != "exon skip"]
    loaded = epitope.load(target=pack)
    membrane = {p for r in loaded.target.regions_of(RegionKind.TRANSMEMBRANE) for p in r.positions}
    assert set(single["uniprot_position"]) == {*loaded.positions.tolist(), *membrane}
    assert atlas.loc[atlas["kind"] == "exon skip", "hgvs_c"].tolist() == ["c.101_250del", "c.251_520del"]
    row = atlas[atlas["hgvs_p"] == "p.Arg181Leu"].iloc[0]
    assert (row["hgvs_c"], row["antibodies"], row["cohorts"]) == ("c.542G>T", f"{BINDER} contact", "")


@pytest.mark.parametrize("name", [*PICTURES, "binders"])
def test_every_figure_is_drawn(pack: Path, tmp_path: Path, name: str) -> None:
    run(pack, "figure", name, "p.Arg181Leu", "--formats", "svg", "--out", str(tmp_path))
    assert check_files(tmp_path) == [f"{name}.svg"]


def test_the_report_is_written(pack: Path, tmp_path: Path) -> None:
    samples = tmp_path / "samples.csv"
    samples.write_text("sample,variant\nS1,p.Arg181Leu\n")
    out = tmp_path / "report"
    run(
        pack,
        "report",
        "p.Arg181Leu",
        "p.Leu114del",
        "--cohort",
        str(samples),
        "--viewer-script",
        "none",
        "--out",
        str(out),
    )
    assert {"index.html", "assessments.csv", "contacts.csv", "residues.csv", "lollipop.svg", "burial.svg"} <= set(
        check_files(out)
    )


def test_a_cohort_of_ones_own_is_summarised(pack: Path, tmp_path: Path) -> None:
    samples = tmp_path / "samples.csv"
    samples.write_text("sample,variant\nS1,p.Arg181Leu\nS2,c.7del\n")
    assert "S2" in run(pack, "cohort", str(samples))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("assess", "--published", "zhao2021"), f"{NAME} has no published cohorts"),
        (("report",), "no published cohort; name a variant"),
        (("isoform", "--junctions", "SJ.out.tab"), f"{NAME} has no named RNA events"),
        (("figure", "isoforms"), f"{NAME} has no named RNA events"),
        (("figure", "isoform"), f"{NAME} has no named RNA events"),
        (("figure", "ex2part"), "no figure 'ex2part'"),
        (("figure", "site"), "say which residue"),
        (("residues", "--around", "97-107"), "is no place in syna1_vhh"),
    ],
)
def test_what_the_pack_does_not_have_is_refused_in_one_line(pack: Path, words: tuple[str, ...], reason: str) -> None:
    with pytest.raises(EpitopeError, match=re.escape(reason)) as caught:
        run(pack, *words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("preset", ["overview", "epitope", "site", "disulfides"])
def test_every_view_is_made(structure: MeasuredComplex, preset: str) -> None:
    page = epitope.view(["p.Arg181Leu"], structure, preset=preset)._make_html()
    assert not OF_THE_BUNDLED_ANTIGEN.search(page)


def test_a_name_and_a_sequence_are_enough(bare: Path, tmp_path: Path) -> None:
    said = json.loads(run(bare, "assess", "p.Arg181Leu", "p.Leu114del", "p.Arg181Ter", "--json"))["assessments"]
    assert all(not row["error"] for row in said)
    assert "the epitope of the antibody of syna1_vhh is at risk" in said[0]["mechanism"]
    assert "the antibody of syna1_vhh" in run(bare, "structure")
    run(bare, "residues", "--around", "epitope")
    run(bare, "scan", "--out", str(tmp_path / "atlas"))
    atlas = pd.read_csv(tmp_path / "atlas" / "atlas.csv", keep_default_na=False)
    assert set(atlas["reachable_by_one_nucleotide"]) == set(atlas["nucleotides_changed"]) == {""}
    for name in PICTURES:
        run(bare, "figure", name, "p.Arg181Leu", "--formats", "svg", "--out", str(tmp_path / "figures"))
    run(bare, "report", "p.Arg181Leu", "--viewer-script", "none", "--no-png", "--out", str(tmp_path / "report"))
    check_files(tmp_path)


@pytest.mark.parametrize("text", ["c.542G>T", "chr5-5200-A-T", "NM_999001.1:c.5A>G", "p.Arg181sp"])
def test_dna_without_a_transcript_is_refused_in_one_line(bare: Path, text: str) -> None:
    (error,) = epitope.assess([text], epitope.load(target=bare))["error"]
    assert "this target has no transcript, so DNA changes cannot be read; give the protein change (p.)" in error


def test_a_target_without_a_structure_asks_for_one(bare: Path, tmp_path: Path) -> None:
    toml = (bare / "target.toml").read_text().replace('structure = "syna1_vhh.pdb"\n', "")
    (tmp_path / "target.toml").write_text(toml)
    (tmp_path / "sequences.fa").write_text((bare / "sequences.fa").read_text())
    with pytest.raises(EpitopeError, match="SYNA1 comes with no structure; give a file or a PDB id"):
        epitope.load(target=tmp_path)
