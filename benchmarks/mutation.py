"""How much of the code do the tests hold: mutants of a room, and which of them a test notices.

A mutant is the package with one thing changed (a comparison, a sign, a constant, a condition, what is
returned). Of all mutants of a room (`variant`, `features` or `impact`) a random sample is tested, each in a process
forked from a warm one, on a copy of this folder: first the tests that speak of the module and its examples, then the
other tests of the room, of the literature and of commands that are of this room alone; slower ones last. What
only tests of other rooms notice counts as survived.
What is left out changes nothing that a test should hold: annotations, docstrings, messages of errors, ``__repr__``.

    pip install cosmic-ray          # its operators make the mutants
    nice python -m benchmarks.mutation ROOM [--mutants 30] [--seed 1] [--only 3,17] [--longest 1] [--kept FOLDER]

A room's first run takes the time of every test, kept in FOLDER. `--only` runs chosen mutants of the sample again.
Tests that took longer than `--longest` seconds are left out; ask them of what is left: `--only 3,17 --longest 100`.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import sqrt
from pathlib import Path

import hypothesis
import parso
import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator

ROOT = Path(__file__).resolve().parent.parent
LAST = {
    "variant": ["tests/literature"],
    "features": ["tests/literature", "tests/test_dynamics.py"],
    "impact": ["tests/literature", "tests/test_compare.py", "tests/test_cli_scan.py"],
}
"""The rooms, and tests outside a room that are of it: they are run once the room's own have noticed nothing."""
SWAPS = {
    "Comparison": "Eq_NotEq NotEq_Eq Lt_LtE Lt_GtE LtE_Lt LtE_Gt Gt_GtE Gt_LtE GtE_Gt GtE_Lt Is_IsNot IsNot_Is",
    "Binary": "Add_Sub Sub_Add Mul_Div Div_Mul FloorDiv_Mul Mod_FloorDiv Pow_Mul BitAnd_BitOr BitOr_BitAnd",
    "Unary": "Delete_USub Delete_Not Delete_Invert",
}
WORDS = "AddNot ReplaceTrueWithFalse ReplaceFalseWithTrue ReplaceAndWithOr ReplaceOrWithAnd NumberReplacer \
ReplaceBreakWithContinue ReplaceContinueWithBreak ExceptionReplacer ZeroIterationForLoop"
NAMES = [f"core/Replace{kind}Operator_{swap}" for kind, swaps in SWAPS.items() for swap in swaps.split()] + [
    f"core/{word}" for word in WORDS.split()
]
SLOW_S = 0.3
"""Tests that take longer come last."""
TEST_S = (20, 10)
"""A test is stopped after this many processor seconds and this many times what it took before."""


class ReturnNone(Operator):
    """Return nothing instead of something."""

    def mutation_positions(self, node):
        """Yield the place of what is returned."""
        if node.type == "return_stmt":
            yield node.children[1].start_pos, node.children[1].end_pos

    def mutate(self, node, index):
        """Return the statement with None in place of its value."""
        node.children[1] = parso.parse(" None")
        return node

    @classmethod
    def examples(cls):
        """Return no examples."""
        return ()


@dataclass(frozen=True)
class Mutant:
    """A module's new text, and what of it is new."""

    module: str
    line: int
    change: str
    text: str


class _Said(ast.NodeTransformer):
    """Takes out what a mutant should not differ in."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        node.returns = None
        return None if node.name == "__repr__" else self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return ast.Raise()


def meaning(text: str) -> str:
    """Return a module's syntax without annotations and messages."""
    return ast.dump(_Said().visit(ast.parse(text)))


def mutants(room: str, seed: int) -> Iterator[Mutant]:
    """Yield the mutants of a room in random order."""
    operators: list[Operator] = [get_operator(name)() for name in NAMES] + [ReturnNone()]
    paths = sorted((ROOT / "epitope" / room).rglob("*.py"))
    places = [
        (path, operator, occurrence)
        for path in paths
        for operator, found in _counts(path, operators)
        for occurrence in range(found)
    ]
    random.Random(seed).shuffle(places)
    for path, operator, occurrence in places:
        old = path.read_text(encoding="utf-8")
        new = mutate_code(old, operator, occurrence)
        if meaning(new) == meaning(old):
            continue
        lines = [line for line in difflib.ndiff(old.splitlines(), new.splitlines()) if line[0] in "+-"]
        pairs = zip(old.splitlines(), new.splitlines(), strict=False)
        before = next(line[2:] for line in lines if line[0] == "-")
        yield Mutant(
            module=str(path.relative_to(ROOT)),
            line=next(n for n, pair in enumerate(pairs, 1) if pair[0] != pair[1]),
            change=f"{before.strip()}  →  {' '.join(line[2:].strip() for line in lines if line[0] == '+')}",
            text=new,
        )


def _counts(path: Path, operators: Sequence[Operator]) -> list[tuple[Operator, int]]:
    nodes = list(ast_nodes(get_ast(path.read_text(encoding="utf-8"))))
    return [(o, sum(len(list(o.mutation_positions(node))) for node in nodes)) for o in operators]


