"""Structures in three formats, one kept from a download, and trajectories."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import re
import tempfile
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.fuzz.doors.base import Door, commanded
from benchmarks.fuzz.mutate import damaged_bytes, damaged_columns, damaged_lines, damaged_tree
from epitope.structure import bundled_structure

N_POINTS = 24
"""Points for each atom's area: few, since no number is looked at and the kernel sees the same coordinates."""

_PDB_COLUMNS = (
    *((0, 6), (6, 11), (12, 16), (16, 17), (17, 20), (21, 22), (22, 26), (26, 27), (30, 38), (38, 46), (46, 54)),
    *((54, 60), (60, 66), (76, 78), (78, 80)),
)


@cache
def small_complex() -> Any:
    """Return half of the bundled antigen with the variable domain that binds it most, as a gemmi structure."""
    import gemmi

    structure = gemmi.read_structure(str(bundled_structure()))
    structure.merge_chain_parts()
    for name in [chain.name for chain in structure[0]]:
        if name not in "AH":
            structure[0].remove_chain(name)
    for name, first, last in (("A", 90, 280), ("H", 1, 124)):
        chain = structure[0][name]
        for index in reversed(range(len(chain))):
            if not first <= chain[index].seqid.num <= last:
                del chain[index]
    return structure


def read_and_measure(path: Path) -> None:
    """Read a complex and measure it, as `epitope residues` and `epitope contacts` do."""
    from epitope.features import surface
    from epitope.features.measured import MeasuredComplex
    from epitope.show.records import structure_record
    from epitope.structure import read_complex
    from epitope.target import load_target

    with patch.object(surface, "atom_sasa", partial(surface.atom_sasa, n_points=N_POINTS)):
        measured = MeasuredComplex(read_complex(path, load_target()))
        measured.residues  # noqa: B018 (measured on access)
        json.dumps(structure_record(measured), allow_nan=True).encode()
        if measured.antibody_atoms is not None:
            measured.interactions  # noqa: B018


class StructurePdb(Door):
    """Structures in the PDB format."""

    suffix = ".pdb"

    @cached_property
    def seeds(self) -> list[str]:
        """What is damaged."""
        whole = small_complex().make_pdb_string()
        bare = "\n".join(line for line in whole.split("\n") if line.startswith(("ATOM", "HETATM", "TER", "END")))
        return [whole, bare + "\n"]

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        text = rng.choice(self.seeds)
        if rng.random() < 0.1:
            return damaged_bytes(rng, text.encode())
        for _ in range(rng.choice((1, 1, 2))):
            text = damaged_columns(rng, text, _PDB_COLUMNS)
        return text.encode("utf-8", "replace")

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        path = folder / f"x{self.suffix}"
        path.write_bytes(case)
        read_and_measure(path)


class StructureMmcif(StructurePdb):
    """Structures in the mmCIF format."""

    suffix = ".cif"

    @cached_property
    def seeds(self) -> list[str]:
        """What is damaged."""
        import gemmi

        written = small_complex().make_mmcif_document().as_string()
        text = bundled_structure().read_text()
        head = text[: text.index("_atom_site.pdbx_PDB_model_num\n") + len("_atom_site.pdbx_PDB_model_num\n")]
        kept = [row for row in text[len(head) :].splitlines() if re.search(r" (9\d|1\d\d|2[0-7]\d) +\w+ A ", row)]
        assert gemmi.cif.read_string(written)
        return [written, head + "\n".join([*kept, *_rows_of(text, "H")]) + "\n"]

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        text = rng.choice(self.seeds)
        if rng.random() < 0.1:
            return damaged_bytes(rng, text.encode())
        for _ in range(rng.choice((1, 1, 2))):
            text = damaged_lines(rng, text, str.split, " ")
        return text.encode("utf-8", "replace")


def _rows_of(text: str, chain: str) -> list[str]:
    return [row for row in text.splitlines() if re.match(rf"ATOM .* \d+ +\w+ {chain} +\w+ +1$", row)]


