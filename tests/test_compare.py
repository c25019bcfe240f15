"""Antibodies side by side: by structure, by sequence, and which would notice a change."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import gemmi
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import epitope
from epitope.cli import app
from epitope.errors import EpitopeError
from epitope.features.binders import compare_binder
from epitope.impact.antibodies import Antibody, EpitopeComparison
from epitope.structure import bundled_structure
from epitope.target import load_target
from tests.second_antigen.make import write_pack
from tests.test_cli import one_line_on_stderr, run

ROOT = Path(__file__).parent.parent
NUMBERS = ["min_distance_antibody_A", "buried_A2", "buried_fraction", "p_hot_spot"]
Write = Callable[..., Path]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Write the bundled structure with the chains ``keep``, its antigen renumbered or cut, as ``name``.pdb."""
    folder = tmp_path_factory.mktemp("structures")

    def write(name: str, keep: str = "AHL", *, shift: int = 0, without: range = range(0)) -> Path:
        structure = gemmi.read_structure(str(bundled_structure()))
        structure.merge_chain_parts()
        for chain in [chain.name for chain in structure[0]]:
            if chain not in keep:
                structure[0].remove_chain(chain)
        antigen = structure[0]["A"]
        for index in range(len(antigen) - 1, -1, -1):
            if antigen[index].seqid.num in without:
                del antigen[index]
            else:
                antigen[index].seqid.num += shift
        path = folder / f"{name}.pdb"
        path.write_text(structure.make_minimal_pdb())
        return path

    return write


@pytest.fixture(scope="module")
def heavy(written: Write) -> Path:
    return written("heavy", "AH")


@pytest.fixture(scope="module")
def light(written: Write) -> Path:
    return written("light", "AL", shift=1000)


@pytest.fixture(scope="module")
def pair(heavy: Path, light: Path) -> EpitopeComparison:
    return epitope.compare("6AL5", heavy, light)


@pytest.fixture(scope="module")
def first_case() -> EpitopeComparison:
    return epitope.compare("6al5", "Blinatumomab")


def invoke(*words: object) -> str:
    result = CliRunner().invoke(app, list(map(str, words)))
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def test_blinatumomab_differs_from_the_crystals_b43_at_one_position_of_three_cdrs(first_case) -> None:
    table = first_case.paratope
    assert table["region"].tolist() == ["CDR-H2", "CDR-L1", "CDR-L3"]
    touching = table[table["touches"]]
    assert touching[["label", "in_structure", "in_antibody"]].to_numpy().tolist() == [["L:Ser32", "S", "D"]]
    contacts = first_case.antibodies[0].structure.contacts
    met = contacts[(contacts["antibody_label"] == "L:Ser32") & (contacts["min_distance_A"] <= 4.0)]
    assert list(touching["opposite"].item()) == [f"Ser{p}" for p in met["antigen_position"]]


def test_an_antibody_known_by_sequence_has_no_numbers_and_says_what_it_is_laid_on(first_case) -> None:
    mine = first_case.table[first_case.table["antibody"] == "blinatumomab"]
    assert mine[[*NUMBERS, "contact_4A", "observed"]].isna().all(axis=None)
    assert set(mine["by_sequence"]) == {"as B43", "L:Ser32 is Asp"}
    row = first_case.summary.set_index("antibody").loc["blinatumomab"]
    assert row["basis"] == "sequence, beside B43 in 6AL5"
    assert row[["contacts", "buried_A2"]].isna().all()
    assert first_case.overlap.empty


def test_the_epitope_of_a_structure_is_the_one_that_it_has_alone(pair) -> None:
    for antibody in pair.antibodies:
        mine = pair.table[pair.table["antibody"] == antibody.name]
        touched = mine.loc[mine["contact_4A"], "uniprot_position"].tolist()
        assert tuple(touched) == antibody.structure.contact_positions
    assert tuple(pair.table["uniprot_position"].unique()) == pair.positions


