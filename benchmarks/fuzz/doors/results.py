"""Results that are computed again, and what a survey starts from."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import re
import tempfile
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from unittest.mock import patch

from benchmarks.fuzz.doors.base import Door, commanded, loaded
from benchmarks.fuzz.doors.structures import small_complex
from benchmarks.fuzz.mutate import damaged_bytes, damaged_lines, damaged_tree
from epitope import __version__
from epitope.api import assess_each, scan, verifying
from epitope.bulk import measure
from epitope.bulk import run as bulk
from epitope.bulk.jobs import Job
from epitope.bulk.measure import Done, Options, Part, measure_job
from epitope.errors import EpitopeError
from epitope.files import together
from epitope.show.report import report_tables
from epitope.show.report.write import LIST

COHORT = "sample,variant,copy_number\nA,p.Phe61del,1\nB,c.488G>T,2\nC,,0\n"


class Verify(Door):
    """Results as `epitope verify` takes them: JSON, or the folder of a report or an atlas with one damaged file.

    A case is the name of the file, with its folder where it has one, a line break and its bytes.
    """

    @cached_property
    def results(self) -> dict[str, bytes]:
        """An assessment, a cohort, a comparison, a report without its page, and an atlas without its large tables."""
        variants = ("R163L", "p.Phe61del", "c.179_181del", "p.Gly60del")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "samples.csv").write_text(COHORT)
            for words in (
                ("assess", *variants, "--out", "assess.json"),
                ("cohort", "samples.csv", "--out", "cohort.json"),
                ("compare", "6AL5", "blinatumomab", "--variant", "R163L", "--out", "compare.json"),
                ("scan", "--out", "atlas"),
            ):
                commanded(words, folder, codes=(0, 1))
            with together(folder / "report", listed=LIST) as report:
                (report / "assessments.json").write_bytes((folder / "assess.json").read_bytes())
                for table, data in report_tables(loaded(), assess_each(variants, loaded())).items():
                    (report / table).write_bytes(data)
            kept = [*folder.glob("*.json"), *(folder / "report").iterdir()]
            kept += [folder / "atlas" / name for name in ("provenance.json", "candidates.csv")]
            return {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept}

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        name = rng.choice(sorted(self.results))
        data = self.results[name]
        how = rng.random()
        if how < 0.2:
            data = damaged_bytes(rng, data)
        elif how < 0.5 or not name.endswith(".json"):
            text = damaged_lines(rng, data.decode(), lambda line: re.split(r'([":,])', line), "")
            data = text.encode("utf-8", "replace")
        else:
            data = json.dumps(damaged_tree(rng, json.loads(data)), default=repr).encode()
        return name.encode() + b"\n" + data

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        import epitope

        name, _, data = case.partition(b"\n")
        damaged = Path(name.decode())
        home = damaged.parent
        (folder / home).mkdir(exist_ok=True)
        for other, whole in self.results.items():
            if Path(other).parent == home:
                (folder / other).write_bytes(data if Path(other) == damaged else whole)
        with patch.object(verifying, "scan", _scanned):
            for line in epitope.verify(folder / (home if home.name else damaged)).lines:
                line.encode()


_scanned = cache(scan)


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
