"""Store what the rule set is and what it answers, under its version.

    python scripts/store_rule_set.py [--check]

Writes ``tests/data/rule_set.json``: a digest of every rule (id, question, verdict, threshold,
unit, source) with the constants of its modules, and digests of the three answers of every
row of the atlas and of the named examples below. A test fails where one of them changes and
`RULE_SET_VERSION` does not. ``tests/data/answers.json`` holds what is said of the examples and
of further ones: every sentence and value, to be read where one changes.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import Any

import epitope
from epitope.impact.verdicts import rules
from epitope.variant import published_cohort

STORED = Path(__file__).resolve().parents[1] / "tests" / "data" / "rule_set.json"
SAID = STORED.with_name("answers.json")
ANSWERS = ["antigen", "fold", "epitope"]
EXAMPLES = (
    "ex2part", "ex2skip", "c.88+5G>A", "c.89-2A>G", "c.355+2T>C", "c.1A>T", "p.Tyr500Ter", "p.Met550Ter",
    "p.Leu6Pro", "p.Val295Asp", "p.Arg139del", "p.Lys220_Gly221insAsnGlySer", "c.1_1671inv", "p.Leu174Val",
)  # fmt: skip

FURTHER = (
    "S153A", "R163L", "W159A", "L174P", "C38S", "P2K", "M16L", "W52R", "N138A", "S140P", "L71W", "V295P", "K220E",
    "W281R", "p.Leu6del", "p.Pro3_Leu6del", "p.Pro4_Val18del", "p.Phe61del", "p.Pro60_Phe61del", "p.Gln108del",
    "p.Asn138del", "p.Glu229del", "p.Thr275del", "p.Leu64_Leu71del", "p.Phe61delinsGlyGly", "p.Lys220_Gly221insGly",
    "p.Lys220_Gly221insCys", "p.Arg139_Ser140del", "p.Glu30_Ser118delinsGlu", "ex3skip", "ex4skip", "ex7skip",
    "c.80_100=", "c.88+1_89-1del", "c.355+5G>A", "c.[487C>T;488G>A]", "c.[183_185del;521T>G]", "c.85_88+5dup",
)  # fmt: skip


def digest(value: Any) -> str:
    """Return a short SHA-256 of anything that JSON holds."""
    text = json.dumps(value, sort_keys=True, default=lambda v: sorted(v) if isinstance(v, frozenset) else str(v))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def rule_table() -> list[list[Any]]:
    """Return every rule and every named constant of the rule modules."""
    table: list[list[Any]] = [
        [rule.id, rule.question, rule.verdict, rule.threshold, rule.unit, rule.source] for rule in rules.RULES.values()
    ]
    for module in sorted(info.name for info in pkgutil.iter_modules(rules.__path__)):
        values = vars(importlib.import_module(f"{rules.__name__}.{module}"))
        table += [
            [module, name, value]
            for name, value in sorted(values.items())
            if name.isupper()
            and isinstance(value, int | float | str | tuple | dict | frozenset)
            and name not in ("RULE_SET_VERSION", "RULES")
        ]
    return table


def current() -> dict[str, str]:
    """Return version and digests as the code gives them now."""
    atlas = epitope.scan()
    named = epitope.assess([*EXAMPLES, *published_cohort("zhao2021")])
    return {
        "version": rules.RULE_SET_VERSION,
        "rules": digest(rule_table()),
        "atlas": digest(atlas[["kind", "hgvs_p", *ANSWERS]].astype(str).values.tolist()),
        "examples": digest(named[["hgvs_p", *ANSWERS, "error"]].astype(str).values.tolist()),
    }


def said() -> dict[str, Any]:
    """Return every sentence and value of the examples, as JSON has them."""
    from epitope.show.tables import assessment_json, assessment_table

    rows = epitope.assess_each([*EXAMPLES, *FURTHER])
    text = assessment_json(assessment_table(rows), rows, epitope.load().target, {})
    kept = ("hgvs_c", "hgvs_p", *ANSWERS, "mechanism", "number_notes", "not_assessed", "notes")
    return {
        row["input"]: {name: row[name] for name in kept if row[name]}
        | {"binders": [[one["binder"], one["verdict"], one["evidence"]] for one in row["binders"]]}
        | {"evidence": [[one[key] for key in ("rule", "verdict", "value", "sentence")] for one in row["evidence"]]}
        for row in json.loads(text)["assessments"]
    }


if __name__ == "__main__":
    found = current()
    if "--check" in sys.argv:
        sys.exit(0 if json.loads(STORED.read_text(encoding="utf-8")) == found else f"{STORED.name} is out of date")
    STORED.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    SAID.write_text(json.dumps(said(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
