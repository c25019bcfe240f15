"""The same input gives the same bytes in every format, whatever the environment."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
WRITE = """
import importlib.util, os, sys
from typer.testing import CliRunner
from epitope.cli import app
kinds = "csv,tsv,json" + (",xlsx" if importlib.util.find_spec("openpyxl") else "")
sys.argv = ["epitope", "assess"]
for words in (
    ["assess", "R163L", "ex2part", "[c.487C>T;488G>A]", "p.Gly60del", "--out", f"t.{kinds}"],
    ["residues", "--out", f"r.{kinds}"],
    ["figure", "lollipop", "ex2part", "R163L", "--out", "figures"],
    ["view", "R163L", "--viewer-script", "none", "--out", "v.html,pml,cxc"],
):
    assert CliRunner().invoke(app, words).exit_code in (0, 1)
"""
ENVIRONMENTS = (
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC0", "COLUMNS": "200"},
    {
        "PYTHONHASHSEED": "4242",
        "LC_ALL": "",
        "LANG": "C.UTF-8",
        "TZ": "Asia/Kathmandu",
        "SOURCE_DATE_EPOCH": "86400",
        "COLUMNS": "40",
        "PYTHONUTF8": "1",
    },
)


def test_hash_seed_locale_time_zone_date_and_folder_change_no_byte(tmp_path):
    runs = []
    for number, environment in enumerate(ENVIRONMENTS):
        folder = tmp_path / ("x" * (number + 1)) / "out"
        folder.mkdir(parents=True)
        whole = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        runs.append((folder, subprocess.Popen([sys.executable, "-c", WRITE], cwd=folder, env=whole)))
    assert [run.wait(timeout=300) for _, run in runs] == [0, 0]
    first, second = ({p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f, _ in runs)
    assert len(first) > 10
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
