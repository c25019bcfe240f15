"""`epitope serve` where what it needs is not installed."""

from __future__ import annotations

import sys

import pytest
from typer.testing import CliRunner

from epitope import cli
from epitope.errors import MissingDependencyError


@pytest.mark.parametrize("missing", ["starlette", "uvicorn", "python_multipart"])
def test_the_message_says_how_to_get_it(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    result = CliRunner().invoke(cli.app, ["serve", "--no-browser"])
    assert isinstance(result.exception, MissingDependencyError)
    assert 'pip install "epitope[web]"' in str(result.exception)
