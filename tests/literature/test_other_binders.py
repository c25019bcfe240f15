"""What is published of other antibodies against CD19, and of scanned positions of tissue factor."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import epitope
from epitope.impact.verdicts.model import Assessment
from epitope.target import load_target

HOT_SPOTS = {"FMC63": {159, 163, 221, 222}, "4G7": {159, 163, 165, 219, 221}}
"""Klesmith et al., Biochemistry 2019."""
BURIED_BY_FMC63 = {
    163: 133, 220: 112, 222: 100, 168: 56, 165: 52, 166: 50, 223: 48, 219: 47, 164: 36, 221: 24, 157: 15, 217: 14,
    160: 9,
}  # fmt: skip
"""7URV, He et al., Sci Immunol 2023; Å²."""


def test_fmc63_and_b43_share_the_contacts_that_were_published_as_shared() -> None:
    table = epitope.binders().pivot(index="uniprot_position", columns="binder", values="contact")
    theirs, ours = table["FMC63"] == "published", table["B43"] == "structure"
    assert set(table.index[theirs & ours]) == {157, 163, 164, 166, 217, *range(219, 224)}
    assert set(table.index[theirs & ~ours]) == {160, 165, 168}


def test_the_areas_that_fmc63_buries_are_those_published() -> None:
    table = epitope.binders().query("binder == 'FMC63' and contact == 'published'")
    assert dict(zip(table["uniprot_position"], table["buried_A2"], strict=True)) == BURIED_BY_FMC63


@pytest.mark.parametrize("name", list(HOT_SPOTS))
def test_klesmith2019_hot_spots_are_at_risk_for_their_antibody(name: str) -> None:
    target = load_target()
    for position in HOT_SPOTS[name]:
        (row,) = epitope.assess_each(f"{target.residue(position)}{position}D")
        assert isinstance(row, Assessment)
        said = {answer.binder: answer for answer in row.binders}[name]
        assert str(said.verdict) == "at risk"
        assert "Klesmith et al., Biochemistry 2019" in said.basis


def test_trp159_hurts_fmc63_without_touching_it() -> None:
    table = epitope.binders()
    indirect = table[table["indirect"]]
    assert indirect[["binder", "uniprot_position"]].values.tolist() == [["FMC63", 159]]
    (row,) = epitope.assess_each("W159A")
    assert isinstance(row, Assessment)
    said = next(answer for answer in row.binders if answer.binder == "FMC63")
    assert "without touching the antibody, an indirect effect" in said.evidence
    noted = [e.sentence for e in row.evidence if e.rule == "epitope.hot_spot_of_other_antibody"]
    assert noted == [
        "Trp159: hot spot of FMC63 (yeast display); Trp159 indirectly, without touching it.",
        "Trp159: hot spot of 4G7 (yeast display).",
    ]


def test_a_change_that_b43_does_not_feel_can_be_one_that_another_antibody_does() -> None:
    (row,) = epitope.assess_each("E165K")
    assert isinstance(row, Assessment)
    said = {answer.binder: str(answer.verdict) for answer in row.binders}
    assert (said["B43"], said["FMC63"], said["4G7"]) == ("intact", "at risk", "at risk")


def test_positions_of_tissue_factor_scanned_without_effect_changed_binding_by_less_than_half_a_kcal() -> None:
    target = load_target("tissue_factor")
    file = Path(epitope.__file__).parent / "target" / "packs" / "tissue_factor" / "binding_measurements.tsv"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    measured = {int(row["variant"][1:-1]): float(row["ddg_kcal_mol"]) for row in csv.DictReader(lines, delimiter="\t")}
    tolerant = {p for scan in target.hot_spots for p in scan.tolerant}
    assert tolerant == {p for p, ddg in measured.items() if abs(ddg) < 0.5}
