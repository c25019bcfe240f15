"""`epitope dynamics` and `epitope.dynamics` as their users run them, against brute force and MDAnalysis."""

from __future__ import annotations

import csv
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from typer.testing import CliRunner

import epitope
from epitope.cli import app
from epitope.errors import EpitopeError, StructureError
from epitope.features.dynamics import SUMMARY_COLUMNS
from epitope.features.frames import CONTACT_COLUMNS, RMSF_COLUMNS, SITE_COLUMNS
from epitope.structure.ensemble import cut_short, open_universe
from tests.trajectory import AMBER, antigen_in_motion, as_simulated, universe_of

N_FRAMES = 12


@pytest.fixture(scope="module")
def frames():
    moved = antigen_in_motion(N_FRAMES, (9.0, 7.0, 5.0, 3.0))[0]
    rng = np.random.default_rng(5)
    moved[1:] += rng.normal(0, 0.2, (N_FRAMES - 1, *moved.shape[1:]))
    for n, frame in enumerate(moved):  # the whole complex tumbles
        axis = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        moved[n] = frame @ (axis * np.sign(np.linalg.det(axis))) + 10.0 * n if n else frame
    return moved.astype(np.float32)


@pytest.fixture(scope="module")
def universe(frames):
    return universe_of(frames, dt=50.0)


@pytest.fixture(scope="module")
def found(universe):
    return epitope.dynamics(universe, variants=["R163L", "p.Phe61del"], area_every=4)


