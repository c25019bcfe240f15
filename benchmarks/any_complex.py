"""Which structures go through every command without a target, and whether the answers are about the right chains.

    python -m benchmarks.any_complex DATA [--scan N]

DATA holds ``binding/skempi2_singles.tsv`` (SKEMPI 2.0) with the two sides of each complex, and folders
``*/structures/*.pdb.gz``. Of a complex both sides are taken for the antigen in turn, each judged as it is and with its
sides named, by one measured substitution of the antigen; of a structure in no complex the first chain is named as
the antigen and its middle residue replaced. ``structure``, ``residues``, ``distances``, ``assess`` and, for the first N
structures, ``scan`` run as on the command line.

right    every command answers, antigen and binder are the two sides, and the residue is the one that was measured
refused  a command refuses in one line, which asks for what it needs
wrong    anything else: other chains, another residue, a traceback
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import gemmi
import pandas as pd
from typer.testing import CliRunner

import epitope.api
from epitope.cli import ALL_FAILED, app
from epitope.errors import EpitopeError
from epitope.target.residues import ONE, three_letter

COMMANDS = ("structure", "residues", "distances", "assess", "scan")


class Question(NamedTuple):
    """A structure with the antigen to ask about, "" for none named, and one change of it."""

    path: Path
    antigen: str
    binder: str
    named: bool
    chain: str
    number: str
    old: str
    new: str


class Answer(NamedTuple):
    """What became of a question: right, refused or wrong, and why."""

    verdict: str
    reason: str


def questions(data: Path) -> Iterator[Question]:
    """Ask about both sides of every complex, as it is and named, and about every other structure."""
    text = dict.fromkeys(("pdb", "partner_1", "partner_2", "chain", "residue"), str)
    table = pd.read_csv(data / "binding" / "skempi2_singles.tsv", sep="\t", dtype=text)
    complexes = {pdb.lower(): rows for pdb, rows in table.groupby("pdb")}
    paths: dict[str, Path] = {}
    for path in sorted(data.glob("*/structures/*.pdb.gz")):
        paths.setdefault(path.name[:4], path)
    for name, path in paths.items():
        if name not in complexes:
            chain, number, old = _middle(path)
            for named in (False, True):
                yield Question(path, chain, "", named, chain, number, old, "A" if old != "A" else "S")
            continue
        rows = complexes[name]
        first, second = rows[["partner_1", "partner_2"]].iloc[0]
        for antigen, binder in ((first, second), (second, first)):
            mine = rows[rows["chain"].isin(list(antigen))]
            if len(mine):
                row = mine.iloc[0]
                for named in (False, True):
                    yield Question(
                        path, antigen, binder, named, row["chain"], row["residue"], row["wild_type"], row["mutant"]
                    )


def _middle(path: Path) -> tuple[str, str, str]:
    """Return chain, number and letter of the middle residue of the first protein chain."""
    for chain in gemmi.read_structure(str(path))[0]:
        seen = [(str(r.seqid), ONE[r.name]) for r in chain if r.name in ONE and any(a.name == "CA" for a in r)]
        if seen:
            return (chain.name, *seen[len(seen) // 2])
    raise ValueError(f"{path}: no protein")


def answer(asked: Question, *, scan: bool) -> Answer:
    """Put a question to every command."""
    change = f"{asked.chain}:{asked.old}{asked.number}"
    options = ["--structure", str(asked.path)]
    if asked.named:
        options += ["--antigen", ",".join(asked.antigen)]
        options += ["--antibody", ",".join(asked.binder)] if asked.binder else []
    printed = {}
    for command in COMMANDS[: None if scan else -1]:
        words = {"distances": [change, change], "assess": [f"{change}{asked.new}"]}.get(command, [])
        result = CliRunner().invoke(app, [command, *words, *options, *([] if command == "distances" else ["--json"])])
        if isinstance(result.exception, EpitopeError) or result.exit_code == ALL_FAILED:
            said = result.stderr if isinstance(result.exception, SystemExit) else str(result.exception)
            return Answer("refused", f"{command}: {_reason(said, asked)}")
        if result.exit_code:
            return Answer("wrong", f"{command}: {type(result.exception).__name__}: {result.exception}")
        printed[command] = result.stdout
    return _judged(asked, printed)


def _judged(asked: Question, printed: dict[str, str]) -> Answer:
    """Hold what the commands printed against the sides and the residue of the question."""
    structure = json.loads(printed["structure"])
    roles = {chain["chain"]: chain["role"] for chain in structure["chains"]}
    antigen = {name for name, role in roles.items() if "antigen" in role}
    binder = {name for name, role in roles.items() if role not in ("antigen", "other")}
    (row,) = json.loads(printed["assess"])["assessments"]
    (position,) = row["positions_changed"]
    held = next(r for r in json.loads(printed["residues"]) if r["uniprot_position"] == position)
    here = (held["chain"], f"{held['author_number']}{held['insertion_code']}".lower(), held["residue"])
    number = f"{three_letter(asked.old)}{asked.number}{three_letter(asked.new)}".lower()
    if here != (asked.chain, asked.number.lower(), asked.old):
        return Answer("wrong", f"{asked.chain}:{asked.old}{asked.number} was read as {here}")
    if structure["notes"] and "no pack knows" in structure["notes"][-1] and number not in row["hgvs_p"].lower():
        return Answer("wrong", f"{asked.chain}:{asked.old}{asked.number} is called {row['hgvs_p']}")
    if antigen == set(asked.antigen) and not binder and "no antibody was" in " ".join(structure["notes"]):
        return (
            Answer("refused", "epitope: none is known, and every result asks for what binds")
            if asked.binder
            else (Answer("right", ""))
        )
    if antigen != set(asked.antigen) or binder != set(asked.binder):
        return Answer("wrong", f"antigen {''.join(sorted(antigen))}, bound by {''.join(sorted(binder)) or 'nothing'}")
    return Answer("right", "")


def _reason(message: str, asked: Question) -> str:
    """Make reasons of different files alike."""
    return " ".join(message.replace(f"{asked.path}: ", "").replace("epitope: ", "").split())


def main(data: Path, scanned: int) -> None:
    """Print a line for each question that was not answered right, and the counts."""
    counts: Counter[tuple[str, str, str]] = Counter()
    # The commands of a question share what they load.
    epitope.api.load = lru_cache(maxsize=1)(epitope.api.load)  # type: ignore[assignment]
    for number, asked in enumerate(questions(data)):
        found = answer(asked, scan=number < scanned)
        kind = "complex" if asked.binder else "chain alone"
        counts[kind, "named" if asked.named else "as it is", found.verdict] += 1
        if found.verdict != "right" and (asked.binder or asked.named or found.verdict == "wrong"):
            given = f"{asked.antigen}:{asked.binder}" if asked.named else "as it is"
            print(f"{asked.path.name[:4]}  {asked.antigen}:{asked.binder:3} {given:9} {found.verdict}: {found.reason}")
    print(f"\n{'':12} {'':9} {'right':>7} {'refused':>7} {'wrong':>7}")
    for kind, named in sorted({key[:2] for key in counts}, reverse=True):
        row = [counts[kind, named, verdict] for verdict in ("right", "refused", "wrong")]
        print(f"{kind:12} {named:9} " + " ".join(f"{count:7d}" for count in row))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--scan", type=int, default=0, help="how many questions are put to `scan` too")
    given = parser.parse_args()
    main(given.data, given.scan)
