"""What a trajectory gave, as files: tables, a summary with its provenance, the molecule with RMSF as B-factor.

Rows of frames are written as they come and take their place when all are there. It measures nothing.
"""

from __future__ import annotations

import shutil
import string
import tempfile
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from epitope.errors import MissingDependencyError
from epitope.files import together
from epitope.show.atlas_files import NEEDS_PYARROW
from epitope.show.coordinates import atom_lines
from epitope.show.files import whole_file
from epitope.show.records import json_text, records, table_bytes

if TYPE_CHECKING:
    import pandas as pd

    from epitope.features.dynamics import Dynamics

FRAME_FORMATS = ("csv", "parquet")
DECIMALS = 4
FIGURES = ("dynamics", "occupancy", "rmsf", "rmsf-3d")
"""Figures of a folder."""


class FrameFile:
    r"""The table of frames on its way into a file, out of sight until it is whole.

    Parameters
    ----------
    kind : str
        ``csv`` or ``parquet``.

    Raises
    ------
    MissingDependencyError
        If it is Parquet and pyarrow is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> with FrameFile("csv") as file:
    ...     file.add(pd.DataFrame({"frame": [0], "time_ps": [0.5]}))
    ...     file.add(pd.DataFrame({"frame": [1], "time_ps": [1.0]}))
    ...     file.content()
    b'frame,time_ps\n0,0.5\n1,1.0\n'
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        if kind == "parquet":
            try:
                import pyarrow.parquet  # noqa: F401
            except ImportError as error:
                raise MissingDependencyError(f"frames.parquet: {NEEDS_PYARROW}") from error
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed by __exit__)
        self._writer: Any = None
        self._begun = False

    def __enter__(self) -> FrameFile:
        """Return itself; leaving closes and forgets the file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()

    def add(self, rows: pd.DataFrame) -> None:
        """Write the rows of some frames behind those that are there."""
        rows = rows.round(DECIMALS)
        if self.kind == "parquet":
            import pyarrow as pa
            import pyarrow.parquet as pq

            table = pa.Table.from_pandas(rows, preserve_index=False)
            if self._writer is None:
                self._writer = pq.ParquetWriter(self._file, table.schema, compression="zstd")
            self._writer.write_table(table)
            return
        self._file.write(str(rows.to_csv(index=False, header=not self._begun, lineterminator="\n")).encode())
        self._begun = True

    def _finished(self) -> IO[bytes]:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._file.seek(0)
        return self._file

    def content(self) -> bytes:
        """Return all of it."""
        return self._finished().read()

    def write(self, path: Path) -> Path:
        """Put it in its place."""
        with whole_file(path) as file:
            shutil.copyfileobj(self._finished(), file)
        return path


def dynamics_record(found: Dynamics) -> dict[str, Any]:
    """Return the summary with its provenance and notes, ready for JSON."""
    return {
        "provenance": found.provenance,
        "notes": list(found.notes),
        "summary": records(found.summary, DECIMALS),
    }


def write_dynamics(found: Dynamics, frames: FrameFile, out: str | Path) -> list[Path]:
    """Write tables and figures into a folder.

    Parameters
    ----------
    found : Dynamics
    frames : FrameFile
        The table of frames.
    out : str or Path
        Folder, made where it is missing.

    Returns
    -------
    list of Path
        ``frames.csv`` or ``.parquet``, ``contacts.csv``, ``rmsf.csv``, ``sites.csv`` where variants were given,
        ``summary.json``, ``rmsf.pdb``, and figures as PNG, SVG and PDF.

    Raises
    ------
    OutputError
        If the folder or a file cannot be written.
    """
    from epitope.show.figures import figure, figure_bytes
    from epitope.show.figures.dynamics import RARE
    from epitope.show.output import PICTURES

    contents = {
        "summary.json": json_text(dynamics_record(found)).encode(),
        "rmsf.csv": table_bytes(found.fluctuations, "csv", "rmsf"),
        "rmsf.pdb": fluctuation_pdb(found).encode(),
    }
    names = list(FIGURES)
    if found.structure.antibody_atoms is not None:
        contents["contacts.csv"] = table_bytes(found.contacts, "csv", "contacts")
    if len(found.sites):
        contents["sites.csv"] = table_bytes(found.sites, "csv", "sites")
    if not (found.contacts["occupancy_4A"] >= RARE).any():
        names.remove("occupancy")
    for name in names:
        drawn = figure(name, found.structure, dynamics=found)
        contents |= {f"{name}.{kind}": figure_bytes(drawn, kind) for kind in PICTURES}
    with together(out) as folder:
        frames.write(folder / f"frames.{frames.kind}")
        for name, data in contents.items():
            (folder / name).write_bytes(data)
    return [Path(out, name) for name in (f"frames.{frames.kind}", *contents)]


def fluctuation_pdb(found: Dynamics) -> str:
    """Return the complex of the first frame as PDB text, with the RMSF of each residue's Cα as B-factor, Å."""
    rmsf = dict(zip(found.fluctuations["label"], found.fluctuations["rmsf_A"], strict=True))
    sides = [atoms for atoms in (found.structure.antigen_atoms, found.structure.antibody_atoms) if atoms is not None]
    chains = dict.fromkeys(name for atoms in sides for name in atoms.chains.tolist())
    free = (letter for letter in string.ascii_uppercase + string.ascii_lowercase if letter not in chains)
    letters = {name: name if len(name) == 1 else next(free, "?") for name in chains}
    renamed = ", ".join(f"{letter} is {name}" for name, letter in letters.items() if letter != name)
    lines = ["REMARK   1 B-FACTORS ARE THE RMSF OF CA ATOMS IN ANGSTROM, NOT 8 PI2/3 OF THEIR SQUARES"]
    lines += [f"REMARK   1 CHAIN {renamed}"] if renamed else []
    for atoms in sides:
        values = np.array([rmsf.get(label, 0.0) for label in atoms.labels.tolist()])[atoms.residue]
        named = replace(atoms, chains=np.array([letters[name] for name in atoms.chains.tolist()]))
        lines += atom_lines(named, np.ones(len(values), dtype=bool), len(lines), values)
    return "\n".join([*lines, "END", ""])