class _Watch:
    """Orders the tests of a run, bounds each, and writes down how long it took or which failed."""

    def __init__(self, took: dict[str, float | None], note: Path, all_tests: bool) -> None:
        self.took, self.note, self.all_tests, self.found = took, note, all_tests, dict[str, float | None]()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if not self.all_tests:
            items[:] = [item for item in items if self.took.get(item.nodeid, 0) is not None]
            items.sort(key=lambda item: (self.took.get(item.nodeid) or 0) > SLOW_S)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        if not self.all_tests:
            least, times = TEST_S
            signal.setitimer(signal.ITIMER_PROF, least + times * (self.took.get(item.nodeid) or 0))
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or self.found.get(report.nodeid, 0) is None:
            self.found[report.nodeid] = None
            self.note.write_text(report.nodeid, encoding="utf-8")
        else:
            self.found[report.nodeid] = (self.found.get(report.nodeid) or 0) + report.duration


def run(paths: Sequence[str], took: dict[str, float | None], kept: Path, all_tests: bool = False) -> tuple[int, str]:
    """Run tests in a child; return its exit code, negative where a signal ended it, and the test that failed."""
    note = kept / "note.txt"
    note.write_text("", encoding="utf-8")
    child = os.fork()
    if child == 0:
        sink = os.open(kept / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (3600, 3600))
        watch = _Watch(took, note, all_tests)
        code = pytest.main(["-n0", "-pno:cacheprovider", *([] if all_tests else ["-x"]), *paths], plugins=[watch])
        if all_tests:
            (kept / "took.json").write_text(json.dumps(took | watch.found), encoding="utf-8")
        os._exit(int(code))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), note.read_text(encoding="utf-8")


def stages(mutant: Mutant, room: str) -> list[list[str]]:
    """Return the tests to run on a mutant, those that are likely to notice it first."""
    path = Path(mutant.module)
    stem = path.parent.stem if path.stem == "__init__" else path.stem
    named = [str(test) for test in sorted(Path("tests", room).glob("test_*.py")) if stem in test.read_text("utf-8")]
    rest = [*_tests(room), *LAST[room], *(f"--ignore={test}" for test in (mutant.module, *named))]
    return [[mutant.module, *named], rest]


def _tests(room: str) -> list[str]:
    return [f"tests/{room}", f"epitope/{room}"]


def fate(mutant: Mutant, room: str, took: dict[str, float | None], kept: Path) -> tuple[str, str]:
    """Return ``killed``, ``timeout`` or ``survived``, and the test that noticed a mutant."""
    path = Path(mutant.module)
    path.write_text(mutant.text, encoding="utf-8")
    try:
        for paths in stages(mutant, room):
            code, test = run(paths, took, kept)
            if code < 0:
                return "timeout", ""
            if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
                return "killed", test or "import"
        return "survived", ""
    finally:
        shutil.copy2(ROOT / mutant.module, path)


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson)."""
    z, share = 1.96, part / whole
    middle, half = share + z * z / (2 * whole), z * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return (middle - half) / (1 + z * z / whole), (middle + half) / (1 + z * z / whole)


def warm() -> None:
    """Import what is slow to import, and nothing of the package."""
    for name in ("Bio.Align", "gemmi", "immunum", "MDAnalysis", "pandas", "scipy.optimize", "scipy.spatial", "typer"):
        import_module(name)
    hypothesis.settings.register_profile("mutation", database=None, derandomize=True, deadline=None)
    hypothesis.settings.load_profile("mutation")


def main(room: str, count: int, seed: int, only: set[int], longest: float, kept: Path) -> None:
    """Test a sample of mutants and print what became of each."""
    warm()
    sample = [mutant for mutant, _ in zip(mutants(room, seed), range(count), strict=False)]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".hypothesis"))
        os.chdir(copy)
        os.environ |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        sys.path[:] = [str(copy), *(entry for entry in sys.path if Path(entry or ROOT).resolve() != ROOT)]
        times = kept / "took.json"
        took = json.loads(times.read_text(encoding="utf-8")) if times.exists() else {}
        if not any(test.startswith(f"tests/{room}/") for test in took):
            run([*_tests(room), *LAST[room]], took, kept, all_tests=True)
            took = json.loads(times.read_text(encoding="utf-8"))
        took = {test: None if taken is None or taken > longest else taken for test, taken in took.items()}
        sys.dont_write_bytecode = True
        ends: Counter[str] = Counter()
        for number, mutant in enumerate(sample, 1):
            if not only or number in only:
                start = time.monotonic()
                end, test = fate(mutant, room, took, kept)
                ends[end] += 1
                print(f"{number:3} {end:8} {time.monotonic() - start:5.0f} s  {mutant.module}:{mutant.line}  "
                      f"{mutant.change}  {test}", flush=True)  # fmt: skip
    noticed, tested = ends["killed"] + ends["timeout"], ends.total()
    low, high = wilson(noticed, tested)
    print(f"{room}, seed {seed}: {noticed} of {tested} noticed ({ends['timeout']} by time), "
          f"{noticed / tested:.0%} (95 %: {low:.0%} to {high:.0%})")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("room", choices=LAST)
    parser.add_argument("--mutants", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=lambda text: {int(n) for n in text.split(",")}, default=set[int]())
    parser.add_argument("--longest", type=float, default=1.0)
    parser.add_argument("--kept", type=Path, default=Path(tempfile.gettempdir()) / "epitope-mutation")
    given = parser.parse_args()
    given.kept.mkdir(parents=True, exist_ok=True)
    main(given.room, given.mutants, given.seed, given.only, given.longest, given.kept.resolve())
