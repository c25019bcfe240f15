"""Results that are computed again, and what a survey starts from."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import re
import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from unittest.mock import patch

from benchmarks.fuzz.doors.base import Door, commanded
from benchmarks.fuzz.doors.structures import small_complex
from benchmarks.fuzz.mutate import damaged_bytes, damaged_lines, damaged_tree
from epitope import __version__
from epitope.bulk import measure
from epitope.bulk import run as bulk
from epitope.bulk.jobs import Job
from epitope.bulk.measure import Done, Options, Part, measure_job
from epitope.errors import EpitopeError

COHORT = "sample,variant,copy_number\nA,p.Phe61del,1\nB,c.488G>T,2\nC,,0\n"


class Verify(Door):
    """Results as JSON, as `epitope verify` takes them; a case is the name of the file, a line break and its bytes."""

    @cached_property
    def results(self) -> dict[str, bytes]:
        """An assessment, a cohort and a comparison."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "samples.csv").write_text(COHORT)
            for words in (
                ("assess", "R163L", "p.Phe61del", "c.179_181del", "p.Gly60del"),
                ("cohort", "samples.csv"),
                ("compare", "6AL5", "blinatumomab", "--variant", "R163L"),
            ):
                commanded([*words, "--out", f"{words[0]}.json"], folder, codes=(0, 1))
            return {path.name: path.read_bytes() for path in folder.glob("*.json")}

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        name = rng.choice(sorted(self.results))
        data = self.results[name]
        how = rng.random()
        if how < 0.2:
            data = damaged_bytes(rng, data)
        elif how < 0.5:
            text = damaged_lines(rng, data.decode(), lambda line: re.split(r'([":,])', line), "")
            data = text.encode("utf-8", "replace")
        else:
            data = json.dumps(damaged_tree(rng, json.loads(data)), default=repr).encode()
        return name.encode() + b"\n" + data

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        import epitope

        name, _, data = case.partition(b"\n")
        path = folder / name.decode()
        path.write_bytes(data)
        for line in epitope.verify(path).lines:
            line.encode()


class SurveyList(Door):
    """A list of structures, and the part of one that a survey was stopped behind.

    A case is the length of the list, a line break, the list and the part. Structures are not read: each has the rows
    of the same one.
    """

    text = "# models\na.pdb\tA:H\nb c.pdb A:H\n\nmodels/a.pdb\n"

    @cached_property
    def rows(self) -> Part:
        """The rows of a small complex."""
        with tempfile.TemporaryDirectory() as folder:
            small_complex().write_pdb(f"{folder}/a.pdb")
            return measure._measured(Job("a.pdb", "A:H"), self.options(folder))

    def options(self, folder: str | Path) -> Options:
        """Return what a survey without options has."""
        return Options(str(folder), str(folder), __version__)

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        names, rows = self.text, json.dumps(self.rows)
        if rng.random() < 0.5:
            names = damaged_lines(rng, names, lambda line: re.split(r"([\t: ])", line), "")
        listed = names.encode("utf-8", "replace")
        if rng.random() < 0.2:
            listed = damaged_bytes(rng, listed)
        how = rng.random()
        if how < 0.4:
            rows = json.dumps(damaged_tree(rng, json.loads(rows)), default=repr)
        part = gzip.compress(damaged_bytes(rng, rows.encode()) if 0.4 < how < 0.6 else rows.encode(), 1, mtime=0)
        part = damaged_bytes(rng, part) if how > 0.8 else part
        return f"{len(listed)}\n".encode() + listed + part

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        size, _, rest = case.partition(b"\n")
        (folder / "list.txt").write_bytes(rest[: int(size)])
        for name in ("a.pdb", "b c.pdb"):
            (folder / name).write_bytes(b"x")
        part = folder / ".survey-parts" / measure.part_name(Job("a.pdb", "A:H"), self.options(folder))
        part.parent.mkdir(parents=True)
        part.write_bytes(rest[int(size) :])

        def here(jobs: list[Job], options: Options, _: int) -> Iterator[tuple[Job, Done]]:
            return ((job, measure_job(job, options)) for job in jobs)

        with (
            contextlib.chdir(folder),
            patch.object(measure, "_measured", lambda *_: self.rows),
            patch.object(bulk, "measure_here", here),
        ):
            made = bulk.survey("list.txt", "survey", workers=1)
        for error in made.errors:
            assert "unexpectedly" not in error, error
            str(EpitopeError(error)).encode()
        if len(made.errors) == made.structures:
            raise EpitopeError(made.errors[0])