@pytest.fixture(scope="module")
def files(universe, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    universe.trajectory[0]
    universe.atoms.write(folder / "complex.pdb")
    universe.atoms.write(folder / "run.dcd", frames="all")
    return folder


@pytest.fixture
def drawn_quickly(monkeypatch):
    """One format of each figure instead of three."""
    monkeypatch.setattr("epitope.show.output.PICTURES", ("svg",))


def invoke(*words, code=0):
    result = CliRunner().invoke(app, ["dynamics", *map(str, words)])
    if isinstance(result.exception, EpitopeError):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def sides(frames):
    held = epitope.load()
    atoms = [held.complex.antigen, held.complex.antibody]
    return held, [frames[:, one.indices].astype(float) for one in atoms], atoms


def test_occupancies_are_those_of_brute_force_over_the_frames(frames, found):
    held, (antigen, antibody), (one, two) = sides(frames)
    counts, first = {}, set()
    for n, (a, b) in enumerate(zip(antigen, antibody, strict=True)):
        i, j = np.nonzero(cdist(a, b) <= 4.0)
        here = set(zip(one.resids[i].tolist(), two.chainIDs[j].tolist(), two.resids[j].tolist(), strict=True))
        first = first or here
        for key in here:
            counts[key] = counts.get(key, 0) + 1
        row = found.frames.iloc[n]
        assert row["contact_pairs"] == len(here)
        assert row["contact_residues"] == len({key[0] for key in here})
        assert row["first_contacts_kept"] == pytest.approx(len(here & first) / len(first))
        for loop in held.epitope.loops:
            mine = np.isin(one.resids, loop.positions)
            known = row[f"min_distance_loop_{loop.start}_{loop.end}_A"]
            assert known == pytest.approx(cdist(a[mine], b).min(), abs=1e-4)
    labels = found.contacts["antibody_label"].str.extract(r"(\w):[A-Za-z]{3}(\d+)")
    keys = list(zip(found.contacts["antigen_position"], labels[0], labels[1].astype(int), strict=True))
    assert dict(zip(keys, (found.contacts["occupancy_4A"] * N_FRAMES).round().astype(int), strict=True)) == counts
    assert found.contacts["in_first_frame"].sum() == len(first)


def test_bonds_and_bridges_in_each_frame_are_those_that_the_table_of_a_structure_has(universe, found):
    seen = {"hydrogen bond": 0, "salt bridge": 0, "hydrophobic": 0}
    for _ in universe.trajectory[:3]:
        close = epitope.load(universe).contacts
        for kind in seen:
            seen[kind] += sum(kind in kinds for kinds in close["types"])
    short = epitope.dynamics(universe, stop=3, area_every=0).contacts
    for kind, count in seen.items():
        assert round(short[kind.replace(" ", "_")].sum() * 3) == count


def test_rmsd_and_rmsf_are_those_of_mdanalysis(frames, found):
    from MDAnalysis.analysis import align, rms

    held = epitope.load()
    ca, loops = "chainID A and name CA", " ".join(str(p) for loop in held.epitope.loops for p in loop.positions)
    antigen = held.complex.antigen.select_atoms("name CA").resids
    mine = f"{ca} and resid {' '.join(map(str, antigen))}"
    moving, reference = universe_of(frames), universe_of(frames[:1])
    binder = "(chainID H L) and name CA"
    deviation = rms.RMSD(
        moving,
        reference,
        select=mine,
        groupselections=[f"{ca} and resid {loops}", binder],
        weights_groupselections=[None] * 2,
    ).run()
    for column, values in zip(("antigen", "epitope", "antibody"), deviation.results.rmsd.T[2:], strict=True):
        np.testing.assert_allclose(found.frames[f"{column}_rmsd_A"], values, atol=2e-3)
    for side, selection in (("antigen", mine), ("antibody", binder)):
        align.AlignTraj(moving, reference, select=selection, in_memory=True).run()
        expected = rms.RMSF(moving.select_atoms(selection)).run().results.rmsf
        got = found.fluctuations.loc[found.fluctuations["side"] == side, "rmsf_A"]
        np.testing.assert_allclose(got, expected, atol=2e-3)


def test_the_fluctuation_of_known_modes_is_their_amplitude():
    moved, rmsf = antigen_in_motion(32)
    table = epitope.dynamics(universe_of(moved), area_every=0).fluctuations
    np.testing.assert_allclose(table.loc[table["side"] == "antigen", "rmsf_A"], rmsf, atol=1e-5)
    assert table.loc[table["side"] == "antibody", "rmsf_A"].max() < 1e-5


def test_distances_and_torsions_are_those_of_the_static_structure_in_each_frame(universe, found):
    for n, _ in enumerate(universe.trajectory[:3]):
        held, row = epitope.load(universe), found.frames.iloc[n]
        for bond in held.disulfides.itertuples():
            assert row[f"ss_{bond.first}_{bond.second}_A"] == pytest.approx(bond.sg_sg_A, abs=1e-4)
            assert row[f"chi3_{bond.first}_{bond.second}_deg"] == pytest.approx(bond.chi3_deg, abs=1e-2)
        for partner in (229, 231, 233):
            known = held.distances(60, [partner])["side_chain_centroid_A"].iloc[0]
            assert row[f"centroid_60_{partner}_A"] == pytest.approx(known, abs=1e-4)
    held = epitope.load(universe_of(universe.trajectory.coordinate_array[8:9])).interface
    assert found.frames.loc[8, "buried_antigen_A2"] == pytest.approx(held.buried_area_antigen_A2, abs=0.5)
    assert found.frames.loc[8, "buried_antibody_A2"] == pytest.approx(held.buried_area_antibody_A2, abs=0.5)
    assert found.frames["buried_antigen_A2"].notna().sum() == 3


def test_what_a_variant_loses_in_one_frame_is_what_it_loses_of_the_crystal():
    variants = ["R163L", "K220E", "p.Phe61del", "ex2part"]
    table = epitope.contacts(variants)
    typed = table[~table["kind"].isin(["cation–π", "π-stacking", "water-mediated"])]
    sites = epitope.dynamics(epitope.load().complex.universe, variants=variants, area_every=0).sites
    binding = sites[(sites["partner_side"] == "antibody") & (sites["lost"] == 1)]
    for name in ("Arg163Leu", "Lys220Glu", "Phe61del"):
        lost = typed[[name in names for names in typed["lost_by"]]]
        mine = binding[binding["variant"] == name]
        pairs = set(zip(lost["antigen_position"], lost["antibody_label"], strict=True))
        assert set(zip(mine["position"], mine["partner"], strict=True)) == pairs
    fold = sites[(sites["variant"] == "Phe61del") & (sites["partner_side"] == "antigen")]
    assert {"Trp52", "Leu230", "Lys231", "Met239"} <= set(fold["partner"])
    assert (fold["lost"] == 1).all()
    whole = sites[sites["variant"] == "ex2part"]
    assert not set(whole.loc[whole["partner_side"] == "antigen", "partner"].str[3:].astype(int)) & set(range(1, 152))


def test_the_summary_says_mean_spread_error_and_whether_it_can_be_trusted(found):
    assert found.summary.columns.tolist() == list(SUMMARY_COLUMNS)
    row, series = found.quantity("ss_38_261_A"), found.frames["ss_38_261_A"]
    assert (row["mean"], row["spread"]) == pytest.approx((series.mean(), series.std()), abs=1e-6)
    assert row["first_frame"] == pytest.approx(2.04, abs=0.01)
    area = found.quantity("buried_antigen_A2")
    assert (area["frames"], bool(area["plateau"])) == (3, False)
    assert [list(t) for t in (found.contacts, found.fluctuations, found.sites)] == [
        list(c) for c in (CONTACT_COLUMNS, RMSF_COLUMNS, SITE_COLUMNS)
    ]


def test_an_angle_that_crosses_half_a_turn_has_a_mean_beside_it():
    from epitope.features.dynamics import _Kept

    kept = _Kept(("chi3_1_2_deg",), 4)
    kept.add(np.array([[0, 0, 178.0], [1, 1, -178.0], [2, 2, 176.0], [3, 3, -176.0]]))
    assert kept.summary().iloc[0][["mean", "minimum", "maximum"]].tolist() == [180.0, 176.0, 184.0]


def test_rows_can_be_taken_piece_by_piece_and_are_the_same(universe, found, monkeypatch):
    monkeypatch.setattr("epitope.features.dynamics.FRAMES_AT_ONCE", 5)
    pieces, told = [], []
    streamed = epitope.dynamics(
        universe, area_every=4, rows=pieces.append, progress=lambda done, count: told.append((done, count))
    )
    assert len(streamed.frames) == 0
    assert told == [(5, 12), (10, 12), (12, 12)]
    pd.testing.assert_frame_equal(pd.concat(pieces, ignore_index=True), found.frames[list(pieces[0].columns)])
    pd.testing.assert_frame_equal(streamed.contacts, found.contacts)


def test_an_antigen_alone_is_followed_without_contacts(tmp_path, monkeypatch, drawn_quickly):
    monkeypatch.setattr("epitope.show.dynamics_files.FIGURES", ("occupancy", "rmsf"))
    alone = epitope.load().complex.antigen
    alone.write(tmp_path / "alone.pdb")
    found = epitope.dynamics(tmp_path / "alone.pdb")
    assert len(found.contacts) == 0
    assert found.summary["quantity"].str.startswith("ss_").sum() == 3
    assert found.frames["time_ps"].isna().all()
    invoke("--topology", tmp_path / "alone.pdb", "--out", tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"frames.csv", "rmsf.csv", "rmsf.pdb", "summary.json", "rmsf.svg"}


def test_a_folder_holds_tables_figures_and_a_summary_with_provenance(files, found, tmp_path, drawn_quickly):
    printed = invoke(
        "--topology", files / "complex.pdb", "--trajectory", files / "run.dcd", "--variant", "R163L", "--area-every", 4,
        "--out", tmp_path,
    ).output  # fmt: skip
    assert "12 frames, 0 to 11, of complex.pdb" in printed
    assert "Arg163Leu" in printed
    names = {path.name for path in tmp_path.iterdir()}
    assert {"frames.csv", "contacts.csv", "rmsf.csv", "sites.csv", "summary.json", "rmsf.pdb"} <= names
    assert {"dynamics.svg", "occupancy.svg", "rmsf.svg", "rmsf-3d.svg"} <= names
    rows = list(csv.DictReader((tmp_path / "frames.csv").open(encoding="utf-8")))
    assert [row["frame"] for row in rows] == [str(n) for n in range(N_FRAMES)]
    assert float(rows[5]["ss_38_261_A"]) == pytest.approx(found.frames.loc[5, "ss_38_261_A"], abs=1e-3)
    assert rows[1]["buried_antigen_A2"] == ""
    said = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert said["provenance"]["frames"] == {"first": 0, "last": 11, "stride": 1, "count": 12}
    assert said["provenance"]["trajectories"][0]["file"] == "run.dcd"
    assert len(said["provenance"]["topology_sha256"]) == 64
    lines = [line for line in (tmp_path / "rmsf.pdb").read_text().splitlines() if line.startswith("ATOM")]
    beta = {line[21] + line[22:26].strip(): float(line[60:66]) for line in lines}
    row = found.fluctuations.set_index("label")["rmsf_A"]
    assert beta["A163"] == pytest.approx(row["A:Arg163"], abs=0.01)


@pytest.mark.parametrize("name", ["f.csv", "s.json", "d.svg"])
def test_a_name_that_ends_in_a_format_is_that_file_alone(files, tmp_path, name):
    words = ("--topology", files / "complex.pdb", "--trajectory", files / "run.dcd", "--stop", 3, "--area-every", 0)
    invoke(*words, "--out", tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_standard_output_is_the_table_or_the_summary_and_nothing_else(files):
    words = ("--topology", files / "complex.pdb", "--trajectory", files / "run.dcd", "--stride", 6, "--area-every", 0)
    assert invoke(*words, "--csv").stdout.splitlines()[0].startswith("frame,time_ps,antigen_rmsd_A")
    assert len(invoke(*words, "--csv").stdout.splitlines()) == 3
    assert json.loads(invoke(*words, "--json").stdout)["provenance"]["frames"]["count"] == 2


@pytest.mark.extras
def test_parquet_holds_what_csv_holds(files, tmp_path):
    pytest.importorskip("pyarrow")
    words = ("--topology", files / "complex.pdb", "--trajectory", files / "run.dcd", "--area-every", 4)
    invoke(*words, "--out", tmp_path / "f.parquet")
    invoke(*words, "--out", tmp_path / "f.csv")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "f.parquet"), pd.read_csv(tmp_path / "f.csv"))


