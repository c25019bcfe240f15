"""The rules: small self-registering objects that say why, each with threshold and source.

Importing this package registers every rule of its modules in `RULES`, in the order in
which evidence is shown. `RULE_SET_VERSION` changes whenever a rule or threshold does.
"""

from epitope.impact.verdicts.rules import antigen, signal_peptide, membrane, tail, splicing  # noqa: F401, I001 (the order shown)
from epitope.impact.verdicts.rules import epitope, fold, sequence, substitution  # noqa: F401
from epitope.impact.verdicts.rules import predictions as _predictions  # noqa: F401  (its evidence is shown last)
from epitope.impact.verdicts.rules import answers  # noqa: F401  (asked when the others have spoken)
from epitope.impact.verdicts.rules.base import RULE_SET_VERSION, RULES, Case, Rule, evidence_of, gravest

__all__ = ["RULES", "RULE_SET_VERSION", "Case", "Rule", "evidence_of", "gravest"]