def as_binary_cif(path: Path) -> bytes:
    """Write an mmCIF file as BinaryCIF."""
    from biotite.structure.io import pdbx

    file = pdbx.BinaryCIFFile()
    block = pdbx.BinaryCIFBlock()
    for name, category in pdbx.CIFFile.read(str(path)).block.items():
        columns = {}
        for tag, column in category.items():
            mask = None if column.mask is None else pdbx.BinaryCIFData(column.mask.array)
            columns[tag] = pdbx.BinaryCIFColumn(pdbx.BinaryCIFData(column.as_array(str)), mask)
        block[name] = pdbx.BinaryCIFCategory(columns)
    file["6AL5"] = block
    stream = io.BytesIO()
    pdbx.compress(file).write(stream)
    return stream.getvalue()


class StructureBcif(StructurePdb):
    """Structures in the BinaryCIF format."""

    suffix = ".bcif"

    @cached_property
    def packed(self) -> bytes:
        """The complex as BinaryCIF."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.cif"
            small_complex().make_mmcif_document().write_file(str(path))
            return as_binary_cif(path)

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        import msgpack

        if rng.random() < 0.3:
            return damaged_bytes(rng, self.packed)
        tree = damaged_tree(rng, msgpack.unpackb(self.packed, raw=False))
        try:
            packed: bytes = msgpack.packb(tree)
        except (OverflowError, ValueError, TypeError):
            return self.packed
        return packed


class Cache(Door):
    """A cached download of which file or checksum changed; a case is the record's length, the record and the file."""

    @cached_property
    def entry(self) -> bytes:
        """A sound download."""
        return gzip.compress(small_complex().make_mmcif_document().as_string().encode(), 1)

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        data, honest = self.entry, rng.random() < 0.5
        record = f"{hashlib.sha256(data).hexdigest()}  6al5.cif.gz\n".encode()
        if rng.random() < 0.7:
            data = damaged_bytes(rng, data)
        if honest:
            record = f"{hashlib.sha256(data).hexdigest()}  6al5.cif.gz\n".encode()
        elif rng.random() < 0.5:
            record = damaged_bytes(rng, record)
        return f"{len(record)}\n".encode() + record + data

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        from epitope.structure import fetch_structure
        from epitope.structure.read import read_entry

        size, _, rest = case.partition(b"\n")
        (folder / "6al5.cif.gz.sha256").write_bytes(rest[: int(size)])
        (folder / "6al5.cif.gz").write_bytes(rest[int(size) :])
        read_entry(fetch_structure("6AL5", folder, offline=True))


class Trajectory(Door):
    """A topology and a trajectory, one of them damaged, as `epitope dynamics` takes them.

    A case is the names of both, that of the damaged one last, a line break and its bytes.
    """

    formats = ("xtc", "trr", "dcd", "ncdf", "pdb", "gro")

    @cached_property
    def files(self) -> dict[str, bytes]:
        """A topology, and three frames in each format."""
        import MDAnalysis
        import numpy as np

        with tempfile.TemporaryDirectory() as folder:
            topology = Path(folder, "topology.pdb")
            small_complex().write_pdb(str(topology))
            universe = MDAnalysis.Universe(str(topology))
            still, noise = universe.atoms.positions, np.random.default_rng(1)
            universe.dimensions = [200, 200, 200, 90, 90, 90]
            for kind in self.formats:
                with MDAnalysis.Writer(
                    str(Path(folder, f"frames.{kind}")), len(still), multiframe=kind != "gro"
                ) as out:
                    for _ in range(1 if kind == "gro" else 3):
                        universe.atoms.positions = still + noise.normal(scale=0.1, size=still.shape)
                        out.write(universe.atoms)
            return {path.name: path.read_bytes() for path in Path(folder).iterdir()}

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        frames = f"frames.{rng.choice(self.formats)}"
        damaged = frames if rng.random() < 0.8 else "topology.pdb"
        data = self.files[damaged]
        if damaged.endswith(("pdb", "gro")) and rng.random() < 0.7:
            data = damaged_columns(rng, data.decode(), _PDB_COLUMNS).encode("utf-8", "replace")
        elif rng.random() < 0.5:  # what readers take sizes from stands at the beginning
            data = damaged_bytes(rng, data[:400]) + data[400:]
        else:
            data = damaged_bytes(rng, data)
        return f"{frames} {damaged}\n".encode() + data

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        names, _, data = case.partition(b"\n")
        frames, damaged = names.decode().split()
        for name in ("topology.pdb", frames):
            (folder / name).write_bytes(data if name == damaged else self.files[name])
        commanded(["dynamics", "--topology", "topology.pdb", "--trajectory", frames, "--json"], folder)