def test_heavy_and_light_chain_together_make_the_epitope_of_the_fab(pair) -> None:
    whole, of_heavy, of_light = (set(a.structure.contact_positions) for a in pair.antibodies)
    assert whole == of_heavy | of_light
    row = pair.overlap.set_index(["antibody_1", "antibody_2"]).loc[("heavy", "light")]
    assert row["shared_contacts"] == len(of_heavy & of_light)
    assert row["jaccard"] == pytest.approx(len(of_heavy & of_light) / len(whole))
    area = [a.structure.residues["buried_A2"].fillna(0).to_numpy() for a in pair.antibodies[1:]]
    assert row["shared_buried_A2"] == pytest.approx(sum(min(a, b) for a, b in zip(*area, strict=True)))


def test_structures_are_numbered_as_the_first_whatever_their_own_numbers(pair) -> None:
    shifted = pair.antibodies[2].structure
    seen = shifted.residues[shifted.residues["observed"]]
    assert (seen["author_number"] - seen["uniprot_position"]).unique().tolist() == [1000]


def test_an_antigen_without_a_pack_is_numbered_by_its_first_chain(tmp_path: Path) -> None:
    write_pack(tmp_path / "pack")
    given = gemmi.read_structure(str(tmp_path / "pack" / "syna1_vhh.pdb"))
    letters = "ACDEFGHIKLMNPQRSTVWY"
    three = {x: gemmi.expand_one_letter(x, gemmi.ResidueKind.AA) for x in letters}
    other = {three[x]: three[letters[(i + 1) % 20]] for i, x in enumerate(letters)}
    paths = []
    for name, shift in (("one", 0), ("two", 500)):
        for residue in given[0]["X"]:
            residue.name = other.get(residue.name, residue.name) if name == "one" else residue.name
            residue.seqid.num += shift
        paths.append(tmp_path / f"{name}.pdb")
        paths[-1].write_text(given.make_minimal_pdb())
    found = epitope.compare(*paths)
    assert found.target.version == "of the structure"
    assert found.overlap[["jaccard", "left_out"]].to_numpy().tolist() == [[1.0, ()]]


def test_contacts_that_one_structure_does_not_show_are_left_out_and_named(written: Write) -> None:
    found = epitope.compare("6AL5", written("cut", without=range(220, 222)))
    row = found.overlap.iloc[0]
    assert row["left_out"] == ("Lys220", "Gly221")
    assert row["contacts_1"] == len(found.antibodies[0].structure.contact_positions) - 2
    rows = found.table[found.table["uniprot_position"] == 220]
    assert rows["observed"].tolist() == [True, False]
    assert rows[NUMBERS].iloc[1].isna().all()
    assert "not observed" in invoke("compare", "6AL5", found.antibodies[1].structure.complex.path)


def test_a_position_that_the_binder_alone_has_in_a_cdr_is_a_difference() -> None:
    structure = epitope.load()
    binder = next(b for b in structure.target.binders if b.name == "B43")
    longer = replace(binder, name="longer", heavy_variable=binder.heavy_variable.replace("TTTVG", "TTTGVG"))
    found = [d for d in compare_binder(structure.complex, longer).differences if d.in_structure == "-"]
    assert [(d.region, d.label) for d in found] == [("CDR-H3", "")]


def test_a_cdr_of_another_length_counts_as_different_throughout() -> None:
    structure = epitope.load()
    binder = next(b for b in structure.target.binders if b.name == "B43")
    for loop in ("TTTGVG", "TTVG"):
        sequence = binder.heavy_variable.replace("TTTVG", loop)
        other = Antibody.by_sequence(replace(binder, name="other", heavy_variable=sequence), [structure])
        table = epitope.assess(["R163L", "S103A"], against=[other])
        assert table["epitope_other"].tolist() == ["not assessable", "at risk"]
        assert "CDR-H3 has another length" in table["binders"][0][0]["evidence"]


def test_one_residue_of_the_paratope_makes_another_antibody_though_all_else_is_the_same() -> None:
    structure = epitope.load()
    binder = next(b for b in structure.target.binders if b.name == "B43")
    changed = replace(binder, name="clone", light_variable=binder.light_variable.replace("YSGDSY", "YDGDSY"))
    table = epitope.assess(["R163L", "S103A"], against=[Antibody.by_sequence(changed, [structure])])
    assert table["epitope_clone"].tolist() == ["at risk", "not assessable"]


