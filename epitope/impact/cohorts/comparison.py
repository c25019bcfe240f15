"""A mechanism held against the summary that its authors printed."""

from __future__ import annotations

from collections.abc import Sequence

from epitope.impact.cohorts.model import Agreement, Term


def compare(terms: Sequence[Term], published: str) -> tuple[Agreement, tuple[str, ...]]:
    """Compare terms with a published summary, and say which differ.

    Parameters
    ----------
    terms : sequence of Term
    published : str
        Terms separated by semicolons; "" where none was printed.

    Returns
    -------
    Agreement
    tuple of str
        A note for what is missing here, and for what is found here alone.

    Examples
    --------
    >>> compare([Term("GENE mutation")], "GENE mutation; Hypermethylation")[1]
    ('published, and not to be had from this table: Hypermethylation',)
    """
    if not published:
        return Agreement.NOT_GIVEN, ()
    printed = {_plain(term): term.strip() for term in published.split(";") if term.strip()}
    found = {_plain(term.text): term for term in terms}
    missing = [term for key, term in printed.items() if key not in found]
    surplus = [str(term) for key, term in found.items() if key not in printed]
    notes = []
    if missing:
        notes.append(f"published, and not to be had from this table: {'; '.join(missing)}")
    if surplus:
        notes.append(f"found here, and not in the published summary: {'; '.join(surplus)}")
    if notes:
        return Agreement.NO, tuple(notes)
    return (Agreement.BY_INFERENCE if any(term.inferred for term in terms) else Agreement.YES), ()


def _plain(term: str) -> str:
    """Return a term as it is compared."""
    return " ".join(term.casefold().split())
