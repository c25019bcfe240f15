"""What every test run shares: a switch that turns a skip into a failure.

Tests that need a browser, a kernel or an optional dependency are skipped where it is
missing, so that the plain test command passes on a bare machine. CI installs all of it
and passes ``--no-skips``: there a skip is a test that nobody runs, and fails.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

os.environ["EPITOPE_NO_CACHE"] = "1"  # a test sees what is computed, and leaves nothing with the user
_Report = TypeVar("_Report", pytest.TestReport, pytest.CollectReport)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail a test that would be skipped")
    parser.addoption("--store-references", action="store_true", help="store new reference pictures of figures")


def _fail_if_skipped(report: _Report, config: pytest.Config) -> _Report:
    if report.skipped and config.getoption("--no-skips") and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if "empty parameter set" in reason:  # nothing to run is not the same as not run
            return report
        report.outcome = "failed"
        report.longrepr = f"skipped where --no-skips forbids it: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _fail_if_skipped((yield), item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _fail_if_skipped((yield), collector.config)
