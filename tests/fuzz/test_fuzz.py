"""A few damaged inputs for every door, the same at each run; `benchmarks.fuzz` makes as many as one likes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.fuzz import run
from benchmarks.fuzz.doors import DOORS, Door
from epitope.errors import EpitopeError

CASES = {
    **{"structure-pdb": 12, "structure-mmcif": 12, "structure-bcif": 12, "variant": 400, "vcf": 40},
    **{"table": 40, "junctions": 60, "target-pack": 60, "cache": 6, "serve": 30},
    **{"trajectory": 8, "predictions": 20, "verify": 12, "survey-list": 60},
}
NEEDS = {"structure-bcif": "biotite", "table": "openpyxl", "serve": "starlette", "survey-list": "pyarrow"}


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.extras if n in NEEDS else ()) for n in DOORS])
def test_a_damaged_input_gives_a_result_or_one_line(name: str) -> None:
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    outcomes: Counter[str] = Counter()
    for number in range(CASES[name]):
        kind, why = run.outcome_of(DOORS[name], run.case_of(name, 1, number))
        assert kind != "broken", f"{name} 1 {number}: {why}"
        outcomes[kind] += 1
    assert outcomes["refused"]


def test_a_case_is_the_same_whenever_it_is_made() -> None:
    for name in ("structure-pdb", "vcf", "variant"):
        assert run.case_of(name, 3, 14) == run.case_of(name, 3, 14) != run.case_of(name, 3, 15)


class Faulty(Door):
    """Breaks in each way that the contract forbids."""

    def make(self, rng):
        return b"x"

    def open(self, case, folder):
        raise {b"traceback": KeyError("no"), b"fine": EpitopeError("one\nline"), b"exit": SystemExit(3)}[case]


@pytest.mark.parametrize(("case", "kind"), [(b"traceback", "broken"), (b"exit", "broken"), (b"fine", "refused")])
def test_whatever_is_no_error_of_the_package_is_broken(case: bytes, kind: str) -> None:
    assert run.outcome_of(Faulty(), case)[0] == kind


def test_cases_run_in_processes_of_their_own_and_are_counted(tmp_path: Path) -> None:
    summary = run.run("junctions", 5, 1, 1, tmp_path / "broken")
    assert sum(summary.outcomes.values()) == 5
    assert not summary.outcomes["broken"]
    assert not (tmp_path / "broken").exists()