@pytest.mark.parametrize(
    ("variant", "own", "follows"),
    [
        ("R163L", "at risk", "at risk"),
        ("S103A", "at risk", "not assessable"),
        ("p.Phe61del", "intact", "intact"),
        ("ex2part", "lost", "lost"),
    ],
)
def test_a_relative_follows_b43_unless_a_difference_lies_opposite(variant: str, own: str, follows: str) -> None:
    row = epitope.assess(variant, against=["B43", "blinatumomab"]).iloc[0]
    assert (row["epitope_B43"], row["epitope_blinatumomab"]) == (own, follows)
    assert row["epitope"] == own
    said = row["binders"][1]
    assert said["basis"] == "sequence, beside B43 in 6AL5"
    assert said["evidence"].startswith("As for B43" if follows == own else "Ser103 lies opposite")


def test_the_same_paratope_gives_the_same_answers(first_case) -> None:
    host = first_case.antibodies[0].structure
    binder = next(b for b in host.target.binders if b.name == "blinatumomab")
    same = replace(binder, name="same", light_variable=binder.light_variable.replace("YDGDSY", "YSGDSY"))
    table = epitope.assess(["S103A", "K220E", "N125Q", "ex2part"], against=[Antibody.by_sequence(same, [host])])
    assert table["epitope_same"].tolist() == table["epitope"].tolist()


def test_of_a_stranger_nothing_is_said() -> None:
    host = epitope.load()
    (stranger,) = (b for b in load_target("tissue_factor").binders if b.name == "5G9")
    table = epitope.assess("R163L", against=[Antibody.by_sequence(stranger, [host])])
    assert table["epitope_5G9"].item() == "not assessable"
    assert "Another antibody than B43" in table["binders"][0][0]["evidence"]


def test_an_antibody_with_a_structure_is_judged_on_that_structure(heavy: Path, light: Path) -> None:
    variants = ["K220E", "R163L", "S103A"]
    table = epitope.assess(variants, against=[heavy, light])
    for path in (heavy, light):
        alone = epitope.assess(variants, epitope.load(path, target="cd19"))
        assert table[f"epitope_{path.stem}"].tolist() == alone["epitope"].tolist()
    assert table["epitope_heavy"].tolist() != table["epitope_light"].tolist()


def test_assess_against_has_a_column_for_each_antibody_in_csv_json_and_terminal() -> None:
    words = ["assess", "S103A", "p.Gly60del", "--against", "B43, blinatumomab"]
    table = pd.read_csv(StringIO(CliRunner().invoke(app, [*words, "--csv"]).stdout))
    assert table[["epitope_B43", "epitope_blinatumomab"]].iloc[0].tolist() == ["at risk", "not assessable"]
    assert "blinatumomab: not assessable (sequence, beside B43 in 6AL5): Ser103" in table["binders"][0]
    (row, broken) = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)["assessments"]
    assert [answer["binder"] for answer in row["binders"]][:2] == ["B43", "blinatumomab"]
    assert broken["binders"] == []
    shown = CliRunner().invoke(app, words).stdout
    assert max(map(len, shown.splitlines())) <= 100
    below = shown[shown.index("what it rests on") :]
    assert re.search(r"B43 +▲ at risk .*blinatumomab +\? not assessable +Ser103 lies opposite", below, re.DOTALL)
    assert "FMC63" not in below


def test_without_against_the_columns_are_the_fixed_ones_and_the_binders_of_the_target_are_answered_for() -> None:
    table = epitope.assess("R163L")
    assert [answer["binder"] for answer in table["binders"].item()] == [b.name for b in load_target().binders]
    assert not [name for name in table.columns if name.startswith("epitope_")]


