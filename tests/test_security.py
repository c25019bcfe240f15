"""What the package never does, whoever asks: run text, unpickle, use a shell, take a page's handlers or the network."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

import epitope

ROOT = Path(__file__).parents[1]
PACKAGE = Path(epitope.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
TEMPLATES = sorted((PACKAGE / "show" / "report" / "templates").iterdir())


def calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Return every call of a file with the name that it is written by."""
    found = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return [(ast.unparse(node.func), node) for node in found]


def test_no_module_runs_text_unpickles_or_uses_a_shell() -> None:
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        imported = re.findall(r"^\s*(?:import|from)\s+(pickle|shelve|marshal|dill|joblib|yaml)\b", text, re.M)
        assert not imported, path
        for name, call in calls(path):
            assert name not in ("eval", "exec", "os.system", "os.popen", "tempfile.mktemp"), f"{path}: {name}"
            shell = next((word.value for word in call.keywords if word.arg == "shell"), None)
            assert shell is None, f"{path}: {name}(shell=…)"


def test_arrays_are_read_without_their_objects() -> None:
    for path in SOURCES:
        for name, call in calls(path):
            if name in ("np.load", "numpy.load"):
                said = {word.arg: ast.unparse(word.value) for word in call.keywords}
                assert said.get("allow_pickle") == "False", path


@pytest.mark.parametrize("path", [p for p in TEMPLATES if p.suffix in (".j2", ".js")], ids=lambda p: p.name)
def test_no_template_has_a_handler_in_an_attribute_or_turns_text_into_markup(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<[^>{}]+\son[a-z]+\s*=", text)
    assert not re.search(
        r"javascript:|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
    )
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", text)
    assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']?https?:", text)


def test_ci_asks_bandit() -> None:
    assert "bandit" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "bandit" in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def test_every_exception_from_bandit_gives_its_reason() -> None:
    for path in SOURCES:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "nosec" in line:
                assert re.search(r"# nosec B\d{3}  # \w.{10,}", line), f"{path}: {line.strip()}"
