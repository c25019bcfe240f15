"""A rule, a threshold or an answer does not change without a new version of the rule set."""

import json

import pytest

from epitope.impact.verdicts.model import Verdict
from epitope.impact.verdicts.rules import RULES, length_change
from epitope.impact.verdicts.rules import epitope as epitope_rules
from scripts.store_rule_set import SAID, STORED, current, digest, rule_table, said


def test_rules_and_answers_change_only_with_the_version() -> None:
    stored, found = json.loads(STORED.read_text(encoding="utf-8")), current()
    changed = [name for name in stored if stored[name] != found[name]]
    hint = "run python scripts/store_rule_set.py"
    if found["version"] == stored["version"]:
        hint = f"raise RULE_SET_VERSION, say so in CHANGELOG.md and {hint}"
    assert not changed, f"changed: {', '.join(changed)}; {hint}"


def test_every_sentence_and_value_of_the_examples_is_as_stored() -> None:
    stored, found = json.loads(SAID.read_text(encoding="utf-8")), said()
    assert list(found) == list(stored)
    for text, answer in found.items():
        values = [[one.pop(2) for one in side[text]["evidence"]] for side in (found, stored)]
        assert answer == stored[text], f"{text}; where it is meant, run python scripts/store_rule_set.py"
        for one, other in zip(*values, strict=True):
            assert one == (pytest.approx(other, abs=0.011) if isinstance(other, float) else other), text


@pytest.mark.parametrize(("name", "value"), [("threshold", 9.9), ("verdict", Verdict.LOST), ("source", "another")])
def test_the_digest_sees_what_a_rule_is(monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> None:
    before = digest(rule_table())
    monkeypatch.setattr(type(RULES["epitope.sugar_in_the_way"]), name, value)
    assert digest(rule_table()) != before


def test_the_digest_sees_a_constant_be_it_a_number_or_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest(rule_table())
    with monkeypatch.context() as patch:
        patch.setattr(epitope_rules, "EPITOPE_LOST_SHARE", 0.6)
        assert digest(rule_table()) != before
    with monkeypatch.context() as patch:
        patch.setitem(length_change.WEIGHTS, "burial", 2.0)
        assert digest(rule_table()) != before
    assert digest(rule_table()) == before