def test_a_pair_can_be_chosen(files):
    words = ("--topology", files / "complex.pdb", "--pair", "R163:K220", "--area-every", 0, "--csv")
    assert "centroid_163_220_A" in invoke(*words).stdout
    assert "centroid_60_229_A" not in invoke(*words).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--topology", "complex.pdb", "--trajectory", "other.dcd"), "do not belong together"),
        (("--topology", "complex.pdb", "--trajectory", "none.dcd"), "none.dcd: no such file"),
        (("--topology", "complex.pdb", "--trajectory", "empty.dcd"), "empty.dcd: is empty"),
        (("--topology", "complex.pdb", "--trajectory", "text.dcd"), "cannot be opened"),
        (("--topology", "complex.pdb", "--trajectory", "text.foo"), "a format that MDAnalysis does not know"),
        (("--topology", "text.foo"), "a format that MDAnalysis does not know"),
        (("--topology", "bare.psf"), "cannot be opened|holds no coordinates"),
        (("--topology", "complex.pdb", "--trajectory", "nan.dcd"), "frame 2 has coordinates that are no numbers"),
        (("--topology", "complex.pdb", "--trajectory", "run.dcd", "--start", "12"), "frames 0 to 11, so none at"),
        (("--topology", "complex.pdb", "--trajectory", "run.dcd", "--stride", "0"), "stride of 0"),
        (("--topology", "complex.pdb", "--pair", "R163"), "is no pair of residues"),
        (("--topology", "complex.pdb", "--pair", "R163:T42"), "not observed"),
        (("--topology", "complex.pdb", "--variant", "T42R"), "none of the residues that it changes"),
        (("--topology", "complex.pdb", "--variant", "p.Gly163Leu"), "Gly163"),
        (("--topology", "complex.pdb", "--antibody", "Z"), "Z"),
        (("--topology", "complex.pdb", "--frames", "xlsx"), "choose csv or parquet"),
        (("--topology", "complex.pdb", "--out", "x.docx"), "end the name in"),
        (("--topology", "complex.pdb", "--out", "complex.pdb"), "is a file; name a folder"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(files, tmp_path, monkeypatch, words, said):
    universe = universe_of(antigen_in_motion(4)[0])
    for name in ("complex.pdb", "run.dcd"):
        (tmp_path / name).symlink_to(files / name)
    universe.select_atoms("chainID A").write(tmp_path / "other.dcd", frames="all")
    (tmp_path / "empty.dcd").write_bytes(b"")
    (tmp_path / "text.dcd").write_text("no trajectory\n" * 20)
    (tmp_path / "text.foo").write_text("no trajectory\n" * 20)
    (tmp_path / "bare.psf").write_text("PSF\n\n       1 !NTITLE\n REMARKS\n\n       0 !NATOM\n")
    broken = antigen_in_motion(4)[0]
    broken[2, 50] = np.nan
    universe_of(broken).atoms.write(tmp_path / "nan.dcd", frames="all")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(EpitopeError, match=said) as caught:
        invoke(*words, *(() if "--out" in words else ("--out", "out")))
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("kind", ["xtc", "trr"])
def test_mdanalysis_still_has_what_it_keeps_to_itself_and_is_asked_for(universe, tmp_path, kind):
    universe.atoms.write(tmp_path / "complex.pdb")
    universe.atoms.write(tmp_path / f"whole.{kind}", frames="all")
    (reader,) = open_universe(tmp_path / "complex.pdb", [tmp_path / f"whole.{kind}"]).trajectory.readers
    changed = (
        "the XTC and TRR readers of MDAnalysis have changed; _left_over of epitope/structure/ensemble.py is the one "
        "place that asks for it: adapt it there, or set an upper bound in pyproject.toml"
    )
    assert hasattr(reader, "_xdr") and hasattr(reader._xdr, "_bytes_tell"), changed


@pytest.mark.parametrize("kind", ["dcd", "xtc"])
def test_a_trajectory_that_was_cut_short_is_said_to_be(universe, tmp_path, kind):
    whole, cut = tmp_path / f"whole.{kind}", tmp_path / f"cut.{kind}"
    universe.trajectory[0]
    universe.atoms.write(tmp_path / "complex.pdb")
    universe.atoms.write(whole, frames="all")
    frames = open_universe(tmp_path / "complex.pdb", [whole])
    assert cut_short(frames) == ()
    end = frames.trajectory.readers[0]._xdr.offsets[8] + 20 if kind == "xtc" else whole.stat().st_size * 17 // 24
    cut.write_bytes(whole.read_bytes()[:end])
    said = "20 bytes of another follow" if kind == "xtc" else "its header announces 12"
    expected = f"cut.{kind}: was cut short: 8 frames are whole and {said}"
    assert cut_short(open_universe(tmp_path / "complex.pdb", [whole, cut])) == (expected,)
    found = epitope.dynamics(tmp_path / "complex.pdb", cut, area_every=0, stop=1)
    assert expected in found.notes


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere a crash stays a crash")
@pytest.mark.parametrize(
    ("end", "said"),
    [
        (
            "os.abort()",
            "run.xtc: the reader of MDAnalysis crashed (SIGABRT), so a frame is damaged;",
        ),
        (
            "(os.write(2, b'double free or corruption' + bytes([10])), os.abort())",
            "run.xtc: the reader of MDAnalysis crashed (SIGABRT), so a frame is damaged;",
        ),
        ("read()", "frame 3 cannot be read"),
    ],
)
def test_a_reader_that_crashes_or_damages_memory_ends_in_one_line(end, said):
    program = f"""
import atexit, os, sys
import epitope.api
from epitope.cli import main
from epitope.errors import StructureError
def read():
    atexit.register(os.abort)  # what freeing damaged memory does
    raise StructureError("frame 3 cannot be read")
epitope.api.dynamics = lambda *_, **__: {end}
sys.argv = ["epitope", "dynamics", "--topology", "complex.pdb", "--trajectory", "run.xtc"]
main()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"epitope: {said}")
    assert ended.stderr.count("\n") == 1


def test_whatever_a_reader_raises_names_the_frame(universe, monkeypatch):
    def read(self, frame):
        raise TypeError("'NoneType' object is not subscriptable")

    monkeypatch.setattr(type(universe.trajectory), "_read_frame_with_aux", read)
    with pytest.raises(StructureError, match=r"universe: frame 0 cannot be read \('NoneType' object .*--stop 0"):
        epitope.dynamics(universe)


def test_trajectories_beside_a_universe_are_refused(universe):
    with pytest.raises(StructureError, match="load them into it"):
        epitope.dynamics(universe, ["x.dcd"])


def test_a_simulated_topology_gives_the_contacts_of_the_crystal():
    found = epitope.dynamics(as_simulated(AMBER), area_every=0)
    assert len(found.contacts) == len(epitope.dynamics(epitope.load().complex.universe, area_every=0).contacts)
    assert found.quantity("ss_38_261_A")["mean"] == pytest.approx(2.04, abs=0.01)
