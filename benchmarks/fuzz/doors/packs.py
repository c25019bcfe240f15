"""Target packs, and the numbers that a pack or the cache holds."""

from __future__ import annotations

import io
import os
import random
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from unittest.mock import patch

from benchmarks.fuzz.doors.base import Door, loaded
from benchmarks.fuzz.mutate import damaged_bytes, damaged_lines
from epitope.features.measured import MeasuredComplex
from epitope.impact.predictors import kept, predictions
from epitope.impact.predictors.predictions import PredictionSource, PredictionTable
from epitope.impact.site import Site


class TargetPack(Door):
    """A target pack with one damaged file; a case is the file's name, a line break and its bytes."""

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Name and bytes of each file of the pack."""
        import epitope

        pack = Path(epitope.__file__).parent / "target" / "packs" / "tissue_factor"
        return {path.name: path.read_bytes() for path in sorted(pack.iterdir()) if path.is_file()}

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        name = rng.choice(["target.toml", *self.files])
        data = self.files[name]
        if rng.random() < 0.2:
            data = damaged_bytes(rng, data)
        else:
            text = damaged_lines(rng, data.decode(), lambda line: re.split(r"([=,\t\[\]\"])", line), "")
            data = text.encode("utf-8", "replace")
        return name.encode() + b"\n" + data

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        from epitope.target import load_target

        damaged, _, data = case.partition(b"\n")
        for name, content in self.files.items():
            (folder / name).write_bytes(data if name == damaged.decode() else content)
        load_target(folder)


class Predictions(Door):
    """The numbers of a structure: the archive of arrays damaged, or one of its arrays."""

    @cached_property
    def archive(self) -> bytes:
        """The file of the bundled pack."""
        return Path(loaded().target.predictions).read_bytes()

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        if rng.random() < 0.3:
            return damaged_bytes(rng, self.archive)
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(self.archive)) as whole, zipfile.ZipFile(out, "w") as damaged:
            chosen = rng.choice(whole.namelist())
            for name in whole.namelist():
                data = whole.read(name)
                if name == chosen:
                    data = (
                        damaged_bytes(rng, data[:128]) + data[128:] if rng.random() < 0.7 else damaged_bytes(rng, data)
                    )
                damaged.writestr(name, data)
        return out.getvalue()

    @cached_property
    def sound(self) -> PredictionTable:
        """What is computed where nothing is kept."""
        return PredictionTable.load(Path(loaded().target.predictions))

    @cached_property
    def sites(self) -> Mapping[int, Site]:
        """The residues of the complex."""
        return PredictionSource(loaded()).sites

    def open(self, case: bytes, folder: Path) -> None:
        """Take the numbers as those that were kept, which are computed again, and as those of a pack."""
        shipped, found = folder / "predictions.npz", loaded()
        shipped.write_bytes(case)
        (folder / "predictions").mkdir(mode=0o700)
        name = f"{kept._digest(found, predictions.key_of(found))}.npz"
        (folder / "predictions" / name).write_bytes(case)
        computed = patch.object(predictions, "compute_predictions", lambda _: self.sound)
        with patch.dict(os.environ, EPITOPE_CACHE=str(folder)), computed:
            for numbers in ("", str(shipped)):
                structure = MeasuredComplex(found.complex)
                structure.target = replace(found.target, predictions=numbers)
                source = PredictionSource(structure, self.sites)
                for position in source.table.positions.tolist():
                    if position in source.sites:
                        source.of(position, "A")
