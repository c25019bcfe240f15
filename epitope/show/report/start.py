"""The page that one types a variant into; its examples are those of the target.

Not for the answer, which is a report, and not for HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from epitope.show.report.page import asset, content_security_policy, fill
from epitope.target.residues import three_letter

if TYPE_CHECKING:
    from epitope.features.measured import MeasuredComplex

MOST_EXAMPLES, LONGEST_EXAMPLE = 8, 25


@dataclass(frozen=True, slots=True)
class Example:
    """A variant to click, and what it is an example of."""

    text: str
    note: str


def examples(structure: MeasuredComplex) -> list[Example]:
    """Return variants of the target to try: one of its epitope, RNA events, published ones.

    Parameters
    ----------
    structure : MeasuredComplex

    Examples
    --------
    >>> import epitope
    >>> examples(epitope.load())[0]
    Example(text='p.Leu96Ala', note='touches the antibody')
    """
    from epitope.variant.readers.published import published_cohort

    target, word = structure.target, structure.complex.roles.word
    contacts = structure.interface.epitope_4A if structure.interface else ()
    touching = [p for p in contacts if target.residue(p) not in "AG" and not target.counted]
    shown = [Example(f"p.{three_letter(target.residue(p))}{p}Ala", f"touches the {word}") for p in touching[:1]]
    shown += [Example(event.name, "RNA event") for event in target.isoforms]
    shown += [
        Example(variant.text, f"printed as {variant.label}" if variant.label else cohort.title)
        for cohort in target.cohorts
        for variant in published_cohort(cohort.name, target)
        if len(variant.text) <= LONGEST_EXAMPLE
    ]
    return list({example.text: example for example in shown}.values())[:MOST_EXAMPLES]


def start_page(
    structure: MeasuredComplex, *, text: str = "", errors: Sequence[str] = (), limit_bytes: int = 0
) -> tuple[str, str]:
    """Return the page as HTML, and the content security policy to send with it.

    Parameters
    ----------
    structure : MeasuredComplex
        What variants will be assessed on.
    text : str
        What stands in the box.
    errors : sequence of str
        What was wrong with it, a line each.
    limit_bytes : int
        Largest file that may be dropped.
    """
    script = asset("start.js")
    policy = content_security_policy([script], form_action="'self'")
    html = fill(
        "start.html.j2",
        [script],
        styles=["report.css", "start.css"],
        policy=policy,
        target=structure.target,
        structure=structure,
        text=text,
        errors=errors,
        examples=examples(structure),
        limit_bytes=limit_bytes,
    )
    return html, policy
