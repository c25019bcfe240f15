"""Results that are computed again, and what a survey starts from."""

from __future__ import annotations

import gzip
import json
import random
import re
import tempfile
from functools import cached_property
from pathlib import Path

from benchmarks.fuzz.doors.base import Door, commanded
from benchmarks.fuzz.mutate import damaged_bytes, damaged_lines, damaged_tree

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
    """A list of structures, or a part that a survey has left, in which case it begins as a gzip file does."""

    text = "# models\n6al5.cif\tA:HL\nmodels/a b.pdb A:B\n\n/data/x.cif.gz\n../y.bcif\tAB:C\n"
    part = b'{"interface": [{"file": "a.cif", "n_contacts": 3}], "residues": [], "contacts": []}'

    def make(self, rng: random.Random) -> bytes:  # noqa: D102
        if rng.random() < 0.3:
            return damaged_bytes(rng, gzip.compress(self.part, mtime=0))
        data = damaged_lines(rng, self.text, lambda line: re.split(r"([\t: ])", line), "").encode("utf-8", "replace")
        return damaged_bytes(rng, data) if rng.random() < 0.3 else data

    def open(self, case: bytes, folder: Path) -> None:  # noqa: D102
        from epitope.bulk.jobs import find_jobs
        from epitope.bulk.measure import read_part

        path = folder / "list.txt"
        path.write_bytes(case)
        if case.startswith(b"\x1f\x8b"):
            read_part(path)
        else:
            find_jobs([path])
