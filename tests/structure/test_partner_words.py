"""Where no antibody binds the antigen, nothing that a person reads speaks of one."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import gemmi
import pytest
from typer.testing import CliRunner

import epitope
from epitope.cli import app
from epitope.features.measured import MeasuredComplex
from epitope.show.presets import scene
from epitope.structure.model import PartnerKind
from epitope.structure.partners import Partner
from epitope.structure.roles import Roles
from tests.structure.conftest import thin_to_alanine

COLUMN = re.compile(r"\w*_antibody\w*|\bantibody\w*_\w+")


def as_ligand(structure: gemmi.Structure) -> None:
    """Leave a pair of proteins that nobody knows."""
    structure[0].remove_chain("L")
    thin_to_alanine(structure, "A", "H")


@pytest.fixture
def ligand(edited: Callable[..., Path]) -> Path:
    return edited(as_ligand, name="pair.pdb")


@pytest.fixture
def pair(ligand: Path) -> MeasuredComplex:
    return epitope.load(ligand, sides="A:H")


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return result.output


def spoken_of_an_antibody(text: str) -> list[str]:
    """Find the word outside of names of columns, embedded files and the list of scripts."""
    words = COLUMN.sub("", re.sub(r"base64,[A-Za-z0-9+/=\s]+", "", text))
    return re.findall(r".{0,40}(?:antibod|heavy chain|light chain|constant domain|CDR).{0,40}", words, re.IGNORECASE)


def variants(pair: MeasuredComplex) -> list[str]:
    """Replace a contact, a distant residue and a pair of residues that make a glycosylation site; delete a contact."""
    contact, far = pair.contact_positions[0], pair.residues["min_distance_antibody_A"].idxmax()
    sequence, distant = pair.target.sequence, int(pair.residues.loc[far, "uniprot_position"])
    return [
        f"{sequence[contact - 1]}{contact}W",
        f"{sequence[distant - 1]}{distant}W",
        f"p.{sequence[distant - 2]}{distant - 1}_{sequence[distant - 1]}{distant}insNGS",
        f"{sequence[contact - 1]}{contact}del",
    ]


def test_no_command_calls_a_partner_an_antibody(ligand: Path, pair: MeasuredComplex, tmp_path: Path) -> None:
    where = ("--structure", str(ligand), "--chains", "A:H")
    changes = variants(pair)
    residue = f"{pair.target.residue(pair.contact_positions[0])}{pair.contact_positions[0]}"
    said = {
        "structure": run("structure", *where),
        "assess": run("assess", *changes, *where),
        "json": run("assess", *changes, *where, "--json"),
        "residues": run("residues", "--around", "binder", *where),
        "distances": run("distances", residue, str(pair.contact_positions[1]), *where),
        "report": run("report", *changes, *where, "--out", str(tmp_path / "report")),
    }
    for name in ("contact-map", "burial", "lollipop", "overview", "epitope"):
        run("figure", name, *changes, *where, "--out", str(tmp_path / "figures"), "--formats", "svg")
    said |= {path.name: path.read_text() for path in tmp_path.rglob("*.svg")}
    said |= {path.name: path.read_text() for path in tmp_path.rglob("*.html")}
    assert {name: found for name, text in said.items() if (found := spoken_of_an_antibody(text))} == {}
    assert "Å² of the partner" in said["structure"]
    assert "per CDR" not in said["structure"]
    assert "buried by the partner" in said["assess"].replace("\n", " ") or "by the partner" in said["json"]
    assert "The partner buries" in said["index.html"]
    assert "covered by the partner" in said["lollipop.svg"]


def test_the_partner_is_drawn(pair: MeasuredComplex) -> None:
    shown = scene(pair, "overview").representations
    assert {part.selection.chain for part in shown if part.meaning == "partner"} == {"H"}


@pytest.mark.parametrize(
    ("partners", "word"),
    [
        ((), "antibody"),
        ((Partner(PartnerKind.ANTIBODY, "H", "L"),), "antibody"),
        ((Partner(PartnerKind.SINGLE_DOMAIN, "H"), Partner(PartnerKind.SCFV, "S", "S")), "antibody"),
        ((Partner(PartnerKind.T_CELL_RECEPTOR, others=("D", "E")),), "T-cell receptor"),
        ((Partner(PartnerKind.PROTEIN, others=("B",)),), "partner"),
        ((Partner(PartnerKind.ANTIBODY, "H", "L"), Partner(PartnerKind.PROTEIN, others=("B",))), "partner"),
    ],
)
def test_one_word_stands_for_what_binds(partners: tuple[Partner, ...], word: str) -> None:
    assert Roles(("A",), partners).word == word
