"""A rule, a threshold or an answer does not change without a new version of the rule set."""

import json

from scripts.store_rule_set import STORED, current, digest, rule_table


def test_rules_and_answers_change_only_with_the_version() -> None:
    stored, found = json.loads(STORED.read_text(encoding="utf-8")), current()
    changed = [name for name in stored if stored[name] != found[name]]
    hint = "run python scripts/store_rule_set.py"
    if found["version"] == stored["version"]:
        hint = f"raise RULE_SET_VERSION, say so in CHANGELOG.md and {hint}"
    assert not changed, f"changed: {', '.join(changed)}; {hint}"


def test_the_digest_sees_a_threshold_and_a_verdict() -> None:
    table = rule_table()
    assert any(isinstance(row[-1], float) for row in table)
    for index in range(len(table)):
        altered = [*table[:index], [*table[index][:-1], "other"], *table[index + 1 :]]
        assert digest(altered) != digest(table)