def test_compare_writes_every_table_and_the_figure_and_json_holds_the_same(tmp_path: Path) -> None:
    words = ("compare", "6AL5", "blinatumomab", "--variant", "R163L")
    printed = invoke(*words, "--out", tmp_path / "out")
    names = {"antibodies.csv", "overlap.csv", "epitopes.csv", "paratope.csv", "assessments.csv", "comparison.json",
             "barcode.png", "barcode.svg", "barcode.pdf"}  # fmt: skip
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    assert max(map(len, printed[printed.index("Antibodies against") :].splitlines())) <= 100
    said = json.loads(invoke(*words, "--json"))
    stored = json.loads((tmp_path / "out" / "comparison.json").read_text(encoding="utf-8"))
    assert said.pop("provenance")["structure_id"] == stored.pop("provenance")["structure_id"] == "6AL5"
    assert said == stored
    table = pd.read_csv(StringIO(invoke(*words[:3], "--csv")))
    assert len(table) == len(said["epitopes"])
    np.testing.assert_allclose(table["buried_A2"], [row["buried_A2"] or np.nan for row in said["epitopes"]])


def test_the_barcode_names_each_antibody_and_each_contact(tmp_path: Path, light: Path) -> None:
    invoke("compare", "6AL5", light, "blinatumomab", "--figure", tmp_path / "barcode.svg")
    svg = (tmp_path / "barcode.svg").read_text(encoding="utf-8")
    for word in ("B43", "light", "blinatumomab", "(by sequence)", "Ser103", "Lys220", "L:Ser32 is Asp"):
        assert f">{word}<" in svg


def test_two_structures_of_one_name_are_told_apart(written: Write) -> None:
    found = epitope.compare("6AL5", written("copy"))
    assert [antibody.name for antibody in found.antibodies] == ["B43 (6AL5)", "B43 (copy)"]


def test_a_loaded_complex_can_be_compared(light: Path) -> None:
    found = epitope.compare(epitope.load(), epitope.load(light, sides="A:L"))
    assert found.overlap["shared_contacts"].item() == found.overlap["contacts_2"].item()


def test_a_pdb_id_that_comes_with_a_pack_is_not_downloaded(tmp_path: Path) -> None:
    done = run("structure", "--structure", "1ahw", EPITOPE_CACHE=str(tmp_path), HTTPS_PROXY="http://127.0.0.1:9")
    assert done.returncode == 0
    assert "5G9" in done.stdout


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (["6AL5"], "a comparison takes two antibodies"),
        (["B43"], "a comparison takes two antibodies"),
        (["6AL5", "nosuch"], "no binder of CD19 (B43, blinatumomab"),
        (["6AL5", "missing.pdb"], "missing.pdb: is no file"),
        (["6AL5", "1AHW"], "1AHW: holds another antigen than 6AL5"),
        (["6AL5", "6al5"], "which is there already"),
        (["6AL5", "structures/6AL5.cif"], "which is there already"),
        (["6AL5", "B43"], "which is there already"),
        (["blinatumomab", "Blinatumomab"], "which is there already"),
        (["6AL5", "4G7"], "no sequence of it"),
        (["6AL5", "FMC63"], "epitope structure fetch 7URV"),
        (["6AL5", "README.md"], "README.md"),
    ],
)
def test_a_mistake_is_one_line_with_exit_code_2(items: list[str], said: str, tmp_path: Path) -> None:
    result = run("compare", *items, EPITOPE_CACHE=str(tmp_path))
    assert result.returncode == 2
    assert result.stdout == ""
    assert said in one_line_on_stderr(result)


def test_assess_refuses_what_compare_refuses(tmp_path: Path) -> None:
    result = run("assess", "R163L", "--against", "B43,nosuch", EPITOPE_CACHE=str(tmp_path))
    assert result.returncode == 2
    assert "no binder of CD19" in one_line_on_stderr(result)


def test_a_structure_without_antibody_has_no_epitope_to_compare(written: Write) -> None:
    alone = written("alone", "A")
    for items in (["6AL5", alone], [alone, "6AL5"], [alone, "blinatumomab"]):
        with pytest.raises(EpitopeError, match="antibody"):
            epitope.compare(*items)


def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "compare.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    commands = [line[2:] for line in page.splitlines() if line.startswith("$ epitope ")]
    assert len(commands) >= 5
    for command in commands:
        invoke(*shlex.split(command)[1:])
    assert (tmp_path / "barcode.svg").is_file()
