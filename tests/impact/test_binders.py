"""An answer for every binder of the target, by what is known of it: never intact where nobody looked."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import epitope
from epitope.cli import app
from epitope.errors import EpitopeError, TargetError
from epitope.impact.binders import PublishedSites
from epitope.impact.verdicts.model import Assessment, BinderAnswer, Verdict
from epitope.show.figures import figure, svg_text
from epitope.show.records import records
from epitope.target import load_target
from epitope.target.model import HotSpots, PublishedContacts
from tests.second_antigen.make import write_pack

PACKS = Path(epitope.__file__).parent / "target" / "packs"


def answers(variant: str) -> dict[str, BinderAnswer]:
    """Return the answers for a variant on the bundled structure by binder."""
    (row,) = epitope.assess_each(variant)
    assert isinstance(row, Assessment)
    return {answer.binder: answer for answer in row.binders}


def made_up(
    found: Assessment, *, contacts: str = "", spots: str = "", tolerant: str = "", areas: str = ""
) -> BinderAnswer:
    """Answer for a binder of which positions are known as given."""
    target = load_target()
    at = [tuple(map(int, text.split())) for text in (contacts, spots, tolerant)]
    return PublishedSites(
        target,
        replace(target.binders[-1], name="made up"),
        (PublishedContacts("made up", at[0], "crystal", "uniprot", tuple(map(float, areas.split()))),)
        if contacts
        else (),
        (HotSpots("made up", at[1], "scan", "uniprot", at[2]),) if spots or tolerant else (),
    ).answer(found)


def assessed(variant: str) -> Assessment:
    (row,) = epitope.assess_each(variant)
    assert isinstance(row, Assessment)
    return row


def test_every_binder_of_the_pack_is_answered_for_and_says_what_it_rests_on() -> None:
    found = answers("R163L")
    assert list(found) == [binder.name for binder in load_target().binders]
    assert all(answer.basis and answer.evidence and answer.reason for answer in found.values())
    assert found["B43"].basis == "structure 6AL5"


@pytest.mark.parametrize(
    ("variant", "verdict", "reason"),
    [
        ("p.Ala160Gly", "not assessable", "not scanned"),
        ("p.Trp159Ala", "at risk", "indirect"),
        ("p.Arg163Leu", "at risk", "contact, hot spot"),
        ("p.Lys220Glu", "at risk", "contact"),
        ("p.Pro222Ala", "intact", "scanned, no effect"),
        ("p.Pro222del", "at risk", "beside contact"),
        ("p.Arg163del", "at risk", "contact, hot spot"),
        ("[R163L;P222A]", "at risk", "contact, hot spot"),
        ("[A160G;P222A]", "not assessable", "not scanned"),
        ("p.Ser269Ter", "not assessable", "not scanned"),
        ("p.Glu168fs", "at risk", "contact"),
        ("p.Pro20Ter", "lost", "nothing is left"),
        ("ex2part", "at risk", "fold lost"),
        ("c.60C>T", "intact", "protein unchanged"),
    ],
)
def test_only_what_was_scanned_without_effect_is_intact(variant: str, verdict: str, reason: str) -> None:
    said = made_up(assessed(variant), contacts="163 220", spots="159 163", tolerant="222")
    assert (str(said.verdict), said.reason) == (verdict, reason), said


def test_a_contact_that_was_scanned_without_effect_is_intact_when_replaced_and_at_risk_when_lost() -> None:
    known = {"contacts": "163 220", "tolerant": "220"}
    assert made_up(assessed("K220A"), **known).verdict is Verdict.INTACT
    assert made_up(assessed("p.Lys220del"), **known).verdict is Verdict.AT_RISK


def test_half_of_the_published_area_gone_is_a_lost_epitope_and_without_areas_all_positions_must_be() -> None:
    cut = assessed("p.Pro219fs")
    assert made_up(cut, contacts="163 220", areas="10 90").verdict is Verdict.LOST
    assert made_up(cut, contacts="163 220", areas="90 10").verdict is Verdict.AT_RISK
    assert made_up(cut, contacts="163 220").verdict is Verdict.AT_RISK
    assert made_up(cut, contacts="220 221").verdict is Verdict.LOST


def test_without_contacts_a_hot_spot_is_not_called_indirect() -> None:
    said = made_up(assessed("W159A"), spots="159")
    assert (said.verdict, said.reason) == (Verdict.AT_RISK, "hot spot")
    assert "whether it touches is not known" in said.evidence


def test_a_binder_of_which_nothing_is_known_is_lost_only_with_everything_outside_the_cell() -> None:
    for variant, verdict in (("R163L", "not assessable"), ("ex2part", "not assessable"), ("p.Pro20Ter", "lost")):
        assert str(answers(variant)["SJ25C1"].verdict) == verdict
    assert answers("R163L")["SJ25C1"].basis == "nothing known"
    assert "epitope structure fetch 7URX" in answers("R163L")["SJ25C1"].evidence


def test_a_product_that_is_not_known_is_judged_by_the_possible_ones() -> None:
    found = answers("c.89-2A>G")
    assert (str(found["FMC63"].verdict), found["FMC63"].reason) == ("at risk", "possible products")
    assert (str(found["SJ25C1"].verdict), found["SJ25C1"].reason) == ("not assessable", "product not known")


def test_a_structure_without_antibody_answers_for_the_binder_of_the_published_loops(tmp_path: Path) -> None:
    import gemmi

    from epitope.structure import bundled_structure

    held = gemmi.read_structure(str(bundled_structure()))
    held.merge_chain_parts()
    for chain in "HL":
        held[0].remove_chain(chain)
    (tmp_path / "alone.pdb").write_text(held.make_minimal_pdb())
    alone = epitope.load(tmp_path / "alone.pdb", target="cd19")
    (row,) = epitope.assess_each("ex2part", alone)
    assert isinstance(row, Assessment)
    said = {answer.binder: answer for answer in row.binders}
    assert (said["B43"].verdict, said["B43"].basis) == (row.epitope, "published loops, on structure alone")
    assert said["blinatumomab"].verdict is Verdict.NOT_ASSESSABLE
    assert said["FMC63"].verdict is Verdict.AT_RISK


def test_the_table_holds_every_position_that_any_binder_touches_or_needs() -> None:
    table = epitope.binders()
    structure = epitope.load()
    target = structure.target
    published = {p for known in (*target.contacts, *target.hot_spots) for p in known.positions}
    assert sorted(set(table["uniprot_position"])) == sorted(published.union(structure.contact_positions))
    assert len(table) == table["uniprot_position"].nunique() * len(target.binders)
    own = table[table["binder"] == structure.antibody_name].set_index("uniprot_position")
    assert tuple(own.index[own["contact"] == "structure"]) == structure.contact_positions
    assert not table.loc[table["rests_on"] == "", ["contact", "scan"]].ne("not known").any(axis=None)


def test_the_command_prints_the_table_and_says_what_each_binder_rests_on() -> None:
    shown = CliRunner().invoke(app, ["target", "binders"]).stdout
    assert "FMC63: buried area in 7URV, He et al." in shown
    assert "SJ25C1: nothing known" in shown
    assert max(map(len, shown.splitlines())) <= 100
    said = json.loads(CliRunner().invoke(app, ["target", "binders", "--json"]).stdout)
    assert said == records(epitope.binders())


def test_the_terminal_has_one_line_for_the_other_binders_and_a_table_on_demand() -> None:
    shown = " ".join(CliRunner().invoke(app, ["assess", "W159A"]).stdout.split())
    assert "FMC63 at risk (indirect)" in shown
    assert shown.rstrip().endswith("nothing known of SJ25C1, coltuximab")
    listed = CliRunner().invoke(app, ["assess", "W159A", "--binders"]).stdout
    assert "an indirect effect" in " ".join(listed.split())
    assert max(map(len, listed.splitlines())) <= 100


def test_the_figure_names_binders_positions_and_marks(tmp_path: Path) -> None:
    svg = svg_text(figure("binders", epitope.load()))
    for word in (
        "FMC63",
        "coltuximab",
        "Trp159",
        "indirect: hot spot, no contact",
        "published contact",
        "not looked at",
    ):
        assert f">{word}<" in svg
    assert ">scanned: no effect<" not in svg
    assert ">scanned: no effect<" in svg_text(figure("binders", epitope.load(target="tissue_factor")))


def test_a_target_without_binders_has_no_answers_and_no_figure(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "pack", transcript=False, facts=False, binder=False)
    bare = epitope.load(pack / "syna1_vhh.pdb", target=pack)
    assert epitope.assess("p.Arg181Leu", bare)["binders"].item() == []
    assert epitope.binders(bare).empty
    result = CliRunner().invoke(
        app, ["target", "binders", "--target", str(pack), "--structure", str(pack / "syna1_vhh.pdb")]
    )
    assert result.stdout == "SYNA1: no binder is known here that touches it\n"
    with pytest.raises(EpitopeError, match="figure binders: no contact or scanned position of a binder of SYNA1"):
        figure("binders", bare)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('binder = "4G7"', 'binder = "4G8"', "hot_spots[2].binder: '4G8' is none of [[binders]] (B43, blinatumomab"),
        ("buried_A2 = [15, ", "buried_A2 = [", "contacts[1].buried_A2: has 12 areas for 13 residues"),
        ("buried_A2 = [15, ", "buried_A2 = [0, ", "contacts[1].buried_A2: 0 is no area"),
        ('residues = ["Y157", ', 'residues = ["Y158", ', "contacts[1].residues: Y158 is not in the sequence"),
        ('"A160", "R163", "P164"', '"A160", "A160", "P164"', "contacts[1].residues: A160 is listed twice"),
        (
            'method = "yeast display"',
            'tolerant = ["W159"]\nmethod = "yeast display"',
            "hot_spots[1].tolerant: W159 is among the hot spots in residues as well",
        ),
        ('residues = ["W159", "R163", "G221", "P222"]', "", "hot_spots[1].residues: is missing"),
    ],
)
def test_a_pack_that_contradicts_itself_about_binders_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    shutil.copytree(PACKS / "cd19", tmp_path / "mine")
    file = tmp_path / "mine" / "target.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TargetError) as caught:
        load_target(tmp_path / "mine")
    assert said in str(caught.value)


def test_each_of_several_changes_of_one_allele_is_asked_about() -> None:
    tolerant = "174"
    alone = made_up(assessed("L174V"), tolerant=tolerant, spots="220")
    assert (alone.verdict, alone.reason) == (Verdict.INTACT, "scanned, no effect")
    moved = made_up(assessed("p.[Leu174Val;Lys220_Gly221insAla]"), tolerant=tolerant, spots="220")
    assert (moved.verdict, moved.reason) == (Verdict.AT_RISK, "beside hot spot")
    elsewhere = made_up(assessed("p.[Leu174Val;Leu58_Lys59insAla]"), tolerant=tolerant, spots="220")
    assert elsewhere.verdict is Verdict.NOT_ASSESSABLE
    assert "Leu58" in elsewhere.evidence


def test_an_insertion_opposite_a_residue_that_differs_is_open_beside_another_change_too() -> None:
    text = f"Ser103_{epitope.load().target.residue_name(104)}insAla"
    alone, both = answers(f"p.{text}"), answers(f"p.[{text};Leu174Val]")
    assert alone["blinatumomab"].verdict == both["blinatumomab"].verdict == Verdict.NOT_ASSESSABLE
