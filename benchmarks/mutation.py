"""How much of the code do the tests hold: mutants of a room, and which of them a test notices.

A mutant is the package with one thing changed (a comparison, a sign, a constant, a condition, what is returned). Of
all mutants of a room (`variant`, `features` or `impact`) a random sample is tested, on a copy of this folder: one
process collects the tests and is forked for each mutant, whose code is put into the functions that are held; a mutant
outside of functions has a process that imports everything anew. First come the tests and examples that speak of the
module, then the others of the room, of the literature and of commands that are of this room alone; slower ones last.
What only tests of other rooms notice counts as survived.
Left out is what changes nothing that a test should hold: annotations, docstrings, messages of errors, ``__repr__``.

    pip install cosmic-ray          # its operators make the mutants
    nice python -m benchmarks.mutation ROOM [--mutants 30] [--seed 1] [--only 3,17] [--longest 1] [--kept FOLDER]

A room's first run takes the time of every test, kept in FOLDER. `--only` runs chosen mutants of the sample again.
Tests that took longer than `--longest` seconds are left out; ask them of what is left: `--only 3,17 --longest 100`.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import gc
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import _lru_cache_wrapper, partial
from importlib import import_module
from math import sqrt
from pathlib import Path
from types import CodeType, FunctionType

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


Tell = Callable[[int, str, str], None]


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

    @property
    def function(self) -> tuple[str, ...] | None:
        """Names of the outermost function that holds the change, None where it is outside of any."""
        return _holder(ast.parse(self.text), self.line)

    def named_by(self, test: Path) -> bool:
        """Say whether a file of tests, or the module with its examples, is likely to notice it."""
        path = Path(self.module)
        stem = path.parent.stem if path.stem == "__init__" else path.stem
        return test.samefile(path) or stem in test.read_text(encoding="utf-8")

    def put_on(self) -> None:
        """Put the changed code into the function wherever it is held, and forget what was kept of the old."""
        names = self.function or ()
        compiled = compile(self.text, str(Path(self.module).resolve()), "exec")
        for name in names:
            compiled = next(c for c in compiled.co_consts if isinstance(c, CodeType) and c.co_name == name)
        for held in gc.get_objects():
            if isinstance(held, FunctionType) and _same(held.__code__, compiled):
                held.__code__ = compiled
            elif isinstance(held, _lru_cache_wrapper) and (held.__module__ or "").startswith("epitope."):
                held.cache_clear()


def _same(one: CodeType, other: CodeType) -> bool:
    """Say whether code is of the same function, changed or not."""
    keys = [(code.co_filename, code.co_qualname, code.co_firstlineno) for code in (one, other)]
    return keys[0] == keys[1]


def _holder(tree: ast.AST, line: int) -> tuple[str, ...] | None:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef) and node.body[0].lineno <= line <= (node.end_lineno or 0):
            return (node.name,)
        if isinstance(node, ast.ClassDef) and (inner := _holder(node, line)):
            return (node.name, *inner)
    return None


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
        try:
            if meaning(new) == meaning(old):
                continue
        except SyntaxError:  # ** of keywords made *, say
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
    """Writes down how long each test took, and which failed."""

    def __init__(self, times: Path) -> None:
        self.times, self.found = times, dict[str, float | None]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        before = self.found.get(report.nodeid, 0)
        self.found[report.nodeid] = None if report.failed or before is None else before + report.duration

    def pytest_sessionfinish(self) -> None:
        self.times.write_text(json.dumps(self.found), encoding="utf-8")


class _Loop:
    """Collects the tests once, and runs them on each mutant in a fork of this process."""

    def __init__(self, mutants: Mapping[int, Mutant], took: dict[str, float | None], tell: Tell) -> None:
        self.mutants, self.took, self.tell = mutants, took, tell

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = [item for item in session.items if self.took.get(item.nodeid, 0) is not None]
        files = {item.path for item in items}
        for number, mutant in self.mutants.items():
            named = {path for path in files if mutant.named_by(path)}
            items.sort(key=lambda item: ((self.took.get(item.nodeid) or 0) > SLOW_S, item.path not in named))
            Path(mutant.module).write_text(mutant.text, encoding="utf-8")
            self.tell(number, *_in_a_fork(partial(self._ask, mutant, items)))
            shutil.copy2(ROOT / mutant.module, mutant.module)
        return True

    def _ask(self, mutant: Mutant, items: Sequence[pytest.Item]) -> str:
        """Return the first test that fails on a mutant; run where nothing is lost."""
        mutant.put_on()
        failed = list[str]()

        class Reports:
            def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
                failed.extend([report.nodeid] * report.failed)

        least, times = TEST_S
        items[0].config.pluginmanager.register(Reports())
        for item, following in zip(items, [*items[1:], None], strict=True):
            signal.setitimer(signal.ITIMER_PROF, least + times * (self.took.get(item.nodeid) or 0))
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if failed:
                return failed[0]
        return ""


def _in_a_fork(ask: Callable[[], str]) -> tuple[str, str]:
    """Return what became of a mutant, and the test that noticed it."""
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(there, (ask() or "survived").encode())
        finally:
            os._exit(0)
    os.close(there)
    with os.fdopen(here) as answers:
        said = answers.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return ("timeout", "") if code < 0 else (said, "") if said == "survived" else ("killed", said or "error")


def _start(plugin: object, room: str, output: Path) -> None:
    """Start pytest on the tests of a room in a process of its own, as a mutant may be in what is imported."""
    child = os.fork()
    if child == 0:
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.dup2(1, 2)
        paths = [f"tests/{room}", f"epitope/{room}", *LAST[room]]
        os._exit(int(pytest.main(["-s", "-n0", "-pno:cacheprovider", *paths], [plugin])))
    os.waitpid(child, 0)


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
        times = kept / f"{room}.json"
        if not times.exists():
            _start(_Watch(times), room, kept / "output")
        took: dict[str, float | None] = json.loads(times.read_text(encoding="utf-8"))
        took = {test: None if taken is None or taken > longest else taken for test, taken in took.items()}
        sys.dont_write_bytecode = True
        ends = kept / f"{room}.ends"
        ends.write_text("", encoding="utf-8")
        screen = os.dup(1)

        def tell(number: int, end: str, test: str) -> None:
            mutant = sample[number - 1]
            line = f"{number:3} {end:8}  {mutant.module}:{mutant.line}  {mutant.change}  {test}\n"
            os.write(screen, line.encode())
            with ends.open("a", encoding="utf-8") as lines:
                lines.write(f"{number} {end}\n")

        chosen = {n: mutant for n, mutant in enumerate(sample, 1) if not only or n in only}
        _start(_Loop({n: mutant for n, mutant in chosen.items() if mutant.function}, took, tell), room, kept / "output")
        for number, mutant in chosen.items():
            if mutant.function is None:  # a constant, say: everything is imported anew
                Path(mutant.module).write_text(mutant.text, encoding="utf-8")
                _start(_Loop({number: mutant}, took, tell), room, kept / "output")
                shutil.copy2(ROOT / mutant.module, mutant.module)
                if not any(line.startswith(f"{number} ") for line in ends.read_text(encoding="utf-8").splitlines()):
                    tell(number, "killed", "import")
        found = Counter(line.split()[1] for line in ends.read_text(encoding="utf-8").splitlines())
    noticed, tested = found["killed"] + found["timeout"], found.total()
    low, high = wilson(noticed, tested)
    print(f"{room}, seed {seed}: {noticed} of {tested} noticed ({found['timeout']} by time), "
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
